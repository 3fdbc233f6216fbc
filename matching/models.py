"""Tables of the room: who is listed and why, what they are compared with, and what the comparison found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns


class RecordColumns:
    """What identifies a person, a vehicle or a document, as the source wrote it. Empty is NULL, never ''."""

    source_record: Mapped[str] = mapped_column(String(128), comment="identifier of the record in its source")
    surname: Mapped[str | None] = mapped_column(String(128), comment="family name as written")
    given_name: Mapped[str | None] = mapped_column(String(128), comment="given names as written")
    name: Mapped[str | None] = mapped_column(String(256), comment="full name as written")
    date_of_birth: Mapped[str | None] = mapped_column(String(10), comment="ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD")
    sex: Mapped[str | None] = mapped_column(String(8), comment="as written; compared as M or F")
    id_number: Mapped[str | None] = mapped_column(String(64), comment="resident identity number (GB 11643)")
    document_number: Mapped[str | None] = mapped_column(String(64), comment="number of a passport, permit or licence")
    document_type: Mapped[str | None] = mapped_column(String(64), comment="kind of that document")
    phone: Mapped[str | None] = mapped_column(String(64), comment="telephone number as written")
    plate: Mapped[str | None] = mapped_column(String(32), comment="licence plate as written")
    plate_colour: Mapped[str | None] = mapped_column(String(16), comment="blue, yellow, green, white or black")
    vin: Mapped[str | None] = mapped_column(String(32), comment="vehicle identification number (ISO 3779)")
    make: Mapped[str | None] = mapped_column(String(64), comment="maker and model of the vehicle")
    colour: Mapped[str | None] = mapped_column(String(32), comment="colour of the vehicle")
    height_cm: Mapped[int | None] = mapped_column(Integer, comment="height of the person in centimetres")
    place: Mapped[str | None] = mapped_column(String(256), comment="where it happened: lost, found, taken, last seen")
    happened_on: Mapped[str | None] = mapped_column(String(10), comment="ISO date on which it happened")
    belongings: Mapped[str | None] = mapped_column(Text, comment="clothes and things worn or carried")
    imported_us: Mapped[int] = mapped_column(comment="UTC time of the import that last wrote the row, microseconds")
    imported_version: Mapped[int] = mapped_column(
        index=True, default=0, server_default="0", comment="which version (record_version) last wrote the row"
    )


RECORD_FIELDS = tuple(name for name in RecordColumns.__annotations__ if not name.startswith(("source_", "imported_")))


class KeyPerson(OriginColumns, RecordColumns, CoreBase):
    """A person under legal process. No row exists without ground, issuer, instrument and expiry."""

    __tablename__ = "key_person"
    __table_args__ = (UniqueConstraint("center_id", "list_name", "source_record"),)

    list_name: Mapped[str] = mapped_column(String(32), index=True, comment="which of the six lists")
    ground: Mapped[str] = mapped_column(String(64), comment="legal ground, from the closed set of the list")
    issuer: Mapped[str] = mapped_column(String(256), comment="authority that issued the instrument")
    instrument: Mapped[str] = mapped_column(String(128), comment="number of the warrant, report, order or summons")
    issued_on: Mapped[str] = mapped_column(String(10), comment="ISO date of issue")
    action: Mapped[str] = mapped_column(Text, comment="what to do when the person is found, as the issuer wrote it")
    review_on: Mapped[str] = mapped_column(String(10), comment="last ISO date without a review; later it is suspended")
    expires_on: Mapped[str] = mapped_column(String(10), comment="last ISO date on which the record may be compared")
    withdrawn_on: Mapped[str | None] = mapped_column(String(10), comment="ISO date of withdrawal by the issuer")
    imported_by: Mapped[str] = mapped_column(String(64), comment="who imported it; may not verify its hits")


class ReferenceRecord(OriginColumns, RecordColumns, CoreBase):
    """A row of one of the four reference databases."""

    __tablename__ = "reference_record"
    __table_args__ = (UniqueConstraint("center_id", "database", "source_record"),)

    database: Mapped[str] = mapped_column(String(32), index=True, comment="which of the four reference databases")
    withdrawn_on: Mapped[str | None] = mapped_column(String(10), comment="ISO date on which the source withdrew it")


class ComparisonRun(OriginColumns, CoreBase):
    """One run of one of the 24 cells."""

    __tablename__ = "comparison_run"
    __table_args__ = (Index("ix_comparison_run_cell", "center_id", "list_name", "database", "finished_us"),)

    list_name: Mapped[str] = mapped_column(String(32), comment="list of the cell")
    database: Mapped[str] = mapped_column(String(32), comment="reference database of the cell")
    started_us: Mapped[int] = mapped_column(comment="UTC start in microseconds")
    finished_us: Mapped[int] = mapped_column(comment="UTC end in microseconds")
    compared: Mapped[int] = mapped_column(comment="list records in force that share a usable key with the database")
    not_comparable: Mapped[int] = mapped_column(comment="list records in force that share no usable key with it")
    suspended: Mapped[int] = mapped_column(comment="list records left out: expired, withdrawn or overdue for review")
    pairs: Mapped[int] = mapped_column(comment="candidate pairs that were scored")
    linked: Mapped[int] = mapped_column(comment="pairs of one source record on both sides: linked, not alerted")
    hits: Mapped[int] = mapped_column(comment="hits of the cell standing after the run")
    new_hits: Mapped[int] = mapped_column(comment="hits that this run found first")
    recalled: Mapped[int] = mapped_column(comment="hits that this run recalled")
    versions: Mapped[dict[str, Any]] = mapped_column(comment="versions of catalogue, model and normalising")


class Hit(OriginColumns, CoreBase):
    """A lead: a list record and a reference record that agree, or a plate read that agrees with one record.

    A record hit has key_person_id and reference_id. A plate hit has observation_id and exactly one of the two.
    """

    __tablename__ = "hit"
    __table_args__ = (
        # NULLs are distinct in all three: each constraint binds only the kind of hit that fills both columns.
        Index("uq_hit_pair", "key_person_id", "reference_id", unique=True),
        Index("uq_hit_observed_person", "observation_id", "key_person_id", unique=True),
        Index("uq_hit_observed_reference", "observation_id", "reference_id", unique=True),
    )

    list_name: Mapped[str | None] = mapped_column(String(32), index=True, comment="list; NULL: plate read alone")
    database: Mapped[str | None] = mapped_column(String(32), comment="reference database; NULL: plate of a key person")
    key_person_id: Mapped[str | None] = mapped_column(ForeignKey("key_person.id"), comment="the list record")
    reference_id: Mapped[str | None] = mapped_column(ForeignKey("reference_record.id"), comment="the reference record")
    observation_id: Mapped[str | None] = mapped_column(String(36), comment="plate read, in the store observations")
    weight_mbits: Mapped[int] = mapped_column(comment="match weight without the prior, in 1/1000 bit")
    probability: Mapped[float] = mapped_column(Float, comment="posterior probability of a match, 0 to 1")
    explanation: Mapped[dict[str, Any]] = mapped_column(comment="prior, fields, keys, evidence against, versions")
    created_us: Mapped[int] = mapped_column(index=True, comment="UTC time at which it was found, microseconds")
    recalled_us: Mapped[int | None] = mapped_column(comment="UTC time of its recall in microseconds; NULL: it stands")
    recall_cause: Mapped[str | None] = mapped_column(
        String(16), comment="expired, withdrawn, review_overdue or changed"
    )


class RecordVersion(CoreBase):
    """Rises with each import, so that an index knows when it is old, and which rows it lacks."""

    __tablename__ = "record_version"

    name: Mapped[str] = mapped_column(String(16), primary_key=True, comment="lists or references")
    version: Mapped[int] = mapped_column(comment="raised by each import that wrote a row")

"""Records out of the store, normalised once for all comparisons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select
from sqlalchemy.orm import Session

from matching.catalogue import DatabaseName
from matching.keys import KeyName
from matching.models import RECORD_FIELDS, KeyPerson, RecordVersion, ReferenceRecord
from matching.normalising import normalise
from matching.scoring import Record
from matching.validity import Lapse, is_withdrawn, lapse

_SHARED = ("id", "source_record", *RECORD_FIELDS)
_LISTING = ("issued_on", "review_on", "expires_on", "withdrawn_on")
_IDS_AT_ONCE = 500
_VERSIONS = select(RecordVersion.name, RecordVersion.version)
_NAMED, _NUMBERED = ("name", "surname", "given_name"), ("id_number", "document_number")
_BORN = ("date_of_birth", *_NUMBERED)
# Columns of which a key is made: one of each group. Birth date and sex may stand in an identity number.
_MADE_OF: Mapping[KeyName, Sequence[Sequence[str]]] = {
    "id_number": (_NUMBERED,),
    "document_number": (("document_number",),),
    "phone": (("phone",),),
    "plate": (("plate",),),
    "vin": (("vin",),),
    "name_birth_date": (_NAMED, _BORN),
    "pinyin_birth_date": (_NAMED, _BORN),
    "name_birth_year_sex": (_NAMED, _BORN, ("sex", *_NUMBERED)),
    "close_name": (_NAMED, _BORN),
    "sex_height_place": (("sex", *_NUMBERED), ("height_cm",), ("place",)),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list record with the dates that decide on which days it may be compared."""

    record: Record
    issued_on: str
    review_on: str
    expires_on: str
    withdrawn_on: str | None


@dataclass(slots=True)
class Today:
    """What may be compared of one list today, and why the rest may not."""

    records: list[Record]
    lapsed: dict[str, Lapse]


def listed(session: Session, list_name: str, *within: ColumnElement[bool]) -> list[Listed]:
    """In the order of their ids, so that every run meets the pairs in one order."""
    columns = [getattr(KeyPerson, name) for name in (*_SHARED, *_LISTING)]
    rows = session.execute(select(*columns).where(KeyPerson.list_name == list_name, *within).order_by(KeyPerson.id))
    return [Listed(_record(row), *(getattr(row, name) for name in _LISTING)) for row in rows]


def key_persons(session: Session, list_name: str, day: str) -> Today:
    collection = Today([], {})
    for entry in listed(session, list_name):
        cause = lapse(entry, day)
        if cause is None:
            collection.records.append(entry.record)
        else:
            collection.lapsed[entry.record.id] = cause
    return collection


def count_in_force(session: Session, list_name: str, day: str) -> tuple[int, int]:
    """Records of a list that may be compared on the day, and those that may not."""
    columns = [getattr(KeyPerson, name) for name in _LISTING]
    lapses = [lapse(row, day) for row in session.execute(select(*columns).where(KeyPerson.list_name == list_name))]
    in_force = lapses.count(None)
    return in_force, len(lapses) - in_force


def references(session: Session, database: str, day: str, *within: ColumnElement[bool]) -> list[Record]:
    """Of a database, in force on the day."""
    columns = [getattr(ReferenceRecord, name) for name in _SHARED]
    return [_record(row) for row in session.execute(select(*columns).where(_of(database, day), *within))]


@dataclass(frozen=True, slots=True)
class Referred:
    record: Record
    database: DatabaseName


def references_by_id(session: Session, ids: Collection[str], day: str) -> dict[str, Referred]:
    """Those that are in force on the day."""
    columns = [getattr(ReferenceRecord, name) for name in (*_SHARED, "database", "withdrawn_on")]
    found, left = {}, iter(sorted(ids))
    while chunk := list(islice(left, _IDS_AT_ONCE)):
        for row in session.execute(select(*columns).where(ReferenceRecord.id.in_(chunk))):
            if not is_withdrawn(row.withdrawn_on, day):
                found[row.id] = Referred(_record(row), row.database)
    return found


def usable_keys(session: Session, database: DatabaseName, day: str, keys: Iterable[KeyName]) -> set[KeyName]:
    """Of the keys those that any record of the database in force can have."""
    found = set()
    for key in keys:
        filled = [or_(*(getattr(ReferenceRecord, name).is_not(None) for name in names)) for names in _MADE_OF[key]]
        if session.scalar(select(ReferenceRecord.id).where(_of(database, day), *filled).limit(1)) is not None:
            found.add(key)
    return found


def _of(database: str, day: str) -> ColumnElement[bool]:
    return and_(
        ReferenceRecord.database == database,
        or_(ReferenceRecord.withdrawn_on.is_(None), ReferenceRecord.withdrawn_on > day),
    )


def record_versions(rows: Session | Connection) -> dict[str, int]:
    """Of lists and of references, each by the last import that wrote a row; a side that has none is at 0."""
    return {row.name: row.version for row in rows.execute(_VERSIONS)}


def raw_of(row: Row[Any]) -> dict[str, Any]:
    """What is recorded, as the source wrote it."""
    return {name: value for name in RECORD_FIELDS if (value := getattr(row, name)) is not None}


def _record(row: Row[Any]) -> Record:
    raw = raw_of(row)
    return Record(row.id, row.source_record, raw, normalise(raw))

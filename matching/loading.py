"""Records out of the store, normalised once for all comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from matching.models import RECORD_FIELDS, KeyPerson, RecordVersion, ReferenceRecord
from matching.normalising import normalise
from matching.scoring import Record
from matching.validity import Lapse, is_withdrawn, lapse

_SHARED = ("id", "source_record", *RECORD_FIELDS)
_LISTING = ("issued_on", "review_on", "expires_on", "withdrawn_on")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list record with the dates that decide on which days it may be compared."""

    record: Record
    issued_on: str
    review_on: str
    expires_on: str
    withdrawn_on: str | None


@dataclass(slots=True)
class Collection:
    """What may be compared of one list or database today, and why the rest may not."""

    records: list[Record]
    lapsed: dict[str, Lapse]


def listed(session: Session, list_name: str, *within: ColumnElement[bool]) -> list[Listed]:
    """In the order of their ids, so that every run meets the pairs in one order."""
    columns = [getattr(KeyPerson, name) for name in (*_SHARED, *_LISTING)]
    rows = session.execute(select(*columns).where(KeyPerson.list_name == list_name, *within).order_by(KeyPerson.id))
    return [Listed(_record(row), *(getattr(row, name) for name in _LISTING)) for row in rows]


def key_persons(session: Session, list_name: str, day: str) -> Collection:
    collection = Collection([], {})
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


def references(session: Session, database: str, day: str, *within: ColumnElement[bool]) -> Collection:
    columns = [getattr(ReferenceRecord, name) for name in (*_SHARED, "withdrawn_on")]
    rows = session.execute(
        select(*columns).where(ReferenceRecord.database == database, *within).order_by(ReferenceRecord.id)
    )
    collection = Collection([], {})
    for row in rows:
        if is_withdrawn(row.withdrawn_on, day):
            collection.lapsed[row.id] = "withdrawn"
        else:
            collection.records.append(_record(row))
    return collection


def record_versions(session: Session) -> Sequence[tuple[str, int]]:
    """Alike as long as no import has written."""
    rows = session.execute(select(RecordVersion.name, RecordVersion.version).order_by(RecordVersion.name))
    return [(row.name, row.version) for row in rows]


def _record(row: Row[Any]) -> Record:
    raw = {name: value for name in RECORD_FIELDS if (value := getattr(row, name)) is not None}
    return Record(row.id, row.source_record, raw, normalise(raw))

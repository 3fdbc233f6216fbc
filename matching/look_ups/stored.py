"""Rows that may be what somebody looks up, out of the store, within a scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, select

from foundation.scope import Scope, covered
from matching.center_index.sides import SIDES, TABLES, Side
from matching.models import RECORD_FIELDS, KeyPerson, ReferenceRecord
from matching.validity import is_withdrawn, lapse

_IDS: Final = "ids"
LISTING: Final = ("ground", "issuer", "instrument", "issued_on", "review_on", "expires_on", "action")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be what was looked up; `collection` of the row is its list or database."""

    side: Side
    row: Row[Any]
    weight_mbits: int
    probability: float
    is_lead: bool
    explanation: Mapping[str, Any]


def rows_of(rows: Connection, scope: Scope, side: Side, ids: Collection[str]) -> Sequence[Row[Any]]:
    """With what is recorded and, of a listed person, why."""
    return rows.execute(_WHOLE[side], {_IDS: list(ids), **scope.bound}).all() if ids else ()


def ids_in_force(rows: Connection, scope: Scope, side: Side, ids: Collection[str], day: str) -> set[str]:
    """Of the rows those in the scope that may be compared on the day."""
    found = rows.execute(_DATES[side], {_IDS: list(ids), **scope.bound}) if ids else ()
    if side == "references":
        return {row.id for row in found if not is_withdrawn(row.withdrawn_on, day)}
    return {row.id for row in found if lapse(row, day) is None}


def _whole(side: Side) -> Select[Any]:
    table = TABLES[side]
    shared = [getattr(table, name) for name in ("id", "center_id", "source_record", *RECORD_FIELDS)]
    if side == "references":
        return _by_id(side, *shared, ReferenceRecord.database.label("collection"))
    of_listing = (getattr(KeyPerson, name) for name in LISTING)
    return _by_id(side, *shared, KeyPerson.list_name.label("collection"), *of_listing)


def _dates(side: Side) -> Select[Any]:
    if side == "references":
        return _by_id(side, ReferenceRecord.id, ReferenceRecord.withdrawn_on)
    of_listing = (KeyPerson.issued_on, KeyPerson.review_on, KeyPerson.expires_on, KeyPerson.withdrawn_on)
    return _by_id(side, KeyPerson.id, *of_listing)


def _by_id(side: Side, *columns: Any) -> Select[Any]:
    """Built once. The center in a form that keeps the planner at the identifiers: by it all its rows would be read."""
    table = TABLES[side]
    return select(*columns).where(table.id.in_(bindparam(_IDS, expanding=True)), covered(table.center_id.concat("")))


_WHOLE: Final = {side: _whole(side) for side in SIDES}
_DATES: Final = {side: _dates(side) for side in SIDES}

"""Rows that may be what somebody looks up, out of the store, within a scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from foundation.scope import Scope
from matching.center_index.sides import SIDES, TABLES, Side
from matching.models import RECORD_FIELDS, KeyPerson, ReferenceRecord

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
    """With what is recorded and, of a listed person, why; lapsed ones among them."""
    if not ids:
        return []
    table = TABLES[side]
    return rows.execute(_STATEMENTS[side].where(table.id.in_(ids), scope.covers(table.center_id))).all()


def _statement(side: Side) -> Select[Any]:
    table = TABLES[side]
    shared = [getattr(table, name) for name in ("id", "center_id", "source_record", "withdrawn_on", *RECORD_FIELDS)]
    if side == "references":
        return select(*shared, ReferenceRecord.database.label("collection"))
    return select(*shared, KeyPerson.list_name.label("collection"), *(getattr(KeyPerson, name) for name in LISTING))


_STATEMENTS: Final = {side: _statement(side) for side in SIDES}

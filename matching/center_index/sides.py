"""The two sides of the store, each with an index of its own: the six lists, and the four reference databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from matching.models import RECORD_FIELDS, KeyPerson, RecordVersion, ReferenceRecord

Side = Literal["lists", "references"]
SIDES: Final[tuple[Side, ...]] = ("lists", "references")  # as `record_version` names them
TABLES: Final[Mapping[Side, type[KeyPerson] | type[ReferenceRecord]]] = {
    "lists": KeyPerson,
    "references": ReferenceRecord,
}


_VERSIONS: Final = select(RecordVersion.name, RecordVersion.version)


def index_path(folder: Path, side: Side) -> Path:
    return folder / f"{side}.index"


def store_versions(rows: Connection) -> dict[str, int]:
    """As `store_version`, of each side that has one."""
    return {row.name: row.version for row in rows.execute(_VERSIONS)}


def store_version(session: Session, side: Side) -> int:
    """Of the last import that wrote a row; 0 before the first."""
    return session.scalar(select(RecordVersion.version).where(RecordVersion.name == side)) or 0


def raw_of(row: Row[Any]) -> dict[str, Any]:
    """What is recorded, as the source wrote it."""
    return {name: value for name in RECORD_FIELDS if (value := getattr(row, name)) is not None}

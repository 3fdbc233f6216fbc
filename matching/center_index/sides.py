"""The two sides of the store, each with an index of its own: the six lists, and the four reference databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from matching.models import KeyPerson, ReferenceRecord

Side = Literal["lists", "references"]
SIDES: Final[tuple[Side, ...]] = ("lists", "references")  # as `record_version` names them
TABLES: Final[Mapping[Side, type[KeyPerson] | type[ReferenceRecord]]] = {
    "lists": KeyPerson,
    "references": ReferenceRecord,
}


def index_path(folder: Path, side: Side) -> Path:
    return folder / f"{side}.index"

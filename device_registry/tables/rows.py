"""What readers of tables have in common: rows with their numbers, notes of what was not taken, the header."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from device_registry.tables.camera_row import COLUMNS
from foundation.errors import FieldProblem, InvalidInput

# The number of a row in its file, and its filled cells by column, or why they cannot be read.
Row = tuple[int, dict[str, str] | list[FieldProblem]]


@dataclass(frozen=True, slots=True)
class RowProblem:
    row: int  # line of the file, the header being line 1; 0: the file as a whole
    column: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Table:
    rows: Iterator[Row]
    notes: list[RowProblem] = field(default_factory=list)  # what is not taken; complete once the rows were read


def with_password(rows: Iterable[Row], password: str) -> Iterator[Row]:
    """The password goes to each row that names a user and has none of its own."""
    for number, cells in rows:
        lacks = isinstance(cells, dict) and "username" in cells and "password" not in cells
        yield number, {**cells, "password": password} if lacks and isinstance(cells, dict) else cells


def columns_of(header: Sequence[str], where: str) -> list[str]:
    """The columns that a header names. Raises `InvalidInput`."""
    names = [cell.strip().lower() for cell in header]
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            mend = f"Did you mean {near[0]}?" if near else f"The columns are {', '.join(COLUMNS)}."
            raise InvalidInput(f"there is no column {name[:40]!r}.", where=where, mend=mend)
        if names.count(name) > 1:
            raise InvalidInput(f"the column {name} stands there twice.", where=where, mend="Remove one.")
    if "code" not in names:
        raise InvalidInput("the column code is missing.", where=where, mend=f"Begin with {','.join(COLUMNS)}.")
    return names

"""The rows of a table from outside as records: each value within limits, each row acceptable or refused."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from foundation.errors import InvalidInput
from matching.csv_files import Refusal
from matching.index.building import Reference
from matching.index.keys import COLUMNS
from matching.record_rows import RowRefused, refuse_unfit

MOST_COLUMNS = 1000
_LONGEST_VALUE = 4000
_LONGEST_NAME = 200
_SHOWN_REFUSALS = 20
# Terminals obey C1 as well, and values are shown there.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

Cells = tuple[int, Sequence[str]]  # the row's number, and its values in the columns asked for
State = tuple[int, int]  # bytes, and when it was last written


class Table(Protocol):
    """A file as rows of text."""

    columns: Sequence[str]
    header: str  # where the columns are named, for errors

    def rows(self, columns: Sequence[str]) -> Iterator[Cells | Refusal]:
        """From the first row on, at each call."""
        ...

    @property
    def done_bytes(self) -> int:
        """About how much of the file was read."""
        ...


class Row(NamedTuple):
    raw: Mapping[str, str]  # the record's columns that are not empty
    row: int  # where it stands, as refusals tell it
    extra: tuple[str, ...]  # the values of the extra columns, in the order in which these were asked for


class RecordFile:
    """A file of records that is open."""

    def __init__(
        self,
        path: Path,
        file: io.BufferedReader,
        state: State,
        sha256: str,
        table: Table,
        *,
        partial: bool,
        extra: tuple[str, ...],
    ) -> None:
        self.path, self.sha256, self.bytes = path, sha256, state[0]
        self.refused = 0
        self.first_refused: list[Refusal] = []
        self._file, self._state, self._table, self._partial, self._extra = file, state, table, partial, extra
        self._columns = self._checked_columns()
        self.ignored_columns = [name for name in table.columns if name not in (*COLUMNS, *extra)]

    def rows(self) -> Iterator[Row]:
        """Each row, from the first one on at each call.

        One that is refused raises `InvalidInput`, or with `partial` is left out and counted. So does a file that is
        damaged, or that changed since it was opened.
        """
        self.refused = 0
        self.first_refused.clear()
        try:
            yield from self._rows()
        except InvalidInput as error:
            if self._has_changed():
                raise self._changed() from error
            raise
        if self._has_changed():
            raise self._changed()

    def references(self) -> Iterator[Reference]:
        return (Reference(it.raw, it.row) for it in self.rows())

    @property
    def done_bytes(self) -> int:
        return self._table.done_bytes

    def _rows(self) -> Iterator[Row]:
        own = len(self._columns)
        columns = tuple(dict.fromkeys((*self._columns, *self._extra)))
        extra = [columns.index(name) for name in self._extra]
        for cells in self._table.rows(columns):
            if isinstance(cells, Refusal):
                self._refuse(cells)
                continue
            row, values = cells[0], [value.strip() for value in cells[1]]
            raw = {name: value for name, value in zip(self._columns, values[:own], strict=True) if value}
            refusal = _unfit(row, columns, values) or _refusal(row, raw)
            if refusal is None:
                yield Row(raw, row, tuple(values[at] for at in extra))
            else:
                self._refuse(refusal)

    def _refuse(self, refusal: Refusal) -> None:
        if not self._partial:
            raise InvalidInput(
                refusal.reason,
                where=f"{self.path}, row {refusal.row}, column {refusal.column}",
                mend=f"{refusal.mend} Or leave such rows out with --partial.",
            )
        self.refused += 1
        if len(self.first_refused) < _SHOWN_REFUSALS:
            self.first_refused.append(refusal)

    def _checked_columns(self) -> Sequence[str]:
        """Those of a record that the file has."""
        names = self._table.columns
        if len(names) > MOST_COLUMNS:
            raise self._columns_refused(f"{len(names)} columns are named.", f"At most {MOST_COLUMNS} are read.")
        long = next((len(name) for name in names if len(name) > _LONGEST_NAME), None)
        if long is not None:
            raise self._columns_refused(f"a column's name has {long} characters.", f"At most {_LONGEST_NAME} are read.")
        if any(_CONTROL.search(name) for name in names):
            raise self._columns_refused("a control character stands in a column's name.", "Remove it.")
        doubled = next((name for name, count in Counter(names).items() if name and count > 1), None)
        if doubled is not None:
            raise self._columns_refused(f"the column {doubled} is named twice.", "Remove one of the two.")
        missing = next((name for name in ("record_id", *self._extra) if name not in names), None)
        if missing is not None:
            raise self._columns_refused(f"there is no column {missing}.", "Name the columns as the guide does.")
        return [name for name in COLUMNS if name in names]

    def _columns_refused(self, what: str, mend: str) -> InvalidInput:
        return InvalidInput(what, where=f"{self.path}, {self._table.header}", mend=mend)

    def _has_changed(self) -> bool:
        return state_of(self._file) != self._state

    def _changed(self) -> InvalidInput:
        return InvalidInput("the file changed while it was read.", where=str(self.path), mend="Try again.")


def state_of(file: io.BufferedReader) -> State:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _unfit(row: int, columns: Sequence[str], values: Sequence[str]) -> Refusal | None:
    together = "".join(values)
    if len(together) <= _LONGEST_VALUE and together.isprintable():  # as nearly every row is
        return None
    for name, value in zip(columns, values, strict=True):
        if len(value) > _LONGEST_VALUE:
            return Refusal(row, name, f"{len(value)} characters, at most {_LONGEST_VALUE} are kept.", "Shorten it.")
        if _CONTROL.search(value):
            return Refusal(row, name, "a control character stands in it.", "Remove it.")
    return None


def _refusal(row: int, raw: Mapping[str, str]) -> Refusal | None:
    try:
        refuse_unfit(raw)
    except RowRefused as refused:
        return Refusal(row, refused.column, refused.reason, refused.mend)
    return None

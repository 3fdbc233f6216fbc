"""Rows of CSV (RFC 4180) in UTF-8 or GB 18030, with commas, semicolons or tabs between the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from device_registry.tables.rows import columns_of
from foundation.errors import InvalidInput

_DELIMITERS = ",;\t"


def text_of(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheets in China still save the second
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the file is neither UTF-8 nor GB 18030 text.", mend="Save it as CSV in UTF-8.")


def header_of(text: str) -> list[str]:
    """The cells of the first line; empty when they cannot be told apart."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), [])
    except csv.Error:
        return []


def rows(
    text: str, named: Callable[[Sequence[str], str], list[str]] = columns_of
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the filled cells of each row that is not empty; `named` makes columns of the header.

    Raises `InvalidInput` for what is no CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    try:
        header = named(next(reader, []), "row 1")
        for cells in reader:
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            if any(row.values()):
                _refuse_long(cells, len(header), reader.line_num)
                yield reader.line_num, {column: cell for column, cell in row.items() if cell}
    except csv.Error as error:
        raise InvalidInput(f"not valid CSV: {error}.", where=f"row {reader.line_num}", mend="Mend the row.") from error


def _delimiter(text: str) -> str:
    first = text[: text.find("\n") + 1 or len(text)]
    return max(_DELIMITERS, key=first.count)


def _refuse_long(cells: list[str], columns: int, line: int) -> None:
    if any(cell.strip() for cell in cells[columns:]):
        raise InvalidInput(
            "the row has more cells than the header.", where=f"row {line}", mend='Put cells with commas in "".'
        )

"""CSV (RFC 4180) as rows of text: UTF-8 or GB 18030, and never more in memory than the longest row allowed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NoReturn

from foundation.errors import InvalidInput
from matching.csv_files import Refusal
from matching.record_files.record_file import Cells

_READ_BYTES = 1 << 20
_LONGEST_ROW = 16 << 20  # characters
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CsvTable:
    header = "row 1"

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self._path, self._file = path, file
        self._encoding = self._encoding_of()
        with self._text() as text:
            # GB 18030 may begin with a byte order mark as well, which Python leaves in the text.
            names = [name.strip().removeprefix("\ufeff") for name in next(self._every_row(text), [])]
        self.columns: Sequence[str] = names

    def rows(self, columns: Sequence[str]) -> Iterator[Cells | Refusal]:
        places = [self.columns.index(name) for name in columns]
        with self._text() as text:
            for row, cells in enumerate(self._every_row(text), 1):
                if row == 1 or not any(cell.strip() for cell in cells):
                    continue
                if len(cells) == len(self.columns):
                    yield row, [cells[at] for at in places]
                else:
                    yield self._ragged(row, len(cells))

    @property
    def done_bytes(self) -> int:
        return self._file.tell()

    def _every_row(self, text: io.TextIOWrapper) -> Iterator[list[str]]:
        """The header as well."""
        lines = _Lines(text)
        reader = csv.reader(lines, strict=True)
        while True:
            lines.begin_row()
            try:
                yield _next(reader, lines)
            except StopIteration:
                return
            except csv.Error as error:
                self._refuse(f"not readable as CSV: {error}.", lines.read, "Export the file again.", error)
            except _RowTooLongError as error:
                what = f"a row of more than {_LONGEST_ROW} characters begins."
                self._refuse(what, lines.first, "See whether a quote is missing.", error)
            except UnicodeDecodeError as error:  # all of it was text a moment ago
                raise InvalidInput("the file changed while it was read.", where=str(self._path)) from error

    def _refuse(self, what: str, line: int, mend: str, error: Exception) -> NoReturn:
        raise InvalidInput(what, where=f"{self._path}, line {line}", mend=mend) from error

    def _ragged(self, row: int, cells: int) -> Refusal:
        column = self.columns[min(cells, len(self.columns)) - 1]
        return Refusal(row, column, f"{cells} cells under {len(self.columns)} columns.", "Quote cells with commas.")

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding=self._encoding, newline="")
        try:
            yield text
        finally:
            text.detach()

    def _encoding_of(self) -> str:
        for encoding in ("utf-8-sig", "gb18030"):
            if self._reads_as(encoding):
                return encoding
        self._file.seek(0)
        what = "UTF-16" if self._file.read(2) in _UTF_16 else "neither UTF-8 nor GB 18030"
        raise InvalidInput(f"the file is {what}.", where=str(self._path), mend="Export the file as UTF-8.")

    def _reads_as(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        self._file.seek(0)
        try:
            while chunk := self._file.read(_READ_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True


class _RowTooLongError(Exception):
    pass


class _Lines:
    """Lines for a CSV reader; those of the row at hand are kept."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.read = 0  # lines
        self.begin_row()

    def begin_row(self) -> None:
        self.of_row: list[str] = []
        self.first = self.read + 1
        self._left = _LONGEST_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self.read += 1
        self._left -= len(line)
        if self._left < 0:
            raise _RowTooLongError
        self.of_row.append(line)
        return line


def _next(reader: Iterator[list[str]], lines: _Lines) -> list[str]:
    """The next row, also where a value is longer than Python's CSV reader takes, so that its column can be told."""
    try:
        return next(reader)
    except csv.Error as error:
        if "field limit" not in str(error):
            raise
    limit = csv.field_size_limit(_LONGEST_ROW)
    try:
        return next(csv.reader(chain(tuple(lines.of_row), lines), strict=True))
    finally:
        csv.field_size_limit(limit)

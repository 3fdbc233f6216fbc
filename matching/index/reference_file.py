"""References out of a CSV file of any size, row by row: UTF-8 or GB 18030, nothing held but the row."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from foundation.errors import FileMissing, InvalidInput
from matching.csv_files import Refusal
from matching.index.building import Reference
from matching.index.keys import COLUMNS
from matching.record_rows import RowRefused, record_columns

_READ_BYTES = 1 << 20
_LONGEST_VALUE = 4000
_MOST_COLUMNS = 1000
_SHOWN_REFUSALS = 20
_PARQUET = b"PAR1"


@dataclass(slots=True)
class ReferenceFile:
    """An open file whose bytes were seen to be text."""

    path: Path
    file: io.BufferedReader
    encoding: str
    sha256: str
    state: tuple[int, int]  # bytes, and when it was last written
    partial: bool
    refused: int = 0
    first_refused: list[Refusal] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)

    def references(self) -> Iterator[Reference]:
        """Each row as a reference; one that is refused raises `InvalidInput`, or with `partial` is left and counted."""
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.encoding, newline="")
        reader = csv.reader(text, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            places = self._places(header)
            for row, cells in enumerate(reader, 2):
                if not any(cell.strip() for cell in cells):
                    continue
                refusal = _unfit(row, header, cells) or _refusal(row, raw := _raw(cells, places))
                if refusal is None:
                    yield Reference(raw, row)
                else:
                    self._refuse(refusal)
            if _state(self.file) != self.state:
                raise self._changed()
        except csv.Error as error:
            raise InvalidInput(
                f"not readable as CSV: {error}.",
                where=f"{self.path}, line {reader.line_num}",
                mend="Export the file again.",
            ) from error
        except UnicodeDecodeError as error:  # all of it was text a moment ago
            raise self._changed() from error
        finally:
            text.detach()

    @property
    def done_bytes(self) -> int:
        return self.file.tell()

    def _changed(self) -> InvalidInput:
        return InvalidInput("the file changed while it was read.", where=str(self.path), mend="Try again.")

    def _refuse(self, refusal: Refusal) -> None:
        if not self.partial:
            raise InvalidInput(
                refusal.reason,
                where=f"{self.path}, row {refusal.row}, column {refusal.column}",
                mend=f"{refusal.mend} Or leave such rows out with --partial.",
            )
        self.refused += 1
        if len(self.first_refused) < _SHOWN_REFUSALS:
            self.first_refused.append(refusal)

    def _places(self, header: list[str]) -> Mapping[str, int]:
        if len(header) > _MOST_COLUMNS:
            raise self._header_refused(f"the header names {len(header)} columns.", f"At most {_MOST_COLUMNS} are read.")
        doubled = next((name for name, count in Counter(header).items() if name and count > 1), None)
        if doubled is not None:
            raise self._header_refused(f"the header names {doubled[:80]} twice.", "Remove one of the two columns.")
        if "record_id" not in header:
            raise self._header_refused("the header lacks record_id.", "Name the columns as the guide does.")
        self.ignored_columns = [name for name in header if name not in COLUMNS]
        return {name: at for at, name in enumerate(header) if name in COLUMNS}

    def _header_refused(self, what: str, mend: str) -> InvalidInput:
        return InvalidInput(what, where=f"{self.path}, row 1", mend=mend)


@contextmanager
def open_references(path: Path, *, partial: bool) -> Iterator[ReferenceFile]:
    """Read the file once to see what it is: its encoding, and the SHA-256 that names this state of the list."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise FileMissing("no such file.", where=str(path)) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}.", where=str(path)) from error
    with file:
        if file.peek(len(_PARQUET)).startswith(_PARQUET):
            raise InvalidInput("Parquet is not read.", where=str(path), mend="Write the table as CSV.")
        state = _state(file)
        encoding = next((it for it in ("utf-8-sig", "gb18030") if _reads_as(file, it)), None)
        if encoding is None:
            raise InvalidInput("neither UTF-8 nor GB 18030.", where=str(path), mend="Export the file as UTF-8.")
        yield ReferenceFile(path, file, encoding, _sha256(file), state, partial)


def _state(file: io.BufferedReader) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _reads_as(file: io.BufferedReader, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_READ_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sha256(file: io.BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _raw(cells: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: value for name, at in places.items() if (value := cells[at].strip())}


def _unfit(row: int, header: list[str], cells: list[str]) -> Refusal | None:
    if len(cells) != len(header):
        what = f"{len(cells)} cells under {len(header)} columns."
        return Refusal(row, header[min(len(cells), len(header)) - 1], what, "Quote cells with commas.")
    return None


def _refusal(row: int, raw: Mapping[str, str]) -> Refusal | None:
    for name, value in raw.items():
        if len(value) > _LONGEST_VALUE:
            what = f"{len(value)} characters, at most {_LONGEST_VALUE} are kept."
            return Refusal(row, name, what, "Shorten it.")
        if any((character < " " and character not in "\t\r\n") or character == "\x7f" for character in value):
            return Refusal(row, name, "a control character stands in it.", "Remove it.")
    try:
        record_columns(raw)
    except RowRefused as refused:
        return Refusal(row, refused.column, refused.reason, refused.mend)
    return None

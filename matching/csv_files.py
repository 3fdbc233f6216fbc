"""CSV from outside, row by row: UTF-8 or GB 18030, a header that names the columns, and a limit on every value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import String

from foundation.errors import FileMissing, InvalidInput
from matching.models import KeyPerson

_LONGEST_TEXT = 4000
MAX_BYTES = 512 << 20  # about three million records; reading takes some times that much memory


@dataclass(frozen=True, slots=True)
class Refusal:
    row: int  # as a spreadsheet counts: the header is row 1
    column: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.reason} {self.mend}"


@dataclass(slots=True)
class ImportReport:
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    recalled: int = 0  # hits whose record this import withdrew or ended
    written: bool = False
    refused: list[Refusal] = field(default_factory=list)
    doubtful: list[Refusal] = field(default_factory=list)  # taken, but a cell contradicts itself or another
    ignored_columns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """Rows under our own field names; a column that nothing maps to is dropped at the door."""

    rows: list[tuple[int, dict[str, str]]]
    malformed: list[Refusal]
    ignored_columns: list[str]


def read(path: Path, columns: Mapping[str, str], fields: tuple[str, ...], required: tuple[str, ...]) -> CsvFile:
    """`columns` maps our field to the file's column where the two differ."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        places = _places(header, columns, fields, required, path)
        return _rows(reader, header, places)
    except csv.Error as error:
        raise InvalidInput(
            f"not readable as CSV: {error}.", where=f"{path}, line {reader.line_num}", mend="Export the file again."
        ) from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"the file is larger than {MAX_BYTES >> 20} MiB.", where=str(path), mend="Split it.")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise FileMissing("no such file.", where=str(path)) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}.", where=str(path)) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("neither UTF-8 nor GB 18030.", where=str(path), mend="Export the file as UTF-8.")


def _places(
    header: list[str], columns: Mapping[str, str], fields: tuple[str, ...], required: tuple[str, ...], path: Path
) -> dict[str, int]:
    places = {name: header.index(columns.get(name, name)) for name in fields if columns.get(name, name) in header}
    missing = [columns.get(name, name) for name in required if name not in places]
    if missing:
        raise InvalidInput(
            f"the header lacks {', '.join(missing)}.",
            where=str(path),
            mend="Name the columns as the guide does, or map them in the catalogue.",
        )
    doubled = next((name for name in header if name and header.count(name) > 1), None)
    if doubled is not None:
        raise InvalidInput(f"the header names {doubled} twice.", where=str(path), mend="Remove one of the two columns.")
    return places


def _rows(reader: Iterator[list[str]], header: list[str], places: Mapping[str, int]) -> CsvFile:
    rows: list[tuple[int, dict[str, str]]] = []
    malformed: list[Refusal] = []
    for number, cells in enumerate(reader, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            malformed.append(
                Refusal(number, "-", f"{len(cells)} cells under {len(header)} columns.", "Quote cells with commas.")
            )
            continue
        row = {name: cells[at].strip() for name, at in places.items()}
        unfit = next((refusal for name, value in row.items() if (refusal := _unfit(number, name, value))), None)
        if unfit:
            malformed.append(unfit)
        else:
            rows.append((number, {name: value for name, value in row.items() if value}))
    used = set(places.values())
    return CsvFile(rows, malformed, [name for at, name in enumerate(header) if at not in used])


def _unfit(row: int, column: str, value: str) -> Refusal | None:
    longest = _longest(column)
    if len(value) > longest:
        return Refusal(row, column, f"{len(value)} characters, at most {longest} are kept.", "Shorten it.")
    if any((character < " " and character not in "\t\r\n") or character == "\x7f" for character in value):
        return Refusal(row, column, "a control character stands in it.", "Remove it.")
    return None


def _longest(column: str) -> int:
    kind = KeyPerson.__table__.columns[column].type if column in KeyPerson.__table__.columns else None
    # Dates are checked as dates, and may be written longer than they are kept.
    if isinstance(kind, String) and kind.length and not column.endswith(("_on", "date_of_birth")):
        return kind.length
    return _LONGEST_TEXT

"""Rows of a workbook (XLSX, ISO/IEC 29500), read as they come: its sheet is never in memory as a whole.

A workbook comes from outside. What it unpacks to is bounded, document types are refused (so no entity is ever
expanded), formulas and macros are not computed, and what a spreadsheet made of numbers and dates is told.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final
from xml.parsers import expat

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from device_registry import particulars
from device_registry.tables.rows import Row, RowProblem, Table, columns_of
from foundation.errors import FieldProblem, InvalidInput

MAX_ROWS: Final = 200_000
_MAX_COLUMNS: Final = 256
_MAX_SHEET_BYTES: Final = 512 << 20  # unpacked; it is streamed
_MAX_MEMBER_BYTES: Final = 64 << 20  # of the rest, which is not
_MAX_MEMBERS: Final = 1_000
_MAX_MERGED: Final = 1_000
_MOST_EXACT: Final = 10**15  # spreadsheets keep fifteen digits
_CHUNK: Final = 1 << 16
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z0-9:$]{1,40})"')
_NUMBERS: Final = frozenset({*particulars.NUMBERS, "latitude", "longitude", "retention_days", "retention_bytes"})
_WHOLE: Final = "workbook"


def read(content: bytes) -> Table:
    """Raises `InvalidInput` for what is no workbook of a camera table, or is one that cannot be read safely."""
    _refuse_unsafe(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # of extensions that hold no cells
            book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
            sheet, header_row, names = _table_sheet(book)
            merged = _merged(content, sheet)
    except InvalidInput:
        raise
    except Exception as error:
        raise _broken() from error
    return Table(_rows(sheet, header_row, names, merged), list(_notes(book, sheet, content)))


def _broken() -> InvalidInput:
    return InvalidInput("this workbook is damaged.", where=_WHOLE, mend="Open it, save it again as .xlsx, or as CSV.")


def _refuse_unsafe(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise InvalidInput("the workbook has too many parts.", where=_WHOLE, mend="Save it as CSV.")
            for member in members:
                _refuse_member(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise _broken() from error


def _refuse_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise InvalidInput("the workbook is encrypted.", where=_WHOLE, mend="Save it without a password.")
    name = member.filename.lower()
    if member.file_size > (_MAX_SHEET_BYTES if name.startswith("xl/worksheets/") else _MAX_MEMBER_BYTES):
        raise InvalidInput("the workbook unpacks to too much.", where=_WHOLE, mend="Split it, or save it as CSV.")
    if name.endswith((".xml", ".rels")):
        with archive.open(member) as part:
            _refuse_document_type(iter(lambda: part.read(_CHUNK), b""))


class _Begun(Exception):
    """The root element began, and before it there was no document type."""


def _refuse_document_type(chunks: Iterable[bytes]) -> None:
    def refuse(*_: object) -> None:
        raise InvalidInput("the workbook declares a document type.", where=_WHOLE, mend="Save it again as .xlsx.")

    def begin(*_: object) -> None:
        raise _Begun

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        for chunk in chunks:
            parser.Parse(chunk)
    except _Begun:
        return
    except expat.ExpatError as error:
        raise _broken() from error


def _table_sheet(book: Workbook) -> tuple[Any, int, list[str]]:
    """The first visible sheet whose first filled row has the column `code`, that row's number and columns."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in visible:
        sheet.reset_dimensions()  # those that it tells may be wrong
        number, names = _header(sheet)
        if "code" in (name.strip().lower() for name in names):
            return sheet, number, columns_of(names, f"sheet {sheet.title}, row {number}")
    raise InvalidInput(
        "no visible sheet begins with a row that has the column code.",
        where=_WHOLE,
        mend="`vedette cameras template FILE.xlsx` writes one.",
    )


def _header(sheet: Any) -> tuple[int, list[str]]:
    for number, cells in enumerate(sheet.iter_rows(max_row=20, max_col=_MAX_COLUMNS, values_only=True), 1):
        names = ["" if cell is None else str(cell) for cell in cells]
        while names and not names[-1].strip():
            names.pop()
        if names:
            return number, names
    return 1, []


def _merged(content: bytes, sheet: Any) -> list[tuple[int, int, int, int]]:
    """Ranges of merged cells: left, top, right, bottom. They stand after the rows, where a stream comes too late."""
    found = []
    path = sheet._worksheet_path.lstrip("/")  # noqa: SLF001 - nothing public tells which part a sheet is
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open(path) as part:
        tail = b""
        while chunk := part.read(_CHUNK):
            found += [_bounds(match[1].decode()) for match in _MERGED.finditer(tail + chunk)]
            tail = chunk[-300:] if b"mergeCell" in chunk[-300:] or b"<" in chunk[-300:] else b""
            if len(found) > 2 * _MAX_MERGED:
                raise InvalidInput("the sheet has too many merged cells.", where=_WHOLE, mend="Split them.")
    return list(dict.fromkeys(found))


def _bounds(told: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(told)
    return left or 1, top or 1, right or _MAX_COLUMNS, bottom or MAX_ROWS


def _rows(sheet: Any, header_row: int, names: list[str], merged: Sequence[tuple[int, int, int, int]]) -> Iterator[Row]:
    rows = sheet.iter_rows(min_row=header_row + 1, max_col=_MAX_COLUMNS)
    number = header_row
    while True:
        try:
            with warnings.catch_warnings(action="ignore"):
                cells = next(rows, None)
        except Exception as error:
            raise _broken() from error
        if cells is None:
            return
        number += 1
        if number > MAX_ROWS:
            raise InvalidInput(f"the sheet has more than {MAX_ROWS:,} rows.", where=_WHOLE, mend="Split it.")
        row, problems = _row(cells, names)
        problems += _split_up(names, [span for span in merged if span[1] <= number <= span[3]])
        if problems:
            yield number, problems
        elif row:
            yield number, row


def _row(cells: Sequence[Any], names: list[str]) -> tuple[dict[str, str], list[FieldProblem]]:
    row: dict[str, str] = {}
    problems: list[FieldProblem] = []
    for at, cell in enumerate(cells):
        if cell.value is None:
            continue
        if at >= len(names):
            problems.append(
                FieldProblem(get_column_letter(at + 1), "the header has no column here.", "Name it, or clear it.")
            )
            return row, problems
        try:
            text = _text(names[at], cell)
        except _Unclear as error:
            problems.append(FieldProblem(names[at], *error.args))
        else:
            if text:
                row[names[at]] = text
    return row, problems


def _split_up(names: list[str], spans: Iterable[tuple[int, int, int, int]]) -> list[FieldProblem]:
    what = "the cell is merged with others, so it is not clear whose value it holds."
    return [
        FieldProblem(names[left - 1], what, "Split the cells, and fill each in.")
        for left, _, _, _ in spans
        if left <= len(names)
    ]


class _Unclear(Exception):
    """What is wrong with a cell, and its mend."""


def _text(column: str, cell: Any) -> str:
    value = cell.value
    if cell.data_type == "f":
        raise _Unclear("this is a formula.", "Write its value.")
    if cell.data_type == "e":
        raise _Unclear("the spreadsheet tells an error here.", "Write the value.")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = value.strip()
        # As text it is none: a formula of the spreadsheet's would have been told above.
        return f"'{text}" if text.startswith("=") else text
    if isinstance(value, int | float):
        return _number(column, value)
    return _date(column, value)


def _number(column: str, value: float) -> str:
    if abs(value) >= _MOST_EXACT:
        what = "the spreadsheet keeps this as a number, and has rounded it to 15 digits."
        raise _Unclear(what, "Format the column as text, and write all digits again.")
    if value == int(value):
        return str(int(value))
    return repr(value)


def _date(column: str, value: object) -> str:
    if column in particulars.DATES:
        if isinstance(value, datetime) and value.time() == time():
            return value.date().isoformat()
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
    raise _Unclear("the spreadsheet made a date or a time of this.", "Format the column as text, and write it again.")


def _notes(book: Workbook, chosen: Any, content: bytes) -> Iterator[RowProblem]:
    for sheet in book.worksheets:
        if sheet is not chosen:
            kind = "sheet" if sheet.sheet_state == "visible" else "hidden sheet"
            what = f"the {kind} {sheet.title!r} was not read, only {chosen.title!r}."
            yield RowProblem(0, "", what, "Move its rows, if they are cameras.")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
            yield RowProblem(0, "", "the workbook carries macros; none was run.", "Save it as .xlsx.")


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook whose columns are text, so that a spreadsheet rounds no ID, but for those that hold numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("cameras")
    for at, name in enumerate(header, 1):
        if name not in _NUMBERS:
            sheet.column_dimensions[get_column_letter(at)].number_format = "@"
    sheet.freeze_panes = "B2"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_cell(name, text) for name, text in zip(header, row, strict=True)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(column: str, text: str) -> str | float | None:
    if not text:
        return None
    return float(text) if column in _NUMBERS else text

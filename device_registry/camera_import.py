"""Cameras from a CSV file (RFC 4180), row by row: what is wrong is told with row, column and mend."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from sqlalchemy.orm import Session

from device_registry import cameras, centers, particulars, recording
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.changing import CHANGE_ACTION, Reach, Via
from device_registry.recording import RetentionLimits
from foundation.clock import Clock
from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

COLUMNS: Final = (
    "code", "name", "center", "maker", "model", "latitude", "longitude", "datum",
    "main_url", "sub_url", "username", "password", "disabled",
    *particulars.FIELDS, *recording.FIELDS,
)  # fmt: skip
CLEAR: Final = "-"
MAX_BYTES: Final = 64 << 20
_YES_NO: Final = {
    "yes": True,
    "true": True,
    "1": True,
    "是": True,
    "no": False,
    "false": False,
    "0": False,
    "否": False,
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    row: int  # line of the file, the header being line 1
    column: str
    what: str
    mend: str


@dataclass(slots=True)
class ImportReport:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len({problem.row for problem in self.problems})


def import_cameras(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    content: bytes,
    *,
    actor: str,
    limits: RetentionLimits,
    via: Via = "cli",
    reach: Reach | None = None,
) -> ImportReport:
    """Save every good row. An empty cell keeps what is known, `-` clears it.

    `reach`: the centers that may be named; `None`: the origin's and those below it. The caller commits or rolls back
    by the report. Raises `InvalidInput` when the file as a whole cannot be read.
    """
    rows = _rows(_text(content))
    return import_rows(session, keyring, clock, origin, rows, actor=actor, limits=limits, via=via, reach=reach)


def import_rows(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    rows: Iterable[tuple[int, dict[str, str]]],
    *,
    actor: str,
    limits: RetentionLimits,
    via: Via = "cli",
    reach: Reach | None = None,
) -> ImportReport:
    """The same for rows that are taken apart already: their numbers and filled cells."""
    report = ImportReport()
    seen: dict[tuple[str, str], int] = {}
    reach = reach or Reach(*[centers.descendants(session, origin.center_id)] * 2)
    for line, cells in rows:
        try:
            row, cleared = _without_cleared(cells)
            row = _plain(row)
            center_id = _center_id(session, origin, row, reach.register)
            fields = _fields(row)
            first = seen.setdefault((center_id, fields.code), line)
            if first != line:
                raise _cell("code", f"row {first} names this camera already.", "Keep one of the rows.")
            kept = particulars.parsed(fields.code, row) | dict.fromkeys(cleared)
            given = recording.parsed(fields.code, row)
            with session.begin_nested():
                saved = cameras.save(session, keyring, clock, origin, fields, actor=actor, center_id=center_id, via=via)
                action = CHANGE_ACTION[via]
                more = particulars.change(session, clock, saved.camera, kept, action=action, actor=actor)
                may_configure = center_id in reach.configure
                more |= recording.change(
                    session, clock, saved.camera, given, limits, action=action, actor=actor, may_configure=may_configure
                )
        except InvalidCamera as error:
            report.problems += [RowProblem(line, each.column, each.what, each.mend) for each in error.problems]
        except InvalidInput as error:
            report.problems.append(RowProblem(line, error.where or "", error.what, error.mend or ""))
        else:
            report.created += saved.created
            changed = saved.changed | more
            report.changed += bool(changed) and not saved.created
            report.unchanged += not changed
    return report


def _cell(column: str, what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, where=column, mend=mend)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"the file is larger than {MAX_BYTES >> 20} MiB.", mend="Split it.")
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheets in China still save the second
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the file is neither UTF-8 nor GB 18030 text.", mend="Save it as CSV in UTF-8.")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the filled cells of each row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(next(reader, []))
        for cells in reader:
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            if any(row.values()):
                _refuse_long(cells, len(header), reader.line_num)
                yield reader.line_num, {column: cell for column, cell in row.items() if cell}
    except csv.Error as error:
        raise InvalidInput(f"not valid CSV: {error}.", where=f"row {reader.line_num}", mend="Mend the row.") from error


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            mend = f"Did you mean {near[0]}?" if near else f"The columns are {', '.join(COLUMNS)}."
            raise InvalidInput(f"there is no column {name[:40]!r}.", where="row 1", mend=mend)
        if names.count(name) > 1:
            raise InvalidInput(f"the column {name} stands there twice.", where="row 1", mend="Remove one.")
    if "code" not in names:
        raise InvalidInput("the column code is missing.", where="row 1", mend=f"Begin with {','.join(COLUMNS)}.")
    return names


def _refuse_long(cells: list[str], columns: int, line: int) -> None:
    if any(cell.strip() for cell in cells[columns:]):
        raise InvalidInput(
            "the row has more cells than the header.", where=f"row {line}", mend='Put cells with commas in "".'
        )


def _plain(row: dict[str, str]) -> dict[str, str]:
    """The cells without the apostrophe that keeps a spreadsheet from computing them. Refuses formulas."""
    for column, cell in row.items():
        if cell.startswith("="):
            raise _cell(column, "this is a formula.", "Write its value, or an apostrophe before it if it is text.")
    return {column: cell[1:] if is_quoted(cell) else cell for column, cell in row.items()}


def is_quoted(cell: str) -> bool:
    return cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@", "'"}


def _without_cleared(row: dict[str, str]) -> tuple[dict[str, str], set[str]]:
    """The row without the cells that clear, and the columns that they clear."""
    cleared = {column for column, cell in row.items() if cell == CLEAR and column not in recording.FIELDS}
    for column in cleared - particulars.CLEARABLE:
        raise _cell(column, "this column cannot be cleared.", "Write its value, or leave the cell empty.")
    return {column: cell for column, cell in row.items() if column not in cleared}, cleared


def _center_id(session: Session, origin: Origin, row: dict[str, str], scope: Scope) -> str:
    code = row.get("center")
    if code is None and origin.center_id in scope:
        return origin.center_id
    center = centers.find(session, code or "")
    if center is None or center.id not in scope:
        raise _cell("center", "there is no such center here or below.", "Add it with `vedette centers add`.")
    return center.id


def _fields(row: dict[str, str]) -> CameraFields:
    texts = {column: row[column] for column in COLUMNS if column in row and column not in _PARSED}
    return CameraFields(
        code=texts.pop("code", ""),
        latitude=_degrees(row, "latitude"),
        longitude=_degrees(row, "longitude"),
        disabled=_yes_no(row, "disabled"),
        **texts,
    )


_PARSED: Final = frozenset({"center", "latitude", "longitude", "disabled", *particulars.FIELDS, *recording.FIELDS})


def _degrees(row: dict[str, str], column: str) -> float | None:
    if column not in row:
        return None
    try:
        return float(row[column])
    except ValueError:
        raise _cell(column, "this is not a number.", "Write degrees such as 39.9042.") from None


def _yes_no(row: dict[str, str], column: str) -> bool | None:
    if column not in row:
        return None
    answer = _YES_NO.get(row[column].lower())
    if answer is None:
        raise _cell(column, "this is neither yes nor no.", "Write yes or no.")
    return answer

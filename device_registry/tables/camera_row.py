"""A camera as a row of text cells, whatever file or command they come from: read, checked, told what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_registry import particulars, recording
from device_registry.camera_fields import CameraFields, checked
from device_registry.recording import RetentionLimits
from foundation.errors import InvalidInput

COLUMNS: Final = (
    "code", "name", "center", "maker", "model", "latitude", "longitude", "datum",
    "main_url", "sub_url", "username", "password", "disabled",
    *particulars.FIELDS, *recording.FIELDS,
)  # fmt: skip
CLEAR: Final = "-"
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
class ReadRow:
    """What a row says of its camera; `columns` are those beside its fields, and `None` takes one back."""

    fields: CameraFields
    columns: dict[str, Any]


def read(cells: Mapping[str, str], limits: RetentionLimits) -> ReadRow:
    """The row with these filled cells. `-` clears a cell; a formula is refused.

    Raises `InvalidCamera`, or `InvalidInput` whose place is the column.
    """
    row, cleared = _without_cleared(cells)
    row = _plain(row)
    fields = checked(_fields(row))
    kept = particulars.parsed(fields.code, row) | dict.fromkeys(cleared)
    recorded = recording.checked(fields.code, recording.parsed(fields.code, row), limits)
    return ReadRow(fields, kept | recorded)


def cell_problem(column: str, what: str, mend: str) -> InvalidInput:
    """What is wrong in one column of a row."""
    return InvalidInput(what, where=column, mend=mend)


def _plain(row: dict[str, str]) -> dict[str, str]:
    """The cells without the apostrophe that keeps a spreadsheet from computing them. Refuses formulas."""
    for column, cell in row.items():
        if cell.startswith("="):
            raise cell_problem(
                column, "this is a formula.", "Write its value, or an apostrophe before it if it is text."
            )
    return {column: cell[1:] if is_quoted(cell) else cell for column, cell in row.items()}


def quoted(text: str) -> str:
    """Text as a cell that means nothing but itself: no spreadsheet computes it, and it clears nothing."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) else text


def is_quoted(cell: str) -> bool:
    return cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@", "'"}


def _without_cleared(row: Mapping[str, str]) -> tuple[dict[str, str], set[str]]:
    """The row without the cells that clear, and the columns that they clear."""
    cleared = {column for column, cell in row.items() if cell == CLEAR and column not in recording.FIELDS}
    for column in cleared - particulars.CLEARABLE:
        raise cell_problem(column, "this column cannot be cleared.", "Write its value, or leave the cell empty.")
    return {column: cell for column, cell in row.items() if column not in cleared}, cleared


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
        raise cell_problem(column, "this is not a number.", "Write degrees such as 39.9042.") from None


def _yes_no(row: dict[str, str], column: str) -> bool | None:
    if column not in row:
        return None
    answer = _YES_NO.get(row[column].lower())
    if answer is None:
        raise cell_problem(column, "this is neither yes nor no.", "Write yes or no.")
    return answer

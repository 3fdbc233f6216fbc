"""From the cells of a row to the columns that list and reference records share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching.models import RECORD_FIELDS
from matching.normalising.dates import is_impossible, normalise_date
from matching.normalising.plates import normalise_colour
from matching.normalising.sexes import normalise_sex

# In the files the record's own identifier is called record_id.
FILE_FIELDS = ("record_id", *RECORD_FIELDS)


class RowRefused(Exception):
    """One cell is not acceptable; the row is refused with this reason."""

    def __init__(self, column: str, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.mend = column, reason, mend


def record_columns(row: Mapping[str, str]) -> dict[str, Any]:
    """The shared columns, or `RowRefused`."""
    refuse_unfit(row)
    columns: dict[str, Any] = {name: row.get(name) for name in RECORD_FIELDS}
    columns["source_record"] = row["record_id"]
    for name in ("date_of_birth", "happened_on"):
        columns[name] = _date(name, row.get(name))
    columns["height_cm"] = _height(row.get("height_cm"))
    return columns


def refuse_unfit(row: Mapping[str, str]) -> None:
    """`RowRefused` where one of the columns that any file of records may have says nothing that can be understood."""
    if not row.get("record_id"):
        raise RowRefused("record_id", "is empty.", "Give the record's identifier in its source.")
    _date("date_of_birth", row.get("date_of_birth"))
    sex, colour = row.get("sex"), row.get("plate_colour")
    if sex and normalise_sex(sex) is None:
        raise RowRefused("sex", f"{sex!r} is not understood.", "Write M or F, 男 or 女, or leave it empty.")
    if colour and normalise_colour(colour) is None:
        raise RowRefused(
            "plate_colour",
            f"{colour!r} is not understood.",
            "Write blue, yellow, green, white or black, or leave it empty.",
        )


def required_date(name: str, value: str | None) -> str:
    day = _date(name, value)
    if day is None:
        raise RowRefused(name, "is empty.", "Give a date as YYYY-MM-DD.")
    return full_date(name, day)


def full_date(name: str, day: str) -> str:
    if len(day) != 10:
        raise RowRefused(name, f"{day} is not a full date.", "Give a date as YYYY-MM-DD.")
    return day


def optional_date(name: str, value: str | None) -> str | None:
    day = _date(name, value)
    return None if day is None else full_date(name, day)


def _date(name: str, value: str | None) -> str | None:
    if not value:
        return None
    day = normalise_date(value)
    if day is None:
        reason = "is a day that does not exist." if is_impossible(value) else "is not a date."
        raise RowRefused(name, f"{value[:40]!r} {reason}", "Give a date as YYYY-MM-DD.")
    return day


def _height(value: str | None) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 30 <= int(value[:9]) <= 260):
        raise RowRefused("height_cm", f"{value[:40]!r} is not a height.", "Give centimetres, 30 to 260.")
    return int(value)

"""Dates as people and databases write them, year first; what is not known of one stays unknown."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from matching.normalising.text import readable

# ISO 8601 with any separator, 1984年3月5日, and a time of day after it, which exports of databases add.
_DATE = re.compile(
    r"(\d{4})(?:\D{0,2}(\d{1,2}|XX|xx)(?:\D{0,2}(\d{1,2}|XX|xx))?)?\D?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2}|XX)(\d{2}|XX)?", re.ASCII)
_UNKNOWN = frozenset({None, "0", "00", "XX", "xx"})  # ISO 8601-2, and zeros of older systems
_LONGEST = 40


def normalise_date(raw: str | None) -> str | None:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; None for no date, and for a day that no calendar has."""
    return _normalise(raw) if raw and len(raw) <= _LONGEST else None


def is_impossible(raw: str | None) -> bool:
    """Written as a date, and no calendar has it: 1984-02-30."""
    return _parts(raw) is not None and normalise_date(raw) is None


def exchanged(day: str) -> str | None:
    """A full date with month and day exchanged, where that is another date."""
    if len(day) < 10 or day[8:] > "12" or day[5:7] == day[8:]:
        return None
    return f"{day[:4]}-{day[8:]}-{day[5:7]}"


@lru_cache(maxsize=65536)
def _normalise(text: str) -> str | None:
    parts = _parts(text)
    if parts is None:
        return None
    year, month, day = parts
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return "-".join(part for part in (f"{year:04}", month and f"{month:02}", day and f"{day:02}") if part)


def _parts(raw: str | None) -> tuple[int, int | None, int | None] | None:
    text = readable(raw, _LONGEST).strip()
    found = _COMPACT_DATE.fullmatch(text) or _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = found.groups()
    if month in _UNKNOWN:
        return int(year), None, None
    return int(year), int(month), None if day in _UNKNOWN else int(day)

"""Which level of the model two values of a field reach. Each comparison is symmetric; None: not comparable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from matching.distances import dice, within_edits
from matching.model import FieldName
from matching.normalising import NormalRecord
from matching.normalising.dates import exchanged
from matching.normalising.identifiers import Identifier
from matching.normalising.names import Name
from matching.normalising.plates import Plate
from matching.normalising.transliteration import consonants

Comparison = Callable[[Any, Any], str]


def level_of(field: FieldName, left: NormalRecord, right: NormalRecord) -> str | None:
    a, b = getattr(left, field), getattr(right, field)
    if a is None or b is None:
        return None
    if field == "plate_colour" and (left.plate is None or left.plate != right.plate):
        return None  # the colour of another plate says nothing
    return _COMPARISONS[field](a, b)


def _names(a: Name, b: Name) -> str:
    if a.plain == b.plain or (not (a.is_chinese or b.is_chinese) and _same_reading(a, b)):
        return "exact"
    if _same_reading(a, b):
        return "homophone" if a.is_chinese and b.is_chinese else "romanised"
    if _same_consonants(a, b):
        return "close"
    if a.is_chinese and b.is_chinese:
        return (
            "one_character"
            if min(len(a.plain), len(b.plain)) >= 3 and within_edits(a.plain, b.plain, 1)
            else "different"
        )
    return _latin_names(a.romanised, b.romanised)


def _same_reading(a: Name, b: Name) -> bool:
    """Two names in hanzi sound alike as they are usually read; Latin letters may stand for any possible reading."""
    if a.ring == b.ring or a.romanised == b.romanised:
        return True
    return not (a.is_chinese and b.is_chinese) and not set(a.rings).isdisjoint(b.rings)


def _same_consonants(a: Name, b: Name) -> bool:
    """Other characters, or Latin letters, for the sound of one name from another language."""
    if not (a.is_transliterated or b.is_transliterated):
        return False
    found = consonants(a.romanised)
    return found is not None and found == consonants(b.romanised)


def _latin_names(a: str, b: str) -> str:
    shortest = min(len(a), len(b))
    if shortest >= 5 and within_edits(a, b, 1 if shortest < 8 else 2):
        return "close"
    shared = set(a.split()) & set(b.split())
    return "shared_part" if any(len(token) >= 3 for token in shared) else "different"


def _dates_of_birth(a: str, b: str) -> str:
    known = min(len(a), len(b))
    if known < 10:
        if a[:known] != b[:known]:
            return "different"
        return "partial_year" if known == 4 else "partial_month"
    if a == b:
        return "exact"
    if exchanged(a) == b or _differing(a, b) == 1:
        return "one_slip"
    return "same_year" if a[:4] == b[:4] else "different"


def _differing(a: str, b: str) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def _id_numbers(a: Identifier, b: Identifier) -> str:
    if a.text == b.text:
        return "exact" if a.valid else "exact_invalid"
    if a.valid and b.valid:
        return "two_valid" if a.kind == b.kind and len(a.text) == len(b.text) else "different"
    return "one_slip" if within_edits(a.text, b.text, 1) else "different"


def _vins(a: Identifier, b: Identifier) -> str:
    if a.text == b.text:
        return "exact"
    if a.valid and b.valid:
        return "two_valid"
    return "one_slip" if within_edits(a.text, b.text, 1) else "different"


def _documents(a: str, b: str) -> str:
    if a == b:
        return "exact"
    return "one_slip" if len(a) == len(b) and len(a) >= 8 and within_edits(a, b, 1) else "different"


def _plates(a: Plate, b: Plate) -> str:
    return "exact" if a.text == b.text else "different"


def _plate_colours(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "blue_yellow" if {a, b} == {"blue", "yellow"} else "other_ground"


def _texts(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "overlapping" if a in b or b in a or dice(a, b) >= 0.5 else "different"


def _heights(a: int, b: int) -> str:
    apart = abs(a - b)
    return "within_2" if apart <= 2 else "within_5" if apart <= 5 else "different"


def _happenings(a: str, b: str) -> str:
    if a == b and len(a) == 10:
        return "same_day"
    if min(len(a), len(b)) < 10:
        return "within_30_days" if a[:7] == b[:7] and min(len(a), len(b)) == 7 else "apart"
    return "within_30_days" if abs(date.fromisoformat(a) - date.fromisoformat(b)).days <= 30 else "apart"


def _belongings(a: str, b: str) -> str:
    likeness = dice(a, b)
    return "alike" if likeness >= 0.6 else "some" if likeness >= 0.3 else "unlike"


def _exact(a: str, b: str) -> str:
    return "exact" if a == b else "different"


def _same(a: str, b: str) -> str:
    return "same" if a == b else "different"


_COMPARISONS: Mapping[FieldName, Comparison] = {
    "name": _names,
    "birth_date": _dates_of_birth,
    "sex": _same,
    "id_number": _id_numbers,
    "document_number": _documents,
    "phone": _exact,
    "plate": _plates,
    "plate_colour": _plate_colours,
    "vin": _vins,
    "make": _texts,
    "colour": _same,
    "height_cm": _heights,
    "place": _texts,
    "happened_on": _happenings,
    "belongings": _belongings,
}

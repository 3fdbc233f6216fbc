"""Which level of the model two values of a field reach, pair by pair. Each comparison is symmetric.

`matching.levels.kernel` does the same for millions of pairs; a test holds the two to one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from matching.levels.distances import dice, units, within_edits
from matching.levels.name_parts import parts_alike
from matching.model import FieldName
from matching.normalising import NormalRecord
from matching.normalising.dates import exchanged
from matching.normalising.identifiers import Identifier
from matching.normalising.names import Name
from matching.normalising.plates import Plate
from matching.normalising.record import Address, Locality
from matching.normalising.transliteration import consonants

Comparison = Callable[[Any, Any], str | None]
_SHORTEST_READING = 6
_SHORTEST_TEXT = 5  # letters; of shorter street names many are one character apart
LONGEST_EDITED = 64  # letters; of longer text only the parts in common count
_AGREEING_NUMBERS = frozenset({"exact", "exact_invalid", "one_slip"})


def level_of(field: FieldName, left: NormalRecord, right: NormalRecord) -> str | None:
    """None: one of the two does not have the field, or what they have cannot be compared."""
    a, b = getattr(left, field), getattr(right, field)
    if a is None or b is None:
        return None
    if field == "plate_colour" and (left.plate is None or left.plate != right.plate):
        return None  # the colour of another plate says nothing
    level = _COMPARISONS[field](a, b)
    if level in _IMPLIED.get(field, ()) and level_of("id_number", left, right) in _AGREEING_NUMBERS:
        return "implied"
    if level in _SHARED.get(field, ()) and _are_of_two_people(left.name, right.name):
        return "household"
    return level


def _are_of_two_people(a: Name | None, b: Name | None) -> bool:
    """Not where the given name agrees and the family name does not, as whoever marries has it."""
    if a is None or b is None:
        return False
    level = _names(a, b)
    renamed = level in _PARTLY_OTHER and a.family and b.family and a.family != b.family
    return level in _OTHER_NAMES and not renamed


def _names(a: Name, b: Name) -> str:
    if a.is_chinese and b.is_chinese:
        return _chinese_names(a, b)
    if a.is_chinese or b.is_chinese:
        if _same_reading(a, b):
            return "romanised"
        return f"romanised_{_spelled(a, b)}".replace("within", "part")
    return "latin_exact" if a.plain == b.plain or _same_reading(a, b) else f"latin_{_spelled(a, b)}"


def _chinese_names(a: Name, b: Name) -> str:
    if a.plain == b.plain:
        return "exact"
    if a.ring == b.ring or a.romanised == b.romanised:
        return "homophone"  # only as both are usually read
    if _same_consonants(a, b) or _lacks_a_part(a, b):
        return "close"
    near = min(len(units(a.plain)), len(units(b.plain))) >= 3 and _within(a.plain, b.plain, 1)
    return "one_character" if near else "different"


def _same_reading(a: Name, b: Name) -> bool:
    """Latin letters may stand for any possible reading, since the clerk may have taken the wrong one."""
    return a.romanised == b.romanised or not set(a.rings).isdisjoint(b.rings)


def _same_consonants(a: Name, b: Name) -> bool:
    """Other characters, or Latin letters, for the sound of one name from another language."""
    if not (a.is_transliterated or b.is_transliterated):
        return False
    found = consonants(a.romanised)
    return found is not None and found == consonants(b.romanised)


def _lacks_a_part(a: Name, b: Name) -> bool:
    """Names from another language, of which one side has all parts of the other."""
    return bool(a.foreign and b.foreign) and parts_alike(a.foreign, b.foreign) == "within"


def _spelled(a: Name, b: Name) -> str:
    if _same_consonants(a, b):
        return "close"
    alike = parts_alike(a.romanised, b.romanised)
    return "close" if alike in ("part", "different") and _readings_close(a.ring, b.ring) else alike


def _readings_close(a: str, b: str) -> bool:
    """One slip in all letters of the name, however it was cut into parts: ANG YANG CHAO and WANG YANGCHAO."""
    return min(len(a), len(b)) >= _SHORTEST_READING and _within(a, b, 1)


def _dates_of_birth(a: str, b: str) -> str:
    known = min(len(a), len(b))
    if known < 10:
        kind = "partial_year" if known == 4 else "partial_month"
        return kind if a[:known] == b[:known] else f"{kind}_different"
    if a == b:
        return "exact"
    if exchanged(a) == b:
        return "swapped"
    if within_edits(a, b, 1):
        return "one_slip"
    if sum(x != y for x, y in zip(a, b, strict=True)) == 2:
        return "two_slips"
    return "same_year" if a[:4] == b[:4] else "different"


def _id_numbers(a: Identifier, b: Identifier) -> str:
    if a.text == b.text:
        return "exact" if a.valid else "exact_invalid"
    if a.valid and b.valid:
        return "two_valid" if a.kind == b.kind and len(a.text) == len(b.text) else "different"
    return "one_slip" if _within(a.text, b.text, 1) else "different"


def _vins(a: Identifier, b: Identifier) -> str:
    if a.text == b.text:
        return "exact"
    if a.valid and b.valid:
        return "two_valid"
    return "one_slip" if _within(a.text, b.text, 1) else "different"


def _documents(a: str, b: str) -> str:
    if a == b:
        return "exact"
    return "one_slip" if min(len(a), len(b)) >= 6 and _within(a, b, 1) else "different"


def _plates(a: Plate, b: Plate) -> str:
    return "exact" if a.text == b.text else "different"


def _plate_colours(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "blue_yellow" if {a, b} == {"blue", "yellow"} else "other_ground"


def _addresses(a: Address, b: Address) -> str:
    if a.street == b.street:
        return "exact" if a.number == b.number else "street"
    return "close" if _texts_close(a.street, b.street) else "different"


def _localities(a: Locality, b: Locality) -> str | None:
    """What both sides have of suburb, postcode and state; they tell of one place, so they are one field."""
    postcodes = _agreement(a.postcode, b.postcode, lambda x, y: _within(x, y, 1))
    suburbs = _agreement(a.suburb, b.suburb, _texts_close)
    known = [it for it in (postcodes, suburbs) if it is not None]
    if known and all(it == 2 for it in known):
        return "same"
    if any(it == 2 for it in known) or (known and all(it == 1 for it in known)):
        return "near"
    if a.state is not None and a.state == b.state:
        return "state"
    return "different" if known or (a.state and b.state) else None


def _agreement(a: str | None, b: str | None, close: Callable[[str, str], bool]) -> int | None:
    if a is None or b is None:
        return None
    return 2 if a == b else int(close(a, b))


def _texts_close(a: str, b: str) -> bool:
    """A slip in eight letters, blanks apart; or most of the bigrams in common, which suits long text and hanzi."""
    a, b = units(a.replace(" ", "")), units(b.replace(" ", ""))
    longest = max(len(a), len(b))
    slips = longest >= _SHORTEST_TEXT and _within(a, b, min(3, longest // 8 + 1))
    return slips or dice(a, b) >= 0.7


def _within(a: str, b: str, limit: int) -> bool:
    a, b = units(a), units(b)
    return max(len(a), len(b)) <= LONGEST_EDITED and within_edits(a, b, limit)


def _texts(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "overlapping" if a in b or b in a or dice(units(a), units(b)) >= 0.5 else "different"


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
    likeness = dice(units(a), units(b))
    return "alike" if likeness >= 0.6 else "some" if likeness >= 0.3 else "unlike"


def _phones(a: str, b: str) -> str:
    if a == b:
        return "exact"
    return "one_slip" if min(len(a), len(b)) >= 7 and _within(a, b, 1) else "different"


def _same(a: str, b: str) -> str:
    return "same" if a == b else "different"


# Levels that say nothing more once the numbers agree, which hold birth date and sex.
_IMPLIED: Mapping[FieldName, tuple[str, ...]] = {"birth_date": ("exact",), "sex": ("same",)}
# Levels that whoever lives together reaches as well, where the names are those of two people.
_SHARED: Mapping[FieldName, tuple[str, ...]] = {"phone": ("exact",), "address": ("exact", "street", "close")}
_PARTLY_OTHER = frozenset({"one_character", "romanised_part", "latin_part"})
_OTHER_NAMES = _PARTLY_OTHER | {"different", "romanised_different", "latin_different"}
_COMPARISONS: Mapping[FieldName, Comparison] = {
    "name": _names,
    "birth_date": _dates_of_birth,
    "sex": _same,
    "id_number": _id_numbers,
    "document_number": _documents,
    "phone": _phones,
    "plate": _plates,
    "plate_colour": _plate_colours,
    "vin": _vins,
    "address": _addresses,
    "locality": _localities,
    "make": _texts,
    "colour": _same,
    "height_cm": _heights,
    "place": _texts,
    "happened_on": _happenings,
    "belongings": _belongings,
}

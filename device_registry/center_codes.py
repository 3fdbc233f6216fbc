"""What is odd in a center's code, beside GB/T 2260 (divisions) and GA/T 380 (agencies: division, then six digits).

Odd is not wrong: development zones and railways have codes of their own, and some cities no counties. So it is told,
and refused nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from device_registry.gb_codes import division
from device_registry.models import Level

_MUNICIPALITIES: Final = ("11", "12", "31", "50")  # provinces and cities in one: their city is the whole province


def oddities(code: str, level: Level, parent_code: str | None) -> Iterator[str]:
    """A sentence for each; of a code with 6 or 12 digits."""
    place = code[:6]
    if not division(place):
        yield f"GB/T 2260 has no division {place}."
    elif not _fits(place, level):
        yield f"{place} is not the division of a {level}."
    if len(code) == 12 and level == "station" and code.endswith("000000"):
        yield "GA/T 380 numbers a station in its last six digits, which are 0 here."
    if parent_code is not None and not place.startswith(_known_digits(parent_code[:6])):
        yield f"{place} does not lie in the division {parent_code[:6]} of the center above."


def _fits(place: str, level: Level) -> bool:
    if level == "city":
        return place.endswith("00") and (not place.endswith("0000") or place.startswith(_MUNICIPALITIES))
    return not place.endswith("0000")  # a city without counties has stations


def _known_digits(place: str) -> str:
    while place.endswith("00"):
        place = place[:-2]
    return place

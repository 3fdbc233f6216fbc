"""The document number in a machine-readable zone (ICAO 9303, parts 3 to 6)."""

from __future__ import annotations

import re
from typing import NamedTuple

from matching.normalising.text import LONGEST_NUMBER, readable

_WEIGHTS = (7, 3, 1)
# The last line of passports (TD3, 44 places) and of the larger cards (TD2, 36 places).
_SECOND_LINE = re.compile(
    "([0-9A-Z<]{9})([0-9<])[A-Z<]{3}[0-9<]{6}[0-9][MFX<][0-9]{7}([0-9A-Z<]{7}|[0-9A-Z<]{15})[0-9]"
)
# The first line of cards (TD1, 30 places).
_CARD_LINE = re.compile("[ACI][A-Z<][A-Z<]{3}([0-9A-Z<]{9})([0-9<])([0-9A-Z<]{15})")
_SHORTEST, _CARD = 30, 90


class ZoneNumber(NamedTuple):
    text: str
    valid: bool  # it agrees with its check digit


def document_number(raw: str | None) -> ZoneNumber | None:
    """Of a whole zone, or of the one line that holds the number; None for anything else."""
    if raw is None or len(raw) < _SHORTEST:
        return None
    zone = "".join(readable(raw, LONGEST_NUMBER).split()).upper()
    if len(zone) == _CARD:
        found = _CARD_LINE.fullmatch(zone[:30])
    else:
        line = zone[len(zone) // 2 :] if len(zone) in (72, 88) else zone
        found = _SECOND_LINE.fullmatch(line) or _CARD_LINE.fullmatch(line)
    return _number(*found.groups()) if found else None


def check_digit(text: str) -> str:
    """Weights 7, 3, 1; letters count from 10, the filler nothing (ICAO 9303-3, 4.9)."""
    values = (0 if character == "<" else int(character, 36) for character in text)
    return str(sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def _number(number: str, check: str, optional: str) -> ZoneNumber | None:
    """A number of more than nine places goes on in the optional data, where its check digit ends it."""
    rest = optional.split("<", maxsplit=1)[0]
    if check == "<" and rest:
        number, check = number + rest[:-1], rest[-1]
    text = number.rstrip("<")
    if not text or "<" in text:
        return None
    return ZoneNumber(text, check == check_digit(number))

"""Vehicle identification numbers (ISO 3779, GB 16735)."""

from __future__ import annotations

from matching.normalising.identifiers import Identifier
from matching.normalising.text import compact

# 49 CFR 565.15: letters as digits, and weights whose ninth place is the check digit's own.
_LETTERS = zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
_VALUES = {**dict(_LETTERS), **{str(digit): digit for digit in range(10)}}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_NOT_USED = str.maketrans("IOQ", "100")


def normalise_vin(raw: str | None) -> Identifier | None:
    """17 places; I, O and Q do not occur and are read as 1, 0 and 0. Shorter ones are of before 1981, or cut."""
    text = compact(raw).translate(_NOT_USED)
    if not 5 <= len(text) <= 17 or len(set(text)) < 4 or not text.isascii():
        return None
    return Identifier(text, _passes(text), "vin")


def must_pass(text: str) -> bool:
    """The check digit is the law in North America and China; elsewhere makers put what they like in its place."""
    return len(text) == 17 and text[0] in "12345L"


def _passes(text: str) -> bool:
    if len(text) != 17:
        return False
    check = sum(_VALUES[character] * weight for character, weight in zip(text, _WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if check == 10 else str(check))

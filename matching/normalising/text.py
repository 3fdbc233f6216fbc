"""Text as it comes, to text that can be compared: one form for each character, nothing unseen, and not too much of it.

Unicode Standard Annex 15 (NFKC); full-width digits and letters become the plain ones by it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from matching.normalising.traditional import simplified

LONGEST = 4096  # characters; what is longer was never written by a person, and holds nothing usable
LONGEST_NUMBER = 256  # of a number of any kind, MRZ included
_NOTHING = frozenset({"", "NONE", "NULL", "NA", "NIL", "UNKNOWN", "无", "不详", "未知"})
# Selectors, joiners and fillers count as letters or marks, and cannot be seen.
_SELECTORS = re.compile("[\u034f\u115f\u1160\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SHORT = 64


def readable(raw: str | None, longest: int = LONGEST) -> str:
    """NFKC without zero-width and control characters; empty for text that is longer than `longest`."""
    if not raw or len(raw) > longest:
        return ""
    if raw.isascii() and raw.isprintable():
        return raw
    if not raw.isprintable():
        raw = "".join(character for character in raw if character.isprintable() or character.isspace())
    text = unicodedata.normalize("NFKC", _SELECTORS.sub("", raw))
    return text if len(text) <= longest else ""


def compact(raw: str | None) -> str:
    """Upper case, letters and digits only, at most 256; words that mean "nothing" become empty."""
    text = _BETWEEN_WORDS.sub("", readable(raw, LONGEST_NUMBER).upper())
    text = readable(text, LONGEST_NUMBER)  # capitals may have another form than their small letters
    return "" if text in _NOTHING else text


def normalise_text(raw: str | None) -> str | None:
    """Words in lower case, one blank between them, hanzi simplified."""
    if not raw:
        return None
    return _short_text(raw) if len(raw) <= _SHORT else _text(raw)


def _text(raw: str) -> str | None:
    text = readable(simplified(_BETWEEN_WORDS.sub(" ", readable(raw).casefold()).strip()))
    return None if text.upper() in _NOTHING else text


_short_text = lru_cache(maxsize=16384)(_text)  # makes, colours and places repeat

"""Text as it comes, to text that can be compared: one form for each character, nothing unseen, and not too much of it.

Unicode Standard Annex 15 (NFKC); full-width digits and letters become the plain ones by it.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4096  # characters; what is longer was never written by a person, and holds nothing usable
LONGEST_NUMBER = 256  # of a number of any kind, MRZ included
_NOTHING = frozenset({"", "NONE", "NULL", "NA", "NIL", "UNKNOWN", "无", "不详", "未知"})
# Selectors, joiners and fillers count as letters or marks, and cannot be seen.
_SELECTORS = re.compile("[\u034f\u115f\u1160\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_NOT_LATIN_NUMBER = re.compile("[^0-9A-Z]+")


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
    text = readable(raw, LONGEST_NUMBER).upper()
    if text.isascii():
        text = _NOT_LATIN_NUMBER.sub("", text)
    else:
        text = "".join(character for character in text if character.isalnum())
        text = readable(text, LONGEST_NUMBER)  # capitals may have another form than their small letters
    return "" if text in _NOTHING else text


def normalise_text(raw: str | None) -> str | None:
    """Words in lower case, one blank between them."""
    if not raw:
        return None
    folded = readable(raw).casefold()
    words = "".join(character if character.isalnum() else " " for character in folded).split()
    text = readable(" ".join(words))
    return None if text.upper() in _NOTHING else text

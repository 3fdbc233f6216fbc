"""Latin letters without their accents, and the spellings that machine-readable zones use instead (ICAO 9303-3, 6)."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ŧ": "t", "ŋ": "n"}
)
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# Lü and nü, as GB/T 28039-2011 writes them in passports; v stands for ü on keyboards.
_PINYIN_U = re.compile(r"(?<=\b[ln])(?:ü|ǘ|ǚ|ǜ|ǖ|v)(?=e?\b)")


def plain(text: str) -> str:
    """Without accents; the pinyin syllables lü and nü become lyu and nyu."""
    if text.isascii():
        return _PINYIN_U.sub("yu", text) if "v" in text else text
    decomposed = unicodedata.normalize("NFKD", _PINYIN_U.sub("yu", text).translate(_PLAIN))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def spelled_out(text: str) -> str:
    """Müller as MUELLER; the same as `plain` for most names."""
    return plain(text if text.isascii() else text.translate(_SPELLED_OUT))

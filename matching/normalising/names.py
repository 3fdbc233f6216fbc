"""Names in Chinese and in Latin letters, brought to forms that agree across script, order and spacing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from matching.normalising import latin
from matching.normalising.hanzi import readings
from matching.normalising.rings import least_rotation
from matching.normalising.text import readable
from matching.normalising.traditional import simplified

_LONGEST = 257  # two columns of 128 and a blank; more than that is no name
_TRANSLITERATED = 5  # characters: no Chinese name is as long
_HANZI = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_APOSTROPHES = re.compile("['’ʼ‘`]")
# Dots between names that count as letters; all others are blanks already.
_LETTER_DOTS = re.compile("[\u119e\u1427\ua78f]")


@dataclass(frozen=True, slots=True)
class Name:
    plain: str  # as written, folded, hanzi simplified: 张晓明; "maria de la cruz"
    romanised: str  # tokens in Latin letters, sorted: "xiaoming zhang"
    ring: str  # least rotation of the letters: alike for "Zhang Xiaoming", "XIAO MING ZHANG" and 张晓明
    is_chinese: bool
    others: tuple[str, ...] = ()  # further ways to romanise it, tokens sorted: of polyphones, of ü and ø
    rings: tuple[str, ...] = ()  # of all of them, in the order of writing and of the alphabet
    # What only the way of writing tells, so that two names are the same without it:
    family: str = field(default="", compare=False)  # where a column of its own gives it
    foreign: str = field(default="", compare=False)  # parts between dots, in pinyin: "dige aermeida" of 迭戈·阿尔梅达

    @property
    def is_transliterated(self) -> bool:
        """From another language, in Chinese characters."""
        return self.is_chinese and len(self.plain) >= _TRANSLITERATED


def normalise_name(name: str | None, surname: str | None = None, given_name: str | None = None) -> Name | None:
    """The full name if there is one, else the parts; a surname that is given says where to cut a Chinese name."""
    whole = _folded(name)
    family, given = _folded(surname), _folded(given_name)
    if not whole:
        joined = _is_chinese(family + given)
        whole = family + given if joined else " ".join(part for part in (given, family) if part)
    return _normalise(whole, family) if whole else None


@lru_cache(maxsize=65536)
def _normalise(whole: str, family: str) -> Name:
    if not _is_chinese(whole):
        spellings = [latin.plain(whole), latin.spelled_out(whole)]
        return _name(whole, spellings, is_chinese=False, family=latin.plain(family))
    plain = readable(simplified(whole.replace(" ", "")))
    family = simplified(family.replace(" ", ""))
    parts = simplified(whole).split() if len(plain) >= _TRANSLITERATED else []
    foreign = " ".join(_syllables(part) for part in parts) if len(parts) > 1 else ""
    found = readings(plain, family if plain.startswith(family) else "")
    spellings = [latin.plain(" ".join(reading)) for reading in found]
    return _name(plain, spellings, is_chinese=True, family=family, foreign=foreign)


def _syllables(part: str) -> str:
    return latin.plain("".join(readings(part, part)[0]))


def _name(plain: str, spellings: Iterable[str], *, is_chinese: bool, family: str, foreign: str = "") -> Name:
    written = [spelling.split() or [plain.replace(" ", "")] for spelling in dict.fromkeys(spellings)]
    forms = [sorted(tokens) for tokens in written]
    # Two parts have the same least rotation in either order.
    orders = [*written, *(form for form in forms if len(form) > 2)]
    first, *others = dict.fromkeys(" ".join(form) for form in forms)
    rings = tuple(dict.fromkeys(least_rotation("".join(order)) for order in orders))
    return Name(plain, first, rings[0], is_chinese, tuple(others), rings, family, foreign)


def _folded(raw: str | None) -> str:
    return _fold(raw) if raw and len(raw) <= _LONGEST else ""


@lru_cache(maxsize=65536)
def _fold(raw: str) -> str:
    text = readable(readable(raw, _LONGEST).casefold(), _LONGEST)
    text = _LETTER_DOTS.sub(" ", _APOSTROPHES.sub("", text))
    if not text.replace(" ", "").isalnum():
        text = "".join(character if _is_letter(character) else " " for character in text)
    return " ".join(text.split())


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def _is_chinese(text: str) -> bool:
    return _HANZI.search(text) is not None

"""Names in Chinese and in Latin letters, brought to forms that agree across script, order and spacing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
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
        spellings = dict.fromkeys((latin.plain(whole), latin.spelled_out(whole)))
        return _name(whole, [spelling.split() or [whole.replace(" ", "")] for spelling in spellings], is_chinese=False)
    plain = readable(simplified(whole.replace(" ", "")))
    family = simplified(family.replace(" ", ""))
    found = readings(plain, family if plain.startswith(family) else "")
    return _name(plain, [[latin.plain(part) for part in reading] for reading in found], is_chinese=True)


def _name(plain: str, spellings: list[list[str]], *, is_chinese: bool) -> Name:
    forms = _each_once(" ".join(sorted(tokens)) for tokens in spellings)
    written = ["".join(tokens) for tokens in spellings]
    rings = _each_once(least_rotation(text) for text in (*written, *(form.replace(" ", "") for form in forms)))
    return Name(plain, forms[0], rings[0], is_chinese, forms[1:], rings)


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _folded(raw: str | None) -> str:
    return _fold(raw) if raw and len(raw) <= _LONGEST else ""


@lru_cache(maxsize=65536)
def _fold(raw: str) -> str:
    text = readable(readable(raw, _LONGEST).casefold(), _LONGEST)
    if text.isascii() and text.isalpha():
        return text
    text = _LETTER_DOTS.sub(" ", _APOSTROPHES.sub("", text))
    kept = "".join(character if _is_letter(character) else " " for character in text)
    return " ".join(kept.split())


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def _is_chinese(text: str) -> bool:
    return _HANZI.search(text) is not None

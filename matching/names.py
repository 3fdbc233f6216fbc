"""Names in Chinese and in Latin letters, brought to forms that agree across script, order and spacing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Surnames of two characters, and those that are read otherwise than the character alone (GB/T 28039-2011).
_COMPOUND = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
    "仲孙钟离长孙宇文司徒鲜于司空令狐呼延轩辕拓跋完颜西门百里东郭南门"
)
_COMPOUND_SURNAMES = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))
_SURNAME_READINGS = {
    "万俟": "moqi", "尉迟": "yuchi", "澹台": "tantai", "长孙": "zhangsun", "单": "shan", "曾": "zeng", "仇": "qiu",
    "解": "xie", "查": "zha", "朴": "piao", "盖": "ge", "区": "ou", "召": "shao", "乐": "yue", "翟": "zhai",
    "缪": "miao", "覃": "qin", "黑": "he", "种": "chong", "秘": "bi", "折": "she", "冼": "xian", "员": "yun",
    "能": "nai", "逄": "pang", "祭": "zhai", "繁": "po",
}  # fmt: skip
_PINYIN_U = re.compile(r"(?<=\b[ln])[üv](?=e?\b)")


@dataclass(frozen=True, slots=True)
class Name:
    plain: str  # as written, folded: 张晓明; "maria de la cruz"
    romanised: str  # tokens in Latin letters, sorted: "xiaoming zhang"
    ring: str  # least rotation of the letters: alike for "Zhang Xiaoming", "XIAO MING ZHANG" and 张晓明
    is_chinese: bool


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
    if _is_chinese(whole):
        plain = unicodedata.normalize("NFKC", whole.replace(" ", ""))
        tokens = _readings(plain, family if plain.startswith(family) else "")
    else:
        plain = whole
        tokens = _latin(whole).split() or [whole.replace(" ", "")]
    return Name(plain, " ".join(sorted(tokens)), least_rotation("".join(tokens)), _is_chinese(whole))


def _folded(raw: str | None) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw or "").casefold())
    text = text.replace("'", "").replace("’", "")
    kept = "".join(character if _is_letter(character) else " " for character in text)
    return " ".join(kept.split())


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff" for character in text)


def _readings(plain: str, family: str) -> list[str]:
    if not family and len(plain) <= 4:
        family = plain[:2] if len(plain) > 2 and plain[:2] in _COMPOUND_SURNAMES else plain[:1]
    from pypinyin import lazy_pinyin  # its dictionaries take half a second to load, which most commands can do without

    surname = _SURNAME_READINGS.get(family) or "".join(lazy_pinyin(family))
    given = "".join(lazy_pinyin(plain[len(family) :]))
    return [_latin(part.replace("v", "yu")) for part in (surname, given) if part]  # pypinyin writes v for ü


def _latin(text: str) -> str:
    """Without accents; the pinyin syllables lü and nü as passports write them."""
    decomposed = unicodedata.normalize("NFKD", _PINYIN_U.sub("yu", text))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def least_rotation(text: str) -> str:
    """The first of all rotations in the order of the alphabet, so that AB and BA agree."""
    return min((text[at:] + text[:at] for at in range(len(text))), default="")

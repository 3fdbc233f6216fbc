"""Traditional characters to the simplified ones of mainland documents, character by character, as OpenCC has them.

From the traditional side nearly every character has one simplified form, so that characters are enough for names.
"""

from __future__ import annotations

from functools import cache
from typing import Final

# Table of General Standard Chinese Characters (State Council, 2013), annex 1: for names, or in a meaning of their own,
# these stay as they are; and these are other forms of the simplified ones, which OpenCC takes for characters apart.
_KEPT: Final = frozenset("昇龢邨甯乾陞夥徵甦")
_FORMS: Final = {"裏": "里", "峯": "峰", "綉": "绣", "羣": "群"}
_HANZI: Final = range(0x4E00, 0xA000)


def simplified(text: str) -> str:
    return text if text.isascii() else text.translate(_table())


@cache
def _table() -> dict[int, str]:
    from opencc import OpenCC  # reads its dictionaries, which most commands can do without

    characters = [character for code in _HANZI if (character := chr(code)) not in _KEPT and _is_in(character, "big5")]
    # A character a line: side by side, some would be words.
    found = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, found, strict=True)
    table = {ord(one): other for one, other in pairs if one != other and _is_in(other, "gb2312")}
    return table | str.maketrans(_FORMS)


def _is_in(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True

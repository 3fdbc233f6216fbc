"""Licence plates: NFKC, upper case, without dots, blanks and hyphens; series by form (GA 36-2018)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Series = Literal["cn_standard", "cn_new_energy", "cn_special", "other"]
COLOURS = ("blue", "yellow", "green", "white", "black")
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_CHINESE = re.compile(rf"[{_PROVINCES}使民][A-Z](?:[A-Z0-9]{{5,6}}|[A-Z0-9]{{4}}[警学港澳挂领使应急])")
_COLOUR_NAMES = {"蓝": "blue", "黄": "yellow", "绿": "green", "白": "white", "黑": "black"}


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    series: Series


def normalise_plate(raw: str | None) -> Plate | None:
    """Four to ten letters and digits; anything else is no plate."""
    folded = unicodedata.normalize("NFKC", raw or "").upper()
    text = unicodedata.normalize("NFKC", "".join(character for character in folded if character.isalnum()))
    if not 4 <= len(text) <= 10 or len(set(text)) < 2:
        return None
    return Plate(text, _series(text))


def normalise_colour(raw: str | None) -> str | None:
    """The five ground colours of GA 36; a green-yellow or gradient plate is green."""
    text = unicodedata.normalize("NFKC", raw or "").strip().casefold()
    if "绿" in text or "green" in text:
        return "green"
    return next((name for mark, name in _COLOUR_NAMES.items() if mark in text or name in text), None)


def _series(text: str) -> Series:
    if not _CHINESE.fullmatch(text):
        return "other"
    if not text[-1].isascii():
        return "cn_special"
    return "cn_new_energy" if len(text) == 8 else "cn_standard"

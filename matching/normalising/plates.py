"""Licence plates: NFKC, upper case, without dots, blanks and hyphens; series by form, and the ground each series has.

GA 36-2018 with its amendment of 2019 (应急), and what the armed forces issue themselves. Plates of other countries stay
as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matching.normalising.text import readable
from matching.normalising.traditional import simplified

Colour = Literal["blue", "yellow", "green", "white", "black"]
Series = Literal[
    "cn_standard",
    "cn_new_energy_small",
    "cn_new_energy_large",
    "cn_police",
    "cn_learner",
    "cn_trailer",
    "cn_hong_kong_macau",
    "cn_consulate",
    "cn_embassy",
    "cn_emergency",
    "cn_civil_aviation",
    "cn_armed_police",
    "cn_military",
    "other",
]
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_SERIAL = "[0-9A-HJ-NP-Z]"  # I and O are not used: they look like 1 and 0
_PLACE = f"[{_PROVINCES}][A-Z]"
# New-energy plates have a letter for the kind of drive: A to E electric alone, F to K others; D and F came first.
_DRIVE = "[A-HJK]"
_FORMS: tuple[tuple[Series, re.Pattern[str]], ...] = (
    ("cn_standard", re.compile(f"{_PLACE}{_SERIAL}{{5}}")),
    ("cn_new_energy_small", re.compile(f"{_PLACE}{_DRIVE}{_SERIAL}[0-9]{{4}}")),
    ("cn_new_energy_large", re.compile(f"{_PLACE}[0-9]{{5}}{_DRIVE}")),
    ("cn_police", re.compile(f"{_PLACE}{_SERIAL}{{4}}警")),
    ("cn_learner", re.compile(f"{_PLACE}{_SERIAL}{{4}}学")),
    ("cn_trailer", re.compile(f"{_PLACE}{_SERIAL}{{4}}挂")),
    ("cn_hong_kong_macau", re.compile(f"粤Z{_SERIAL}{{4}}[港澳]")),
    ("cn_consulate", re.compile(f"{_PLACE}{_SERIAL}{{4}}领")),
    ("cn_embassy", re.compile(f"使[0-9]{{6}}|[0-9]{{6}}使|{_PLACE}{_SERIAL}{{4}}使")),
    ("cn_emergency", re.compile(f"[{_PROVINCES}][SX]{_SERIAL}{{4}}应急")),
    ("cn_civil_aviation", re.compile(f"民[A-Z]{_SERIAL}{{5}}")),
    ("cn_armed_police", re.compile(f"WJ(?:[{_PROVINCES}][0-9]{{4}}[0-9A-HJ-NP-Z]|[0-9]{{7}})")),
    # Until 2013. The two letters and five digits of today are those of Danish and other plates as well.
    ("cn_military", re.compile("[军海空北沈兰济南广成][A-Z][0-9]{5}")),
)
# The ground, where the series has but one; a standard plate is blue, or yellow on large vehicles.
_GROUNDS: Mapping[Series, Colour] = {
    "cn_new_energy_small": "green",
    "cn_new_energy_large": "green",
    "cn_police": "white",
    "cn_learner": "yellow",
    "cn_trailer": "yellow",
    "cn_hong_kong_macau": "black",
    "cn_consulate": "black",
    "cn_embassy": "black",
    "cn_emergency": "white",
    "cn_armed_police": "white",
    "cn_military": "white",
}
_COLOUR_NAMES: Mapping[str, Colour] = {"蓝": "blue", "黄": "yellow", "白": "white", "黑": "black"}
_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    series: Series

    @property
    def ground(self) -> Colour | None:
        """The ground that every plate of the series has."""
        return _GROUNDS.get(self.series)

    @property
    def is_malformed(self) -> bool:
        """It begins as Chinese plates do, and goes on as none does: with I or O, or too short."""
        return self.series == "other" and self.text[0] in _PROVINCES


def normalise_plate(raw: str | None) -> Plate | None:
    """Four to ten letters and digits; anything else is no plate."""
    text = readable(_BETWEEN.sub("", readable(raw, _LONGEST).upper()))
    if not 4 <= len(text) <= 10 or len(set(text)) < 2:
        return None
    return _plate(text)


def normalise_colour(raw: str | None) -> Colour | None:
    """The five ground colours of GA 36; a green-yellow or gradient plate is green."""
    text = simplified(readable(raw, _LONGEST)).strip().casefold()
    if "绿" in text or "green" in text:
        return "green"
    return next((name for mark, name in _COLOUR_NAMES.items() if mark in text or name in text), None)


def _plate(text: str) -> Plate:
    if text.isascii() and not text.startswith("WJ"):
        return Plate(text, "other")
    chinese = simplified(text)
    series = next((series for series, form in _FORMS if form.fullmatch(chinese)), None)
    return Plate(chinese, series) if series else Plate(text, "other")

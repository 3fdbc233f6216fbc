"""The grammar of Chinese number plates: provinces, serials, series by form, and the grounds that each series has.

GA 36-2018 with its amendment of 2019 (应急), and what the armed forces issue themselves. Text is in capital letters,
without dots, blanks and hyphens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

PlateColour = Literal["blue", "yellow", "green", "white", "black"]
ChineseSeries = Literal[
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
]

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
SUFFIXES = "警学挂港澳领使"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # of serials: I and O are not used, they look like 1 and 0
# New-energy plates have a letter for the kind of drive: A to E electric alone, F to K others; D and F came first.
DRIVES = "ABCDEFGHJK"
SERIAL = f"[{DIGITS}{LETTERS}]"  # one place of a serial, in a regular expression

_PLACE = f"[{PROVINCES}][A-Z]"
_FORMS: Mapping[ChineseSeries, re.Pattern[str]] = {
    "cn_standard": re.compile(f"{_PLACE}{SERIAL}{{5}}"),
    "cn_new_energy_small": re.compile(f"{_PLACE}[{DRIVES}]{SERIAL}[0-9]{{4}}"),
    "cn_new_energy_large": re.compile(f"{_PLACE}[0-9]{{5}}[{DRIVES}]"),
    "cn_police": re.compile(f"{_PLACE}{SERIAL}{{4}}警"),
    "cn_learner": re.compile(f"{_PLACE}{SERIAL}{{4}}学"),
    "cn_trailer": re.compile(f"{_PLACE}{SERIAL}{{4}}挂"),
    "cn_hong_kong_macau": re.compile(f"粤Z{SERIAL}{{4}}[港澳]"),
    "cn_consulate": re.compile(f"{_PLACE}{SERIAL}{{4}}领"),
    "cn_embassy": re.compile(f"使[0-9]{{6}}|[0-9]{{6}}使|{_PLACE}{SERIAL}{{4}}使"),
    "cn_emergency": re.compile(f"[{PROVINCES}][SX]{SERIAL}{{4}}应急"),
    "cn_civil_aviation": re.compile(f"民[A-Z]{SERIAL}{{5}}"),
    "cn_armed_police": re.compile(f"WJ(?:[{PROVINCES}][0-9]{{4}}{SERIAL}|[0-9]{{7}})"),
    # Until 2013. The two letters and five digits of today are those of Danish and other plates as well.
    "cn_military": re.compile("[军海空北沈兰济南广成][A-Z][0-9]{5}"),
}
# Of civil aviation no standard says it.
GROUNDS: Mapping[ChineseSeries, frozenset[PlateColour]] = {
    "cn_standard": frozenset({"blue", "yellow"}),  # small and large vehicles
    "cn_new_energy_small": frozenset({"green"}),
    "cn_new_energy_large": frozenset({"green"}),
    "cn_police": frozenset({"white"}),
    "cn_learner": frozenset({"yellow"}),
    "cn_trailer": frozenset({"yellow"}),
    "cn_hong_kong_macau": frozenset({"black"}),
    "cn_consulate": frozenset({"black"}),
    "cn_embassy": frozenset({"black"}),
    "cn_emergency": frozenset({"white"}),
    "cn_armed_police": frozenset({"white"}),
    "cn_military": frozenset({"white"}),
}


def chinese_series(text: str) -> ChineseSeries | None:
    """The series whose form the text has; no text has the forms of two."""
    return next((series for series, form in _FORMS.items() if form.fullmatch(text)), None)

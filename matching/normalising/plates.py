"""Licence plates: NFKC, upper case, without dots, blanks and hyphens, with the series of `foundation.plates`.

Plates of other countries stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from foundation.plates import GROUNDS, PROVINCES, ChineseSeries, PlateColour, chinese_series
from matching.normalising.text import readable
from matching.normalising.traditional import simplified

Colour = PlateColour
Series = ChineseSeries | Literal["other"]
_COLOUR_NAMES: Mapping[str, Colour] = {"蓝": "blue", "黄": "yellow", "白": "white", "黑": "black"}
_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    series: Series

    @property
    def ground(self) -> Colour | None:
        """The ground that every plate of the series has; None where there are several, or none is known."""
        grounds = self.grounds
        return next(iter(grounds)) if len(grounds) == 1 else None

    @property
    def grounds(self) -> frozenset[Colour]:
        return frozenset() if self.series == "other" else GROUNDS.get(self.series, frozenset())

    @property
    def is_malformed(self) -> bool:
        """It begins as Chinese plates do, and goes on as none does: with I or O, or too short."""
        return self.series == "other" and self.text[0] in PROVINCES


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
    series = chinese_series(chinese)
    return Plate(chinese, series) if series else Plate(text, "other")

"""Plates as devices read them, brought into the form of those that are read here."""

from __future__ import annotations

import re
import unicodedata

from analysis.plates.grammar import PlateSeries, series_of, tidy

_BETWEEN = re.compile(r"[\s·•.\-]")
_LATIN = re.compile("(?=.*[0-9])[0-9A-Z]{4,10}")
_CHINA = {None, "CN", "CHN"}


def normalised(text: str, region: str | None) -> tuple[str, PlateSeries] | None:
    """Text without dots, blanks and hyphens, and its series; None for what is no plate.

    What a device tells to be of another country needs no form beyond letters and digits; of this one, or of none, a
    text that lacks its first character is a bad reading and not another plate.
    """
    plate = tidy(_BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper())
    series = series_of(plate, None)
    if series is None and region not in _CHINA and _LATIN.fullmatch(plate):
        series = "latin"
    return None if series is None else (plate, series)

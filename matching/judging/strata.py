"""Ranges of probability out of which pairs are drawn to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.catalogue import to_mbits

_BORDERS = (0.0001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """Pairs from one probability to below another. Borders are compared as a hit's threshold is: in milli-bits."""

    least: float
    below: float

    def __str__(self) -> str:
        return " to ".join(repr(border).removesuffix(".0") for border in (self.least, self.below))

    def overlaps(self, other: Stratum) -> bool:
        return self.least < other.below and other.least < self.below

    def holds(self, odds_mbits: int) -> bool:
        return (self.least <= 0 or odds_mbits >= to_mbits(self.least)) and (
            self.below >= 1 or odds_mbits < to_mbits(self.below)
        )


def parse_stratum(text: str) -> Stratum:
    """Raises `ValueError`."""
    least, _, below = text.partition(" to ")
    stratum = Stratum(float(least), float(below))
    if not 0 <= stratum.least < stratum.below <= 1:
        raise ValueError(text)
    return stratum


def strata(threshold: float) -> Sequence[Stratum]:
    """The threshold is always a border, so that pairs above and below it are never weighed together."""
    borders = [0.0, *sorted({*_BORDERS, threshold}), 1.0]
    return [Stratum(least, below) for least, below in pairwise(borders)]


def places(of: Sequence[Stratum], odds_mbits: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each pair the place of its stratum."""
    borders = np.array([to_mbits(it.least) for it in of[1:]], dtype=np.int64)
    return np.searchsorted(borders, odds_mbits, side="right").astype(np.int64)


def shared_out(pairs: int, held: Sequence[int]) -> list[int]:
    """How many to draw out of strata that hold so many: alike, and what small ones cannot give from the others."""
    drawn = [0] * len(held)
    left = min(pairs, sum(held))
    while left:
        open_strata = [at for at in range(len(held)) if drawn[at] < held[at]]
        share = max(1, left // len(open_strata))
        for at in open_strata:
            more = min(share, held[at] - drawn[at], left)
            drawn[at] += more
            left -= more
    return drawn

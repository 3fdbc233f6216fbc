"""One vehicle's passage: the readings of its plate, and the vote that makes one read of them, or none.

A wrong read costs more than a missed one, so the winner needs readings that agree exactly and a clear lead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.plates.grammar import PlateSeries, is_chinese, series_of, spell_latin, tidy
from analysis.plates.reader import Reading
from foundation.plates import PlateColour

Direction = Literal["towards", "away"]

_FEWEST_READINGS = 3
_LEAST_LEAD = 0.6  # the winner's share of the weight of all readings
_LEAST_CONFIDENCE = 0.55  # of the weakest character, in the mean of the winner's readings
_SETTLED_READINGS = 4
_SETTLED_LEAD = 0.85
_FULL_WIDTH = 90.0  # pixels; narrower plates weigh less, by the square
_IMPLAUSIBLE = 0.25  # of the weight of a text that is no plate
_BREAK = 0.1  # mean probability of a separator that makes a gap
_GROWTH = 1.12  # of the plate's width, towards the camera or away
_LOOK_ALIKES = str.maketrans("OI", "01")


@dataclass(slots=True, frozen=True)
class Vote:
    at_us: int
    reading: Reading
    colour: PlateColour
    width: float  # of the plate, pixels

    @property
    def weight(self) -> float:
        return min(self.width / _FULL_WIDTH, 1.0) ** 2 * self.reading.confidence


@dataclass(slots=True, frozen=True)
class Verdict:
    plate: str
    colour: PlateColour
    series: PlateSeries
    confidence: float
    lead: float
    readings: int  # that agree with the verdict

    @property
    def is_settled(self) -> bool:
        """More readings would not change it."""
        return self.readings >= _SETTLED_READINGS and self.lead >= _SETTLED_LEAD


class Passage:
    """Votes on one plate, and where it was seen from first to last."""

    def __init__(self) -> None:
        self._votes: list[Vote] = []
        self._widths: list[float] = []

    @property
    def readings(self) -> int:
        return len(self._votes)

    @property
    def sightings(self) -> int:
        return len(self._widths)

    @property
    def is_growing(self) -> bool:
        return len(self._widths) > 1 and self._widths[-1] > self._widths[0]

    def see(self, width: float) -> None:
        self._widths.append(width)

    def vote(self, vote: Vote) -> None:
        if vote.reading.text:
            self._votes.append(vote)

    def direction(self) -> Direction | None:
        """By the plate's growth; None when it stayed about as large."""
        if len(self._widths) < _FEWEST_READINGS:
            return None
        third = len(self._widths) // 3
        first, last = sum(self._widths[:third]) / third, sum(self._widths[-third:]) / third
        if last > first * _GROWTH:
            return "towards"
        return "away" if first > last * _GROWTH else None

    def verdict(self) -> Verdict | None:
        """The text that the passage's readings agree on, or None when they do not, or not enough."""
        if len(self._votes) < _FEWEST_READINGS:
            return None
        colour = self._colour()
        groups: dict[str, list[Vote]] = defaultdict(list)
        for vote in self._votes:
            groups[vote.reading.text.translate(_LOOK_ALIKES)].append(vote)
        winner = max(groups.values(), key=lambda votes: self._weight_of(votes, colour))
        text = _spelling(winner)
        series = series_of(text, colour) if text else None
        lead = self._weight_of(winner, colour) / max(self._opposed(winner, colour), 1e-9)
        confidence = _confidence(winner)
        if text is None or series is None or len(winner) < _FEWEST_READINGS:
            return None
        if lead < _LEAST_LEAD or confidence < _LEAST_CONFIDENCE:
            return None
        return Verdict(text, colour, series, confidence * lead, lead, len(winner))

    def _weight_of(self, votes: list[Vote], colour: PlateColour) -> float:
        plausible = series_of(tidy(votes[0].reading.text), colour) is not None
        return sum(vote.weight for vote in votes) * (1.0 if plausible else _IMPLAUSIBLE)

    def _opposed(self, winner: list[Vote], colour: PlateColour) -> float:
        """The weight of all votes but those that only lost characters at an end of the winner's text."""
        text = winner[0].reading.text.translate(_LOOK_ALIKES)
        others = [vote for vote in self._votes if vote.reading.text.translate(_LOOK_ALIKES) not in text]
        return self._weight_of(winner, colour) + sum(self._weight_of([vote], colour) for vote in others)

    def _colour(self) -> PlateColour:
        shares: Counter[PlateColour] = Counter()
        for vote in self._votes:
            shares[vote.colour] += max(round(vote.weight * 1000), 1)
        return shares.most_common(1)[0][0]


def _spelling(votes: list[Vote]) -> str | None:
    """The one way to spell a group that differs in O and 0, I and 1 only, if there is one."""
    weights: dict[str, float] = defaultdict(float)
    for vote in votes:
        weights[vote.reading.text] += vote.weight
    text = max(weights, key=lambda key: weights[key])
    if is_chinese(text):
        return text
    gaps = np.array([vote.reading.breaks for vote in votes]).mean(axis=0)
    return spell_latin(text, [index for index in range(1, len(text)) if gaps[index] >= _BREAK])


def _confidence(votes: list[Vote]) -> float:
    """The mean confidence of the weakest character."""
    means = np.array([vote.reading.confidences for vote in votes]).mean(axis=0)
    return float(means.min())

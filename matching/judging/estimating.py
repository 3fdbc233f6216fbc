"""What judged pairs say of a threshold and of the probabilities, each pair standing for those it was drawn from.

Stratified estimates after Cochran, "Sampling Techniques" (1977), chapter 5. Intervals are percentiles of a parametric
bootstrap: of each stratum the pairs that nobody judged are drawn anew, with a share from Jeffreys' posterior (Brown,
Cai and DasGupta, "Interval estimation for a binomial proportion", 2001). Pairs drawn again from the judged ones would
show no doubt at all where all of a stratum were judged alike, which most strata are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foundation.errors import InvalidInput
from matching.judging.columns import Judgement
from matching.judging.judged_file import Judged
from matching.judging.strata import Stratum
from matching.scoring import posterior

_DRAWS = 10_000
_SEED = 20261126
_PERCENTILES = (2.5, 97.5)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float
    low: float  # the interval holds 95 of 100
    high: float


@dataclass(frozen=True, slots=True)
class OfStratum:
    """A line of the reliability table."""

    stratum: Stratum
    pairs: int
    same: int
    different: int
    undecided: int
    unjudged: int
    stated: float  # mean probability of the judged pairs, as the model states it
    share: Estimate | None  # of its pairs, that are the same; None: nobody judged any
    brier: float  # mean square of stated probability less judgement

    @property
    def judged(self) -> int:
        return self.same + self.different


@dataclass(frozen=True, slots=True)
class Evaluation:
    threshold: float
    strata: Sequence[OfStratum]
    precision: Estimate | None  # of the pairs at the threshold or above; None: none of them was judged
    recall: Estimate | None  # of the same pairs among the candidates; None: none was found, or none above was judged
    missed: Estimate  # pairs below the threshold that are the same
    brier: float
    calibration_error: float  # mean distance of stated probability and judged share, by stratum

    @property
    def judged(self) -> int:
        return sum(it.judged for it in self.strata)

    @property
    def pairs(self) -> int:
        return sum(it.pairs for it in self.strata)


def evaluate(rows: Sequence[Judged], threshold: float) -> Evaluation:
    """Raises `InvalidInput` where nothing is judged, or where the threshold lies within a stratum."""
    strata = [_of_stratum(it) for it in by_stratum(rows)]
    for cut in strata:
        if cut.stratum.least < threshold < cut.stratum.below:
            what = f"it lies within the stratum {cut.stratum}, whose pairs were drawn together."
            raise InvalidInput(what, where="--threshold", mend="Take a border, or draw a sample with this threshold.")
    covered = [it for it in strata if it.judged]
    if not covered:
        raise InvalidInput("no pair is judged yet.", where="the column judgement", mend="Judge some in each stratum.")
    pairs = np.array([it.pairs for it in covered], dtype=np.float64)
    above = np.array([it.stratum.least >= threshold for it in covered])
    shares, drawn = _shares(covered)
    same, drawn_same = pairs * shares, pairs * drawn
    weights = pairs / pairs.sum()
    stated = np.array([it.stated for it in covered])
    return Evaluation(
        threshold,
        strata,
        _ratio(same[above].sum(), pairs[above].sum(), _divided(drawn_same[:, above], pairs[None, above])),
        _ratio(same[above].sum(), same.sum() if above.any() else 0, _divided(drawn_same[:, above], drawn_same)),
        _estimate(same[~above].sum(), drawn_same[:, ~above].sum(1)),
        float(weights @ np.array([it.brier for it in covered])),
        float(weights @ np.abs(stated - shares)),
    )


def by_stratum(rows: Sequence[Judged]) -> Sequence[Sequence[Judged]]:
    found: defaultdict[Stratum, list[Judged]] = defaultdict(list)
    for row in rows:
        found[row.stratum].append(row)
    return [found[stratum] for stratum in sorted(found)]


def decided(rows: Sequence[Judged]) -> Sequence[Judged]:
    return [row for row in rows if row.judgement in (Judgement.SAME, Judgement.DIFFERENT)]


def _of_stratum(rows: Sequence[Judged]) -> OfStratum:
    judged = decided(rows)
    same = np.array([row.judgement is Judgement.SAME for row in judged], dtype=np.float64)
    stated = np.array([posterior(0, row.odds_mbits) for row in judged])
    positive, count = int(same.sum()), len(judged)
    undecided = sum(row.judgement is Judgement.UNDECIDED for row in rows)
    return OfStratum(
        rows[0].stratum,
        rows[0].stratum_pairs,
        positive,
        count - positive,
        undecided,
        len(rows) - count - undecided,
        float(stated.mean()) if count else 0.0,
        _estimate(positive / count, _drawn(positive, count, rows[0].stratum_pairs)) if count else None,
        float(((stated - same) ** 2).mean()) if count else 0.0,
    )


def _shares(covered: Sequence[OfStratum]) -> tuple[Floats, Floats]:
    """Per stratum the share of the same pairs; and draws of it, a column each."""
    shares = np.array([it.same / it.judged for it in covered])
    drawn = np.stack([_drawn(it.same, it.judged, it.pairs, at) for at, it in enumerate(covered)], axis=1)
    return shares, drawn


def _drawn(same: int, judged: int, pairs: int, stream: int = 0) -> Floats:
    """Shares of a stratum's pairs, of which some are known by judgement."""
    random = np.random.default_rng((_SEED, stream))
    others = random.binomial(pairs - judged, random.beta(same + 0.5, judged - same + 0.5, _DRAWS))
    shares: Floats = (same + others) / pairs
    return shares


def _divided(parts: Floats, wholes: Floats) -> Floats:
    """Per draw, the sum over the strata by the sum."""
    ratios: Floats = parts.sum(1) / np.maximum(wholes.sum(1), 1)
    return ratios


def _ratio(part: float, whole: float, drawn: Floats) -> Estimate | None:
    return _estimate(part / whole, drawn) if whole else None


def _estimate(value: float, drawn: Floats) -> Estimate:
    """The interval reaches as far as the value, which stands at its end where all of a stratum agree."""
    low, high = np.percentile(drawn, _PERCENTILES)
    return Estimate(float(value), min(float(low), float(value)), max(float(high), float(value)))

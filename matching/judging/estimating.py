"""What judged pairs say of a threshold and of the probabilities, each pair standing for those it was drawn from.

Stratified estimates after Cochran, "Sampling Techniques" (1977), chapter 5. Intervals by a parametric bootstrap, melded
(Fay, Proschan and Brittain, "Combining one-sample confidence procedures for inference in the two-sample case", 2015):
the pairs of a stratum that nobody judged are drawn anew, for an interval's lower end with a share from the lower
confidence distribution of Clopper and Pearson's interval, for its upper end from the upper one. Pairs drawn again from
the judged ones would show no doubt at all where all of a stratum were judged alike, which most strata are.
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
    above = _same([it for it in covered if it.stratum.least >= threshold])
    below = _same([it for it in covered if it.stratum.least < threshold])
    weights = np.array([it.pairs for it in covered]) / sum(it.pairs for it in covered)
    apart = np.array([abs(it.stated - it.same / it.judged) for it in covered])
    return Evaluation(
        threshold,
        strata,
        _share(above) if above.pairs else None,
        _recall(above, below) if above.pairs and above.value + below.value else None,
        _estimate(below.value, below.low, below.high),
        float(weights @ np.array([it.brier for it in covered])),
        float(weights @ apart),
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
        _share(_same_of(positive, count, rows[0].stratum_pairs, 0)) if count else None,
        float(((stated - same) ** 2).mean()) if count else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Same:
    """How many of the pairs of some strata are the same."""

    pairs: int
    value: float
    low: Floats  # draws that an interval's lower end is taken from
    high: Floats


def _same(strata: Sequence[OfStratum]) -> _Same:
    of_each = [_same_of(it.same, it.judged, it.pairs, round(1e9 * it.stratum.least)) for it in strata]
    nothing = np.zeros(_DRAWS)
    return _Same(
        sum(it.pairs for it in of_each),
        sum(it.value for it in of_each),
        sum((it.low for it in of_each), nothing),
        sum((it.high for it in of_each), nothing),
    )


def _same_of(same: int, judged: int, pairs: int, stream: int) -> _Same:
    """Of one stratum: those that are known by judgement, and draws of the others."""
    random = np.random.default_rng((_SEED, stream))
    different, others = judged - same, pairs - judged
    least = random.beta(same, different + 1, _DRAWS) if same else np.zeros(_DRAWS)
    most = random.beta(same + 1, different, _DRAWS) if different else np.ones(_DRAWS)
    low, high = (same + random.binomial(others, share).astype(np.float64) for share in (least, most))
    return _Same(pairs, pairs * same / judged, low, high)


def _share(of: _Same) -> Estimate:
    return _estimate(of.value / of.pairs, of.low / of.pairs, of.high / of.pairs)


def _recall(above: _Same, below: _Same) -> Estimate:
    """It falls with what lies below the threshold."""
    low, high = above.low / np.maximum(above.low + below.high, 1), above.high / np.maximum(above.high + below.low, 1)
    return _estimate(above.value / (above.value + below.value), low, high)


def _estimate(value: float, low: Floats, high: Floats) -> Estimate:
    ends = float(np.percentile(low, _PERCENTILES[0])), float(np.percentile(high, _PERCENTILES[1]))
    return Estimate(value, min(ends[0], value), max(ends[1], value))

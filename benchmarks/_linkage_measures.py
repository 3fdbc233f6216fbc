"""One evaluator for every engine of record linkage: what it found, record by record, against the truth.

Intervals are of 95 %, by the bootstrap over records (Efron and Tibshirani, 1993, 13.3), with a seed; the difference of
two engines is taken on the same resampled records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.95
RESAMPLES = 1_000
SEED = 20261126
EDGES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hit:
    record_id: str
    reference_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts, one a record: true hits, false hits, references that should have been found."""

    true: Counts
    false: Counts
    wanted: Counts

    def of(self, mask: Mask) -> Outcome:
        return Outcome(self.true[mask], self.false[mask], self.wanted[mask])

    @property
    def precision(self) -> float:
        return _share(self.true.sum(), self.true.sum() + self.false.sum())

    @property
    def recall(self) -> float:
        return _share(self.true.sum(), self.wanted.sum())

    @property
    def f1(self) -> float:
        return float(_f1(self.true.sum(), self.false.sum(), self.wanted.sum()))

    @property
    def false_per_1000(self) -> float:
        return 1000 * _share(self.false.sum(), len(self.false))


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of the pairs whose probability lies in a bin: how many, their mean probability, the share that is true."""

    low: float
    high: float
    pairs: int
    mean: float
    true: float


def outcome(
    records: Sequence[str], truth: Mapping[str, Set[str]], hits: Iterable[Hit], threshold: float = THRESHOLD
) -> Outcome:
    """A pair that is given twice counts once."""
    found: dict[str, set[str]] = defaultdict(set)
    for hit in hits:
        if hit.probability >= threshold:
            found[hit.record_id].add(hit.reference_id)
    rows = [(len(found[it] & truth.get(it, set())), len(found[it]), len(truth.get(it, ()))) for it in records]
    true, all_found, wanted = np.array(rows, np.int64).reshape(-1, 3).T
    return Outcome(true, all_found - true, wanted)


def interval_of_f1(of: Outcome) -> Interval:
    return _interval(_resampled_f1(of, _weights(len(of.true))))


def interval_of_difference(one: Outcome, other: Outcome) -> Interval:
    """Of F1 of `one` less that of `other`."""
    weights = _weights(len(one.true))
    return _interval(_resampled_f1(one, weights) - _resampled_f1(other, weights))


def interval_of_recall(of: Outcome) -> Interval:
    weights = _weights(len(of.true))
    return _interval((weights @ of.true) / np.maximum(weights @ of.wanted, 1))


def reliability(hits: Iterable[Hit], truth: Mapping[str, Set[str]]) -> list[Reliability]:
    every = [(hit.probability, hit.reference_id in truth.get(hit.record_id, ())) for hit in hits]
    probabilities = np.array([it for it, _ in every], np.float64)
    true = np.array([it for _, it in every], np.bool_)
    places = np.clip(np.searchsorted(EDGES, probabilities, "right") - 1, 0, len(EDGES) - 2)
    return [
        Reliability(EDGES[at], EDGES[at + 1], int(inside.sum()), probabilities[inside].mean(), true[inside].mean())
        for at in range(len(EDGES) - 1)
        if (inside := places == at).any()
    ]


def _weights(count: int) -> NDArray[np.float64]:
    """How often each record is drawn, a row a resample."""
    dice = np.random.default_rng(SEED)
    return dice.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)


def _resampled_f1(of: Outcome, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return _f1(weights @ of.true, weights @ of.false, weights @ of.wanted)


def _f1(true: NDArray[np.float64], false: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """2 TP / (2 TP + FP + FN); 1 where there is nothing to find and nothing was found."""
    both = true + false + wanted
    return np.where(both > 0, 2 * true / np.maximum(both, 1), 1.0)


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975))
    return Interval(float(low), float(high))


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0

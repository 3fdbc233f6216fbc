"""EM without labels: how often matches reach each level (m), from pairs of which nobody said whether they match.

Dempster, Laird and Rubin (1977), for the mixture of Fellegi and Sunter as Winkler (1988) has it. u is held, since it
can be seen directly in pairs drawn at random. Estimates lean on the model that they start from, as if so many matches
had been seen before: a file of fifty records must not teach that nobody's telephone ever changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.levels.kernel import NOT_COMPARABLE, Levels
from matching.model import FIELDS, FieldName, Level, Model

PRIOR_MATCHES = 20.0
# Levels whose m no file can teach: two valid numbers have to outweigh all that namesakes and twins share.
HELD = frozenset({("id_number", "two_valid"), ("vin", "two_valid")})
HELD_KINDS = frozenset({"implied", "household"})
_ROUNDS = 500
_SETTLED = 1e-6  # of every m, and of the share of matches
_LEAST = 1e-12  # a level that no match can reach would rule pairs out for ever

Floats = NDArray[np.float64]
Tables = Mapping[FieldName, Floats]  # per level, in the model's order


@dataclass(frozen=True, slots=True)
class Patterns:
    """Pairs that reach the same levels of the same fields, counted together."""

    fields: tuple[FieldName, ...]
    levels: Levels  # patterns x fields
    counts: Floats

    def without(self, left_out: frozenset[FieldName]) -> Patterns:
        kept = [at for at, name in enumerate(self.fields) if name not in left_out]
        return _counted(tuple(self.fields[at] for at in kept), self.levels[:, kept], self.counts)


def patterns(levels: Levels, fields: Sequence[FieldName]) -> Patterns:
    """`levels` of all fields, as the kernel gives them."""
    chosen = levels[:, [FIELDS.index(name) for name in fields]]
    return _counted(tuple(fields), chosen, np.ones(len(levels)))


def _counted(fields: tuple[FieldName, ...], levels: Levels, counts: Floats) -> Patterns:
    codes = np.zeros(len(levels), dtype=np.uint64)
    for at in range(levels.shape[1]):  # a level is below 15, and 255 becomes 15
        codes = codes << np.uint64(4) | np.minimum(levels[:, at], 15).astype(np.uint64)
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    return Patterns(fields, levels[first], np.bincount(which, counts, len(first)).astype(np.float64))


def log_ratios(of: Patterns, m: Tables, u: Tables) -> Floats:
    """log2 of how much likelier each pattern is among matches."""
    total = np.zeros(len(of.levels))
    for at, name in enumerate(of.fields):
        total += _looked_up(np.log2(m[name]) - np.log2(u[name]), of.levels[:, at])
    return total


def matching(ratios: Floats, share: float) -> Floats:
    """The probability that a pair of each pattern is a match, where so large a share of all pairs is."""
    probabilities: Floats = 1 / (1 + np.exp2(np.clip(np.log2((1 - share) / share) - ratios, -1000, 1000)))
    return probabilities


@dataclass(frozen=True, slots=True)
class Estimate:
    m: Tables
    seen: Tables  # matches expected to have reached each level
    share: float  # of the pairs, that are matches


def maximise(of: Patterns, model: Model, u: Tables, *, prior_matches: float = PRIOR_MATCHES) -> Estimate:
    """m of the fields of the patterns, u held."""
    start = tables(model)[0]
    m: dict[FieldName, Floats] = {name: start[name] for name in of.fields}
    seen: dict[FieldName, Floats] = {}
    share = 0.3
    for _ in range(_ROUNDS):
        weights = of.counts * matching(log_ratios(of, m, u), share)
        seen = {name: level_sums(weights, of.levels[:, at], len(m[name])) for at, name in enumerate(of.fields)}
        after = {name: estimated(model, name, seen[name], prior_matches) for name in of.fields}
        now = float(min(max(weights.sum() / max(of.counts.sum(), 1), 1e-9), 1 - 1e-9))
        moved = max([abs(now - share), *(float(np.abs(after[name] - m[name]).max()) for name in of.fields)])
        m, share = after, now
        if moved < _SETTLED:
            break
    return Estimate(m, seen, share)


def estimated(model: Model, name: FieldName, seen: Floats, prior_matches: float = PRIOR_MATCHES) -> Floats:
    """The shares of the levels among the pairs of their kind, leaning on the model's."""
    m = np.array([level.m for level in model.fields[name].values()])
    for places in _kinds(model.fields[name], name):
        of_kind = seen[places] + prior_matches * m[places]
        if of_kind.sum() > 0:
            m[places] = np.maximum(of_kind / of_kind.sum() * min(1.0, m[places].sum()), _LEAST)
    return m


def tables(model: Model) -> tuple[Tables, Tables]:
    """m and u."""
    return (
        {name: np.array([level.m for level in levels.values()]) for name, levels in model.fields.items()},
        {name: np.array([level.u for level in levels.values()]) for name, levels in model.fields.items()},
    )


def _kinds(levels: Mapping[str, Level], name: FieldName) -> list[NDArray[np.int64]]:
    """The places of the levels that share one whole, without those that are held."""
    free = [
        (at, level.kind)
        for at, (said, level) in enumerate(levels.items())
        if (name, said) not in HELD and level.kind not in HELD_KINDS
    ]
    kinds = dict.fromkeys(kind for _, kind in free)
    return [np.array([at for at, kind in free if kind == of]) for of in kinds]


def _looked_up(of_level: Floats, levels: NDArray[np.uint8]) -> Floats:
    padded = np.zeros(NOT_COMPARABLE + 1)
    padded[: len(of_level)] = of_level
    return padded[levels]


def level_sums(weights: Floats, levels: NDArray[np.uint8], count: int) -> Floats:
    """Per level, the sum of the weights of what reached it."""
    return np.bincount(levels, weights, NOT_COMPARABLE + 1)[:count].astype(np.float64)

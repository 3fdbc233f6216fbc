"""Candidates of which it is known whether they are the same, and samples of them that were judged without a mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from matching.judging.columns import Judgement
from matching.judging.judged_file import Judged
from matching.judging.strata import places, shared_out, strata
from matching.linking.model_file import Learnt
from matching.model import SHIPPED

PRIOR_MBITS = -11_000


@dataclass(frozen=True, slots=True)
class World:
    """The model states `odds`; the truth follows a line of it."""

    odds: np.ndarray
    same: np.ndarray
    learnt: Learnt

    def sample(self, pairs: int, seed: int = 1) -> Sequence[Judged]:
        of = strata(0.95)
        at = places(of, self.odds)
        random = np.random.default_rng(seed)
        sizes = [int((at == place).sum()) for place in range(len(of))]
        rows: list[Judged] = []
        for place, count in enumerate(shared_out(pairs, sizes)):
            for pair in random.choice(np.flatnonzero(at == place), count, replace=False):
                judgement = Judgement.SAME if self.same[pair] else Judgement.DIFFERENT
                odds = int(self.odds[pair])
                version = self.learnt.model.version
                row = Judged(len(rows) + 2, judgement, of[place], sizes[place], odds - PRIOR_MBITS, odds, version)
                rows.append(row)
        return rows


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    def made(slope: float = 1.0, intercept: float = 0.0, seed: int = 7) -> World:
        """Candidates as two files bring them: many that are plainly different, some matches, some in between."""
        random = np.random.default_rng(seed)
        odds = np.concatenate(
            [random.normal(centre, spread, count) for centre, spread, count in ((-14, 4, 40_000), (12, 6, 8_000))]
        )
        stated = np.round(odds * 1000).astype(np.int64)
        same = random.random(len(odds)) < 1 / (1 + np.exp2(-(intercept + slope * stated / 1000)))
        return World(stated, same, Learnt(SHIPPED, PRIOR_MBITS))

    return made

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from foundation.errors import InvalidInput
from matching.catalogue import to_mbits
from matching.judging.columns import Judgement
from matching.judging.estimating import evaluate
from matching.judging.tables import as_json

World = Callable[..., Any]


def test_estimates_lie_about_the_truth(world: World) -> None:
    """Of 40 samples, nearly all intervals hold what only the whole could tell."""
    made = world()
    above = made.odds >= to_mbits(0.95)
    precision, recall = made.same[above].mean(), made.same[above].sum() / made.same.sum()
    held = {"precision": 0, "recall": 0, "missed": 0}
    for seed in range(40):
        found = evaluate(made.sample(400, seed), 0.95)
        assert found.pairs == len(made.odds)
        held["precision"] += found.precision.low <= precision <= found.precision.high
        held["recall"] += found.recall.low <= recall <= found.recall.high
        held["missed"] += found.missed.low <= made.same[~above].sum() <= found.missed.high
    assert min(held.values()) >= 36


def test_a_sample_of_all_pairs_tells_the_truth_itself(world: World) -> None:
    made = world()
    above = made.odds >= to_mbits(0.95)
    found = evaluate(made.sample(len(made.odds)), 0.95)
    for estimate, truth in (
        (found.precision, made.same[above].mean()),
        (found.recall, made.same[above].sum() / made.same.sum()),
        (found.missed, made.same[~above].sum()),
    ):
        assert estimate.value == pytest.approx(truth)
        assert estimate.low == pytest.approx(truth)
        assert estimate.high == pytest.approx(truth)
    stated = 1 / (1 + 2.0 ** (-made.odds / 1000))
    assert found.brier == pytest.approx(((stated - made.same) ** 2).mean())


def test_judgements_that_all_agree_leave_doubt(world: World) -> None:
    rows = [replace(it, judgement=Judgement.SAME) for it in world().sample(400)]
    found = evaluate(rows, 0.95)
    assert found.precision.value == 1
    assert 0.9 < found.precision.low < 1


def test_what_the_estimate_does_not_cover_is_said(world: World) -> None:
    rows = list(world().sample(400))
    rows[0] = replace(rows[0], judgement=Judgement.UNDECIDED)
    rows = [replace(it, judgement=None) if it.stratum.least == 0.5 else it for it in rows]
    said = "\n".join(as_json(evaluate(rows, 0.95))["not_covered"])
    for part in ("share no key", "Undecided: 1.", "Not judged yet: 50.", "Nobody judged a pair of 0.5 to 0.9"):
        assert part in said
    assert "None of 49 judged pairs of 0 to 0.0001 is the same, yet up to" in said


def test_what_cannot_be_told_is_left_out_or_refused(world: World) -> None:
    rows = world().sample(400)
    with pytest.raises(InvalidInput, match=r"within the stratum 0\.95 to 0\.99"):
        evaluate(rows, 0.97)
    unjudged = [replace(it, judgement=None) for it in rows]
    with pytest.raises(InvalidInput, match="no pair is judged yet"):
        evaluate(unjudged, 0.95)
    below = [it if it.stratum.below <= 0.95 else replace(it, judgement=None) for it in rows]
    found = evaluate(below, 0.95)
    assert found.precision is None
    assert found.recall is None
    different = [replace(it, judgement=Judgement.DIFFERENT) for it in rows]
    assert evaluate(different, 0.95).recall is None

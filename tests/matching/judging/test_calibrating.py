from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from matching.calibration import Calibration
from matching.judging.calibrating import calibrated
from matching.judging.columns import Judgement
from matching.judging.estimating import evaluate
from matching.linking.model_file import Learnt, as_json, from_json, read, written
from matching.model import SHIPPED
from matching.scoring import posterior

World = Callable[..., Any]


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, -1.5), (0.8, 2.0), (1.3, 0.5)])
def test_the_line_that_the_truth_follows_is_found(world: World, slope: float, intercept: float) -> None:
    made = world(slope, intercept)
    whole = calibrated(made.learnt, made.sample(len(made.odds))).calibration
    line = calibrated(made.learnt, made.sample(4000)).calibration
    for fitted, most in ((whole, 0.15), (line, 0.25)):
        assert fitted.slope_per_mille / 1000 == pytest.approx(slope, abs=most)
        assert fitted.intercept_mbits / 1000 == pytest.approx(intercept, abs=2 * most)
    assert line.judged == 4000


def test_a_calibrated_model_states_what_people_judge(world: World) -> None:
    made = world(0.6, -1.5)
    before = evaluate(made.sample(4000), 0.95)
    learnt = calibrated(made.learnt, made.sample(4000))
    after = replace(made, odds=learnt.calibration.of(made.odds), learnt=learnt)
    found = evaluate(after.sample(4000, seed=2), 0.95)
    assert found.calibration_error < before.calibration_error / 3
    assert found.brier < before.brier


@given(st.integers(1, 10_000), st.integers(-60_000, 60_000), st.integers(-60_000, 60_000))
def test_the_least_odds_that_reach_a_threshold(slope: int, intercept: int, threshold: int) -> None:
    line = Calibration(slope, intercept, judged=1)
    least = line.least(threshold)
    assert line.of(least - 1) < threshold <= line.of(least)
    learnt = Learnt(SHIPPED, -20_000, line)
    weight = learnt.least_weight(threshold)
    assert learnt.odds_mbits(weight - 1) < threshold <= learnt.odds_mbits(weight)


def test_judgements_that_separate_cleanly_do_not_drive_the_slope_away(world: World) -> None:
    made = world()
    rows = [
        replace(it, judgement=Judgement.SAME if it.odds_mbits > 0 else Judgement.DIFFERENT) for it in made.sample(400)
    ]
    assert 1000 < calibrated(made.learnt, rows).calibration.slope_per_mille < 4000


def test_a_calibrated_model_is_calibrated_anew_by_its_own_odds(world: World) -> None:
    made = world(0.6, -1.5)
    once = calibrated(made.learnt, made.sample(4000))
    rows = [
        replace(it, odds_mbits=once.odds_mbits(it.weight_mbits), model=once.model.version) for it in made.sample(4000)
    ]
    again = calibrated(once, rows)
    assert again.calibration == once.calibration
    assert again.model.version == once.model.version != made.learnt.model.version


def test_too_few_judgements_and_those_of_another_model_are_refused(world: World) -> None:
    made = world()
    rows = made.sample(400)
    same = [it for it in rows if it.judgement is Judgement.SAME]
    different = [it for it in rows if it.judgement is Judgement.DIFFERENT]
    for few in (same, different, [*same[:19], *different], [*same, *different[:19]]):
        with pytest.raises(InvalidInput, match="needs 20 of each at least"):
            calibrated(made.learnt, few)
    for other in (replace(made.learnt, prior_mbits=-9000), replace(made.learnt, model=replace(SHIPPED, version="9"))):
        with pytest.raises(InvalidInput, match="row 2, column model: the pair was weighed by model"):
            calibrated(other, rows)
    swapped = {Judgement.SAME: Judgement.DIFFERENT, Judgement.DIFFERENT: Judgement.SAME}
    with pytest.raises(InvalidInput, match="contradict the model"):
        calibrated(made.learnt, [replace(it, judgement=swapped[it.judgement]) for it in rows])


def test_one_weight_and_many_have_one_probability() -> None:
    learnt = Learnt(SHIPPED, -10_123, Calibration(733, -517, 400))
    weights = np.arange(-40_000, 60_000, 7, dtype=np.int64)
    odds = learnt.odds_mbits(weights)
    assert odds.tolist() == [learnt.odds_mbits(int(it)) for it in weights]
    assert bool((np.diff(odds) >= 0).all())
    assert learnt.probability(5000) == posterior(0, learnt.odds_mbits(5000))
    assert learnt.odds_mbits(0) == -517 + round(-10_123 * 0.733)
    assert Learnt(SHIPPED, -10_123).probability(5000) == posterior(-10_123, 5000)


def test_a_calibration_is_kept_with_its_model(tmp_path: Path) -> None:
    plain = from_json(as_json(Learnt(SHIPPED, -10_000)), "here")
    path = tmp_path / "a.model.json"
    path.write_bytes(written(replace(plain, calibration=Calibration(733, -517, 400))))
    learnt = read(path)
    assert learnt.calibration == Calibration(733, -517, 400)
    assert learnt.model.version.startswith(f"{plain.model.version}-c")
    content = json.loads(path.read_bytes())
    for bad in ({}, 3, None, {"slope_per_mille": 733}, *({**content["calibration"], **it} for it in BAD)):
        with pytest.raises(InvalidInput, match="calibration lacks slope_per_mille"):
            from_json({**content, "calibration": bad}, "here")


BAD = [
    {"slope_per_mille": 0},
    {"slope_per_mille": 0.9},
    {"slope_per_mille": 10_001},
    {"intercept_mbits": True},
    {"intercept_mbits": -60_001},
    {"judged": 0},
]

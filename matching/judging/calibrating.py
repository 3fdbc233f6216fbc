"""A calibration fitted to judged pairs: weighted maximum likelihood, leaning on what the model states.

The curve is Platt's (1999), in bits: p = 1 / (1 + 2 ** -(intercept + slope * odds)). A judged pair counts as many times
as there are pairs that it stands for. Each stratum leans on the model as if a few more of its pairs had been judged as
stated (slope 1, intercept 0); otherwise a few judgements that separate cleanly would drive the slope away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foundation.errors import InvalidInput
from matching.calibration import Calibration
from matching.judging.columns import Judgement
from matching.judging.estimating import by_stratum, decided
from matching.judging.judged_file import Judged
from matching.linking.model_file import MOST_SLOPE, Learnt, as_json, name_of
from matching.model import Model
from matching.scoring import posterior

LEAST_JUDGED = 20  # of each kind
_LEANING = 2.0  # pairs of each stratum that are taken to have been judged as stated
_ROUNDS = 100
_SETTLED = 1e-9
_LN2 = float(np.log(2))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Points:
    odds: Floats  # bits
    targets: Floats
    weights: Floats  # of all, one


def calibrated(learnt: Learnt, rows: Sequence[Judged]) -> Learnt:
    """Raises `InvalidInput` for too few judgements, judgements of another model's pairs, or what contradicts it."""
    _check_model(learnt, rows)
    judged = decided(rows)
    same = sum(row.judgement is Judgement.SAME for row in judged)
    if min(same, len(judged) - same) < LEAST_JUDGED:
        raise InvalidInput(
            f"{same} pairs are judged the same and {len(judged) - same} different.",
            where="the column judgement",
            mend=f"A calibration needs {LEAST_JUDGED} of each at least; draw a larger sample and judge more.",
        )
    slope, intercept = _fitted(_points(learnt, rows))
    calibration = Calibration(round(1000 * slope), round(1000 * intercept), len(judged))
    if not 1 <= calibration.slope_per_mille <= MOST_SLOPE:
        raise InvalidInput(
            "the judgements contradict the model: the likelier it states a pair to be, the rarer it is the same.",
            where="the column judgement",
            mend="See whether the judgements stand in the right rows.",
        )
    made = replace(learnt, calibration=calibration)
    return replace(made, model=Model(made.model.fields, name_of(as_json(made))))


def _check_model(learnt: Learnt, rows: Sequence[Judged]) -> None:
    for row in rows:
        if row.model != learnt.model.version or learnt.odds_mbits(row.weight_mbits) != row.odds_mbits:
            raise InvalidInput(
                f"the pair was weighed by model {row.model}, and {learnt.model.version} is another.",
                where=f"row {row.row}, column model",
                mend="Give the model that stands beside the sample, as SAMPLE.model.json.",
            )


def _points(learnt: Learnt, rows: Sequence[Judged]) -> _Points:
    """By the model's own odds, without a calibration that it may carry."""
    odds: list[float] = []
    targets: list[float] = []
    weights: list[float] = []
    for of_stratum in map(decided, by_stratum(rows)):
        for row in of_stratum:
            mbits, leaning = learnt.prior_mbits + row.weight_mbits, _LEANING / len(of_stratum)
            odds.append(mbits / 1000)
            targets.append(((row.judgement is Judgement.SAME) + leaning * posterior(0, mbits)) / (1 + leaning))
            weights.append(row.stratum_pairs / len(of_stratum) * (1 + leaning))
    return _Points(np.array(odds), np.array(targets), np.array(weights) / sum(weights))


def _fitted(points: _Points) -> tuple[float, float]:
    """Slope and intercept by Newton's method; a step that overshoots is halved."""
    line = np.array([1.0, 0.0])
    loss = _loss(points, line)
    for _ in range(_ROUNDS):
        step = _step(points, line)
        while (after := _loss(points, line - step)) > loss and np.abs(step).max() > _SETTLED:
            step = step / 2
        if np.abs(step).max() <= _SETTLED:
            break
        line, loss = line - step, after
    return float(line[0]), float(line[1])


def _step(points: _Points, line: Floats) -> Floats:
    design = np.stack((points.odds, np.ones(len(points.odds))), axis=1) * _LN2
    stated: Floats = 1 / (1 + np.exp(-np.clip(design @ line, -700, 700)))
    gradient = design.T @ (points.weights * (stated - points.targets))
    curvature = (design.T * (points.weights * stated * (1 - stated))) @ design
    # Where all pairs are as good as certain there is no curvature left to divide by.
    return np.linalg.solve(curvature + 1e-12 * np.eye(2), gradient).astype(np.float64)


def _loss(points: _Points, line: Floats) -> float:
    """Cross-entropy."""
    odds = (line[0] * points.odds + line[1]) * _LN2
    return float((points.weights * (np.logaddexp(0, odds) - points.targets * odds)).sum())

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from matching.calibration import Calibration
from matching.linking.model_file import Learnt, as_json, from_json, name_of
from matching.model import SHIPPED

LINE = Calibration(slope_per_mille=733, intercept_mbits=-517, judged=400)
COUNTS = st.integers(1, 100_000_000)


@given(COUNTS, COUNTS, st.sampled_from((None, LINE)), st.integers(-60_000, 60_000))
def test_odds_fall_as_references_become_more(then: int, now: int, line: Calibration | None, weight: int) -> None:
    learnt = Learnt(SHIPPED, -16_610, line, references=then)
    moved = learnt.among(now)
    fell = 2.0 ** ((learnt.odds_mbits(weight) - moved.odds_mbits(weight)) / 1000)
    assert fell == pytest.approx(now / then, rel=2e-3)
    assert moved.references == now
    assert moved.among(now) is moved
    assert moved.model.version == (SHIPPED.version if line is None or then == now else name_of(as_json(moved)))


def test_a_model_that_does_not_say_keeps_its_prior() -> None:
    learnt = Learnt(SHIPPED, -16_610)
    assert learnt.among(1_000_000) is learnt
    assert "references" not in as_json(learnt)
    assert from_json(as_json(learnt), "here").references is None
    assert from_json(as_json(Learnt(SHIPPED, -16_610, references=7)), "here").references == 7


@pytest.mark.parametrize("references", [0, -1, "many", True, 1.5, 1 << 50])
def test_what_is_no_number_of_references_is_refused(references: Any) -> None:
    with pytest.raises(InvalidInput, match="no number of references"):
        from_json(as_json(Learnt(SHIPPED, -16_610)) | {"references": references}, "here")

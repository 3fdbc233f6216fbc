from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.judging.strata import parse_stratum, places, shared_out, strata

THRESHOLDS = st.floats(1e-9, 1 - 1e-9)


@given(THRESHOLDS, st.lists(st.integers(-60_000, 60_000), min_size=1))
def test_each_pair_lies_in_one_stratum_and_the_threshold_in_none(threshold: float, odds: list[int]) -> None:
    of = strata(threshold)
    for mbits, place in zip(odds, places(of, np.array(odds, dtype=np.int64)), strict=True):
        assert [it for it in of if it.holds(mbits)] == [of[place]]
    assert not any(it.least < threshold < it.below for it in of)
    assert [parse_stratum(str(it)) for it in of] == of


@given(st.integers(10, 1000), st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_pairs_are_shared_out_alike(pairs: int, held: list[int]) -> None:
    drawn = shared_out(pairs, held)
    assert sum(drawn) == min(pairs, sum(held))
    assert all(count <= size for count, size in zip(drawn, held, strict=True))
    left = [count for count, size in zip(drawn, held, strict=True) if count < size]
    assert not left or max(drawn) <= min(left) + 1


@pytest.mark.parametrize("text", ["", "a to b", "0.9 to 0.1", "nan to 1", "0 to 1.5", "0.1", "-1 to 0.5"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stratum(text)

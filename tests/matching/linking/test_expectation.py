"""EM finds the m that made the pairs; weights in bulk are those of one pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.levels.kernel import NOT_COMPARABLE
from matching.linking.expectation import PRIOR_MATCHES, estimated, maximise, patterns, tables
from matching.linking.training import LEARNT
from matching.linking.weighing import Others, Weigher
from matching.model import FIELDS, SHIPPED, FieldName, Model
from matching.scoring import field_score

TRUE_M: dict[FieldName, dict[str, float]] = {
    "birth_date": {"exact": 0.7, "one_slip": 0.2, "different": 0.1},
    "document_number": {"exact": 0.5, "one_slip": 0.1, "different": 0.4},
    "locality": {"same": 0.6, "near": 0.25, "different": 0.15},
    "sex": {"same": 0.97, "different": 0.03},
}


def made(share: float, count: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Levels of pairs drawn from the mixture; the rest of the fields cannot be compared."""
    random = np.random.default_rng(seed)
    levels = np.full((count, len(FIELDS)), NOT_COMPARABLE, dtype=np.uint8)
    matches = random.random(count) < share
    for name, of_match in TRUE_M.items():
        said = tuple(SHIPPED.fields[name])
        m = np.array([of_match.get(level, 0.0) for level in said])
        u = np.array([level.u if level.kind == "" else 0.0 for level in SHIPPED.fields[name].values()])
        drawn = np.where(
            matches, random.choice(len(said), count, p=m / m.sum()), random.choice(len(said), count, p=u / u.sum())
        )
        levels[:, FIELDS.index(name)] = drawn
    return levels


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_em_finds_the_m_that_made_the_pairs(share: float) -> None:
    found = maximise(patterns(made(share, 40_000, 1), tuple(TRUE_M)), SHIPPED, tables(SHIPPED)[1], prior_matches=0)
    assert found.share == pytest.approx(share, abs=0.01)
    for name, of_match in TRUE_M.items():
        for level, m in of_match.items():
            assert found.m[name][tuple(SHIPPED.fields[name]).index(level)] == pytest.approx(m, abs=0.02)


def test_a_handful_of_pairs_hardly_moves_the_model() -> None:
    few = maximise(patterns(made(0.5, 4, 2), tuple(TRUE_M)), SHIPPED, tables(SHIPPED)[1]).m["sex"]
    assert few == pytest.approx(tables(SHIPPED)[0]["sex"], abs=4 / PRIOR_MATCHES)


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=5))
def test_estimates_are_shares_and_two_valid_numbers_keep_their_weight(seen: list[float]) -> None:
    m = estimated(SHIPPED, "id_number", np.array(seen))
    assert (m > 0).all()
    assert m[:4].sum() <= 1 + 1e-9
    assert m[4] == SHIPPED.fields["id_number"]["two_valid"].m


LEVELS = st.fixed_dictionaries(
    {name: st.sampled_from([*range(len(SHIPPED.fields[name])), NOT_COMPARABLE]) for name in FIELDS}
)


@given(st.lists(st.tuples(LEVELS, st.integers(0, 10**6), st.integers(0, 50)), max_size=20), st.integers(0, 10**7))
def test_weights_in_bulk_are_those_of_one_pair(
    pairs: list[tuple[dict[FieldName, int], int, int]], records: int
) -> None:
    levels = np.array([[of[name] for name in FIELDS] for of, _, _ in pairs], dtype=np.uint8).reshape(-1, len(FIELDS))
    others = Others(*(np.array([it[at] for it in pairs], dtype=np.int64) for at in (1, 2)))
    model = Model(
        {**SHIPPED.fields, "sex": {**SHIPPED.fields["sex"], "same": replace(SHIPPED.fields["sex"]["same"], m=0.9)}}, "x"
    )
    weighed = Weigher(model, records).weigh(levels, others)
    for (of, name_others, phone_others), weight in zip(pairs, weighed, strict=True):
        expected = 0
        for name, at in of.items():
            if at != NOT_COMPARABLE:
                level = tuple(model.fields[name])[at]
                known = phone_others if name == "phone" else name_others
                expected += field_score(model, name, level, known, records).weight_mbits
        assert weight == expected


def test_every_field_of_a_file_is_learnt() -> None:
    assert set(LEARNT) < set(FIELDS)
    assert {"name", "birth_date", "address", "locality"} < set(LEARNT)

"""The likeliest candidates against scoring each one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from matching.index import ranking
from matching.index.keys import KEPT_COLUMNS, keyed_alone
from matching.index.ranking import ranked
from matching.index.store import Candidate, Index
from matching.model import FIELDS
from matching.normalising import normalise
from matching.scoring import Frequencies, Score, score
from tests.matching.conftest import Counted
from tests.matching.levels.test_kernel import some

Raw = dict[str, str]
Build = Callable[[Sequence[Raw]], Index]
LONG = "\ufdfa" * 120  # normalised, longer than a form holds


def of_index(random: Random) -> Raw:
    raw = {name: str(value) for name, value in some(random).items() if name in KEPT_COLUMNS}
    if "name" in raw and random.random() < 0.2:
        raw["surname"] = raw["name"][:1]
    if random.random() < 0.02:
        raw["address"] = LONG
    return raw


def test_a_number_that_looks_alike_weighs_what_is_likely_for_it(build: Build) -> None:
    others = [{"record_id": f"R-{at}", "name": "李明", "document_number": f"G5520{at:04}"} for at in range(40)]
    index = build([*others, {"record_id": "R-X", "name": "李明", "document_number": "E41827755"}])
    raw = {"name": "李明", "document_number": "E41B27755"}
    found = ranked(raw, index.look_up(raw, "2026-01-01", keyed_alone(raw)).candidates, most=5)
    assert (found[0].raw["record_id"], found[0].candidate.keys) == ("R-X", ("name", "part", "confusable_number"))
    assert [it.level for it in found[0].score.fields] == ["exact", "confusable"]
    in_batch = ranked(raw, index.look_up(raw, "2026-01-01").candidates, most=5)
    assert in_batch[0].score.weight_mbits < found[0].score.weight_mbits


def everyone(index: Index) -> list[Candidate]:
    """As if one key had found them all."""
    of_base = [Candidate(at, (), index.base, at) for at in range(len(index.base))]
    added = index.look_up({"phone": "13900009999"}, "2026-01-01").candidates
    return [*of_base, *added]


def scored_each(raw: Raw, candidates: Sequence[Candidate], frequencies: Frequencies | None) -> list[tuple[int, int]]:
    wanted = normalise(raw)
    each = [(-score(wanted, normalise(it.raw), FIELDS, frequencies).weight_mbits, it.reference) for it in candidates]
    return [(-weight, reference) for weight, reference in sorted(each)]


def test_the_likeliest_are_those_of_scoring_each(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7)
    index = build([{"record_id": f"R-{at}", **of_index(random)} for at in range(200)])
    index.add([{"record_id": f"A-{at}", **of_index(random), "phone": "13900009999"} for at in range(5)])
    candidates = everyone(index)
    frequencies = Counted(normalise(it.raw) for it in candidates)
    scored = 0

    def counted(*asked: Any) -> Score:
        nonlocal scored
        scored += 1
        return score(*asked)

    monkeypatch.setattr(ranking, "score", counted)
    for at in range(24):
        raw, known = of_index(random), frequencies if at % 2 else None
        most, floor = ((1, None), (20, None), (0, 10_000), (5, 0))[at % 4]
        expected = scored_each(raw, candidates, known)
        found = ranked(raw, candidates, most=most, floor_mbits=floor, frequencies=known)
        told = [(it.score.weight_mbits, it.candidate.reference) for it in found]
        assert told == expected[:most] + [it for it in expected[most:] if floor is not None and it[0] >= floor]
        assert all(it.raw == it.candidate.raw for it in found)
    assert scored < 24 * len(candidates) * 3 / 4

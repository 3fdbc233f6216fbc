"""The evaluator of the linkage benchmarks, on cases counted by hand, and the people that it is fed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks import _linkage_people as people
from benchmarks._linkage_measures import (
    Hit,
    interval_of_difference,
    interval_of_f1,
    outcome,
    reliability,
)

RECORDS = ("a", "b", "c", "d")
TRUTH = {"a": {"1"}, "b": {"2"}, "c": {"3", "4"}}
HITS = (
    Hit("a", "1", 0.99),
    Hit("a", "1", 0.99),  # told twice
    Hit("b", "2", 0.94),  # below the threshold
    Hit("c", "3", 0.95),
    Hit("c", "5", 0.999),
    Hit("d", "1", 0.96),  # nobody is to be found for d
)


def test_counts_are_those_counted_by_hand() -> None:
    found = outcome(RECORDS, TRUTH, HITS)
    assert found.true.tolist() == [1, 0, 1, 0]
    assert found.false.tolist() == [0, 0, 1, 1]
    assert found.wanted.tolist() == [1, 1, 2, 0]
    assert (found.precision, found.recall, found.f1) == (2 / 4, 2 / 4, 4 / 8)
    assert found.false_per_1000 == 500


def test_of_a_group_only_its_own_records_count() -> None:
    found = outcome(RECORDS, TRUTH, HITS)
    assert found.of(found.wanted > 0).precision == 2 / 3
    assert found.of(found.wanted == 0).f1 == 0  # a false hit where there is nothing to find
    assert outcome(("d",), TRUTH, ()).f1 == 1


def test_intervals_hold_the_figure_and_say_the_same_each_time() -> None:
    records = [str(at) for at in range(400)]
    truth = {it: {it} for it in records}
    ours = outcome(records, truth, [Hit(it, it, 1.0) for it in records[:360]])
    theirs = outcome(records, truth, [Hit(it, it, 1.0) for it in records[:320]])
    span, difference = interval_of_f1(ours), interval_of_difference(ours, theirs)
    assert span.low < ours.f1 < span.high
    assert 0 < difference.low < ours.f1 - theirs.f1 < difference.high
    assert interval_of_difference(ours, ours).high == 0
    assert interval_of_f1(ours) == span


def test_reliability_sets_the_share_that_is_true_beside_the_mean() -> None:
    rows = reliability([Hit("a", "1", 0.6), Hit("a", "9", 0.7), Hit("c", "3", 1.0)], TRUTH)
    assert [(it.low, it.high, it.pairs, it.true) for it in rows] == [(0.5, 0.75, 2, 0.5), (0.999, 1.0, 1, 1.0)]
    assert rows[0].mean == pytest.approx(0.65)


def test_the_same_seed_gives_the_same_people_with_true_references(tmp_path: Path) -> None:
    made = []
    for seed in (1, 1, 2):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append([path.read_bytes() for path in people.write(folder, 300, 900, seed)])
    assert made[0] == made[1] != made[2]

    records, references, truth = (_rows(tmp_path / "0" / f"{name}.csv") for name in ("records", "references", "truth"))
    assert (len(records), len(references), len(truth)) == (300, 900, 300)
    known = {row["record_id"] for row in references}
    assert {row["reference_id"] for row in truth} - {""} <= known
    assert {row["kind"] for row in truth if not row["reference_id"]} == {"unrelated", "namesake", "twin"}
    numbers = [row["id_number"] for row in references if row["id_number"]]
    assert len(numbers) == len(set(numbers))
    assert {row["script"] for row in truth} == {"hanzi", "pinyin", "latin", "transliterated"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))

from __future__ import annotations

from analysis.plates.passage import Passage, Vote
from analysis.plates.reader import Reading
from foundation.plates import PlateColour


def _passage(
    texts: list[str], *, colour: PlateColour = "blue", width: float = 100.0, confidence: float = 0.98
) -> Passage:
    passage = Passage()
    for index, text in enumerate(texts):
        passage.see(width)
        reading = Reading(text, (confidence,) * len(text), (0.0,) * len(text))
        passage.vote(Vote(index * 80_000, reading, colour, width))
    return passage


def _plate(passage: Passage) -> str | None:
    verdict = passage.verdict()
    return verdict.plate if verdict else None


def test_readings_that_agree_are_a_verdict() -> None:
    verdict = _passage(["京A12345"] * 4).verdict()
    assert verdict is not None
    assert (verdict.plate, verdict.series, verdict.colour, verdict.readings) == ("京A12345", "cn_standard", "blue", 4)
    assert verdict.confidence > 0.9
    assert verdict.is_settled


def test_two_readings_are_too_few() -> None:
    assert _plate(_passage(["京A12345"] * 2)) is None


def test_readings_that_differ_are_no_verdict() -> None:
    assert _plate(_passage(["京A12345", "京A12346"] * 3)) is None
    assert _plate(_passage(["京A12345", "津A12345", "沪A12345", "渝A12345"])) is None


def test_one_misreading_among_many_does_not_matter() -> None:
    assert _plate(_passage(["京A12345"] * 5 + ["京A12346"])) == "京A12345"


def test_a_lost_province_neither_counts_nor_hinders() -> None:
    assert _plate(_passage(["A12345"] * 10 + ["京A12345"] * 3)) == "京A12345"
    assert _plate(_passage(["A12345"] * 10)) is None


def test_near_readings_outweigh_far_ones() -> None:
    passage = _passage(["京A12346"] * 6, width=45.0)
    for index in range(4):
        passage.vote(Vote(index, Reading("京A12345", (0.98,) * 7, (0.0,) * 7), "blue", 110.0))
    assert _plate(passage) == "京A12345"


def test_readings_the_reader_doubts_are_no_verdict() -> None:
    assert _plate(_passage(["京A12345"] * 6, confidence=0.4)) is None


def test_text_that_is_no_plate_is_no_verdict() -> None:
    assert _plate(_passage(["TOYOTA"] * 9, colour="white")) is None


def test_a_latin_plate_that_could_be_spelled_in_two_ways_is_no_verdict() -> None:
    assert _plate(_passage(["BX08485"] * 6, colour="white")) is None
    assert _plate(_passage(["PS344UR"] * 6, colour="white")) == "PS344UR"


def test_direction_is_the_plates_growth() -> None:
    for widths, direction in (([50, 60, 70, 80], "towards"), ([90, 80, 70, 60], "away"), ([80, 81, 80, 82], None)):
        passage = Passage()
        for width in widths:
            passage.see(width)
        assert passage.direction() == direction
    assert Passage().direction() is None

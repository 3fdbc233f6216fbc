from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from foundation.errors import InvalidInput
from matching.confusions import LIKELIHOODS, OTHER_MBITS, to_mbits
from matching.plates.index import Found, PlateIndex

# Few characters, so that plates meet; Q and 警 are often not on record.
plates = st.text(alphabet="京苏A0D8B15S警Q", min_size=1, max_size=10)
several = st.lists(plates, max_size=30)


def pairs(found: Found) -> Counter[tuple[int, int]]:
    return Counter(zip(found.read.tolist(), found.plate.tolist(), strict=True))


def expected(on_record: list[str], reads: list[str], is_one: object) -> Counter[tuple[int, int]]:
    assert callable(is_one)
    return Counter(
        (at, place) for at, read in enumerate(reads) for place, plate in enumerate(on_record) if is_one(read, plate)
    )


def is_confusable(read: str, plate: str) -> bool:
    differing = [(there, here) for there, here in zip(plate, read, strict=False) if there != here]
    if len(read) != len(plate) or len(differing) > 2 or not all(pair in LIKELIHOODS for pair in differing):
        return False
    return len(differing) < 2 or sum(to_mbits(LIKELIHOODS[pair]) for pair in differing) >= OTHER_MBITS


@given(several, several)
@settings(max_examples=150)
def test_what_is_found_is_what_comparing_each_with_each_finds(on_record: list[str], reads: list[str]) -> None:
    reads = reads + on_record[:3]
    index = PlateIndex(on_record)
    assert pairs(index.identical(reads)) == expected(on_record, reads, str.__eq__)
    assert pairs(index.confusable(reads)) == expected(on_record, reads, is_confusable)
    near = expected(on_record, reads, lambda read, plate: Levenshtein.distance(read, plate) <= 1)
    assert pairs(index.neighbours(reads)) == near


@given(several, several)
@settings(max_examples=50)
def test_a_read_finds_the_same_alone_and_among_others(on_record: list[str], reads: list[str]) -> None:
    index = PlateIndex(on_record)
    for way in (index.identical, index.confusable, index.neighbours):
        together = way(reads)
        alone = [way([read]) for read in reads]
        ranked = [list(zip(it.plate.tolist(), it.mbits.tolist(), strict=True)) for it in alone]
        expected = sorted((at, *found) for at, of_read in enumerate(ranked) for found in of_read)
        told = zip(together.read.tolist(), together.plate.tolist(), together.mbits.tolist(), strict=True)
        assert sorted(told) == expected
        assert all(it == sorted(it, key=lambda found: (-found[1], found[0])) for it in ranked)


def test_the_likelier_confusion_comes_first() -> None:
    on_record = ["京AD0000", "京A00D00", "京ADD000", "京A80000", "京A00000", "京A0000", "京A0000K"]
    index = PlateIndex(on_record)
    ranked = sorted(index.others("京A00000"), key=lambda it: (-it.mbits, it.plate))
    assert [(on_record[it.plate], it.difference) for it in ranked] == [
        ("京AD0000", "confusable"),
        ("京A00D00", "confusable"),
        ("京A80000", "confusable"),
        ("京ADD000", "confusable"),
        ("京A0000K", "one_edit"),
        ("京A0000", "one_edit"),
    ]
    assert all(it.mbits < 0 for it in ranked)


def test_two_confusions_weigh_what_each_of_them_weighs() -> None:
    on_record = ["京ADB000", "京A0B000", "京AD8000"]
    found = PlateIndex(on_record).confusable(["京A08000"])
    both, one, other = (found.mbits[found.plate == place].item() for place in range(3))
    assert both == one + other


def test_nothing_is_found_where_there_is_nothing() -> None:
    for index in (PlateIndex([]), PlateIndex(["京A12345", "A"])):
        for way in (index.identical, index.confusable, index.neighbours):
            assert len(way([]).read) == len(way(["", "𠀀𠀀𠀀"]).read) == 0


def test_a_text_that_is_too_long_for_a_plate_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 10"):
        PlateIndex(["京A12345", "京A123456789"])
    index = PlateIndex(["京A12345"])
    with pytest.raises(InvalidInput, match="at most 10"):
        index.identical(["京A123456789"])


def test_more_characters_than_a_byte_tells_are_kept_apart() -> None:
    kana = [f"品川{chr(0x3041 + number % 80)}{chr(0x4E00 + number)}12" for number in range(400)]
    index = PlateIndex(kana)
    found = index.identical(kana)
    assert found.read.tolist() == found.plate.tolist() or sorted(found.plate.tolist()) == list(range(400))
    assert len(index.neighbours(["品川あ㐀12"]).read) == sum(it[2] == "あ" for it in kana)

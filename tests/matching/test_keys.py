from __future__ import annotations

from typing import Any

import pytest

from matching.catalogue import KEYS_OF, load_catalogue
from matching.keys import BLOCK_LIMIT, candidates, key_values
from matching.normalising import NormalRecord, normalise


def record(**raw: Any) -> NormalRecord:
    return normalise(raw)


def test_pairs_carry_every_key_that_found_them() -> None:
    left = [record(name="李晓明", date_of_birth="1984-03-05", sex="M", phone="13900001234")]
    right = [record(name="Li Xiaoming", date_of_birth="1984-03-05", phone="13900001234"), record(name="李晓明")]
    found = candidates(left, right, ["phone", "name_birth_date", "pinyin_birth_date"])
    assert found.pairs == {(0, 0): ["phone", "pinyin_birth_date"]}
    assert found.comparable == {0}


def test_a_name_of_polyphones_meets_each_of_its_readings_and_itself_once() -> None:
    born = {"date_of_birth": "1984-03-05"}
    spellings = ["单乐强", "Shan Leqiang", "DAN Yuejiang", "yue jiang shan"]
    found = candidates(
        [record(name="单乐强", **born)], [record(name=it, **born) for it in spellings], ["pinyin_birth_date"]
    )
    assert found.pairs == {(0, at): ["pinyin_birth_date"] for at in range(len(spellings))}


def test_a_key_that_only_one_side_has_makes_nothing_comparable() -> None:
    found = candidates([record(phone="13900001234")], [record(name="李晓明")], ["phone", "id_number"])
    assert (found.pairs, found.comparable) == ({}, set())


def test_comparable_without_a_pair_is_not_the_same_as_not_comparable() -> None:
    left = [record(phone="13900001234"), record(name="李晓明")]
    found = candidates(left, [record(phone="13800005678")], ["phone"])
    assert (found.pairs, found.comparable) == ({}, {0})


def test_an_oversized_block_is_cut_by_what_else_agrees_and_not_dropped() -> None:
    size = int(BLOCK_LIMIT**0.5) + 1
    hotel = [record(phone="13900001234", name=f"guest {at:04}", date_of_birth="1984-03-05") for at in range(size)]
    found = candidates(hotel, hotel, ["phone"])
    assert {(at, at) for at in range(size)} <= found.pairs.keys()
    few = candidates(hotel[:10], hotel[:10], ["phone"])
    assert len(few.pairs) == 100


def test_a_common_name_is_cut_by_the_full_birth_date() -> None:
    size = int(BLOCK_LIMIT**0.5) + 1
    days = [f"1984-{1 + at % 12:02}-{1 + at // 12 % 28:02}" for at in range(size)]
    namesakes = [record(name="张伟", date_of_birth=day, sex="M") for day in days]
    found = candidates(namesakes, namesakes, ["name_birth_year_sex"])
    assert found.pairs.keys() == {(at, to) for at in range(size) for to in range(size) if days[at] == days[to]}


@pytest.mark.parametrize(("height", "other"), [(168, 170), (169, 171), (172, 174), (170, 172), (173, 175)])
def test_heights_within_two_centimetres_share_a_key(height: int, other: int) -> None:
    left, right = (record(sex="F", height_cm=it, place="古塔广场") for it in (height, other))
    assert set(key_values(left, "sex_height_place")) & set(key_values(right, "sex_height_place"))


def test_every_cell_declares_keys_of_its_database() -> None:
    for _, database, cell in load_catalogue().each_cell():
        assert set(cell.keys) == KEYS_OF[database]

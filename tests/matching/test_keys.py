from __future__ import annotations

from typing import Any

import pytest

from matching.catalogue import KEYS_OF, load_catalogue
from matching.keys import KeyName, is_usable, key_values, shared
from matching.normalising import NormalRecord, normalise


def record(**raw: Any) -> NormalRecord:
    return normalise(raw)


def test_a_pair_carries_every_key_that_it_shares() -> None:
    left = record(name="李晓明", date_of_birth="1984-03-05", sex="M", phone="13900001234")
    right = record(name="Li Xiaoming", date_of_birth="1984-03-05", phone="13900001234")
    keys: list[KeyName] = ["phone", "name_birth_date", "pinyin_birth_date"]
    assert shared(left, right, keys, ()) == ["phone", "pinyin_birth_date"]
    assert shared(left, record(name="李晓明"), keys, ()) == []


def test_a_close_name_is_shared_where_the_index_found_it() -> None:
    left, right = (record(name=it, date_of_birth="1984-03-05") for it in ("Li Xiaoming", "Li Xiaomin"))
    assert shared(left, right, ["close_name"], ("close_name", "birth_date")) == ["close_name"]
    assert shared(left, right, ["close_name"], ("birth_date",)) == []
    assert is_usable(left, "close_name")
    assert not is_usable(record(name="Li Xiaoming"), "close_name")


@pytest.mark.parametrize("spelling", ["单乐强", "Shan Leqiang", "DAN Yuejiang", "yue jiang shan"])
def test_a_name_of_polyphones_meets_each_of_its_readings(spelling: str) -> None:
    left, right = (record(name=it, date_of_birth="1984-03-05") for it in ("单乐强", spelling))
    assert shared(left, right, ["pinyin_birth_date"], ()) == ["pinyin_birth_date"]


@pytest.mark.parametrize(("height", "other"), [(168, 170), (169, 171), (172, 174), (170, 172), (173, 175)])
def test_heights_within_two_centimetres_share_a_key(height: int, other: int) -> None:
    left, right = (record(sex="F", height_cm=it, place="古塔广场") for it in (height, other))
    assert set(key_values(left, "sex_height_place")) & set(key_values(right, "sex_height_place"))


def test_every_cell_declares_keys_of_its_database() -> None:
    for _, database, cell in load_catalogue().each_cell():
        assert set(cell.keys) == KEYS_OF[database]

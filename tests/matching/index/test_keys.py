from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.index.keys import (
    FAMILIES,
    NAME,
    REFINED,
    family_of,
    hash_of,
    keyed,
    mixed,
    mixed_many,
    variants,
    variants_many,
)
from matching.normalising.names import normalise_name

HASHES = st.integers(16, (1 << 64) - 1)


def shared(one: dict[str, str], other: dict[str, str]) -> set[str]:
    """The families of the keys that both have."""
    return {FAMILIES[family_of(key)] for key in {*keyed(one).keys} & {*keyed(other).keys}}


@pytest.mark.parametrize(
    "spelling",
    ["ZHANG Xiaoming", "Xiaoming Zhang", "xiao ming zhang", "Zhang, Xiao-Ming", "Ｚｈａｎｇ　Ｘｉａｏｍｉｎｇ"],
)
def test_a_name_shares_a_key_with_each_way_to_write_it(spelling: str) -> None:
    born = {"date_of_birth": "1984-03-05"}
    assert {"name", "pinyin_birth_date"} <= shared({"name": "张晓明", **born}, {"name": spelling, **born})


@given(
    st.sampled_from(["单", "曾", "仇", "解", "盖", "吕", "长孙", "张"]), st.text("乐强长娜绿晓", min_size=1, max_size=2)
)
def test_a_name_shares_a_key_with_each_of_its_readings(surname: str, given_name: str) -> None:
    born = {"date_of_birth": "1984-03-05"}
    name = normalise_name(surname + given_name)
    assert name is not None
    for reading in (name.romanised, *name.others):
        found = shared({"name": surname + given_name, **born}, {"name": reading, **born})
        assert {"name", "pinyin_birth_date"} <= found


@pytest.mark.parametrize("slip", ["Xiaomin Zhang", "Zhang Xiaoning", "Zang Xiaoming", "Xiaominng Zhang"])
def test_names_a_letter_apart_share_a_variant_whichever_part_comes_first(slip: str) -> None:
    (one,), (other,) = keyed({"name": "张晓明"}).spoken[:1], keyed({"name": slip}).spoken[:1]
    assert set(variants(one)) & set(variants(other))


@given(HASHES, HASHES, st.integers(0, 15))
def test_hashes_mix_alike_one_by_one_and_in_arrays(one: int, other: int, family: int) -> None:
    many = mixed_many(np.array([one], dtype=np.uint64), np.array([other], dtype=np.uint64), family)
    assert int(many[0]) == mixed(one, other, family)
    assert int(many[0]) % 16 == family


@given(st.text())
def test_any_text_has_a_hash_that_is_never_an_empty_slot(text: str) -> None:
    assert hash_of(text, NAME) % 16 == NAME
    assert hash_of(text, 0) != 0


@given(st.dictionaries(st.sampled_from(["name", "date_of_birth", "id_number", "address", "postcode"]), st.text()))
def test_any_values_have_keys_or_none(raw: dict[str, str]) -> None:
    made = keyed(raw)
    assert 0 not in made.keys
    assert all(key % 16 < REFINED for key in made.keys)


@given(st.lists(st.text("abnz", max_size=9) | st.text("abé明 ", max_size=9), max_size=6))
def test_variants_of_many_readings_are_those_of_each(readings: list[str]) -> None:
    found, counts = variants_many(readings)
    of_each = np.split(found, np.cumsum(counts)[:-1]) if readings else []
    assert [set(it.tolist()) for it in of_each] == [set(variants(it)) for it in readings]

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plates.grammar import ALPHABET, chinese_series, is_latin, series_of, spell_latin, tidy
from simulator.plates import SERIES, PlateSeries, random_plate


@pytest.mark.parametrize("series", SERIES)
def test_generated_plates_are_plausible(series: PlateSeries) -> None:
    random = Random(7)
    for _ in range(200):
        plate = random_plate(random, series)
        expected = series if plate.is_chinese else "latin"
        assert series_of(plate.text, plate.colour) == expected, plate


@pytest.mark.parametrize(
    ("text", "colour", "series"),
    [
        ("京A12345", "blue", "cn_standard"),
        ("京A12345", "yellow", "cn_large"),
        ("京A12345", "white", None),
        ("京AD12345", "green", "cn_new_energy"),
        ("京A12345D", "green", "cn_new_energy"),
        ("京A1234警", "white", "cn_police"),
        ("京A1234警", "blue", None),
        ("粤Z1234港", "black", "cn_hong_kong_macau"),
        ("京Z1234港", "black", None),
        ("京A1234挂", "yellow", "cn_trailer"),
        ("沪A1234领", "black", "cn_consulate"),
        ("使123456", "black", "cn_embassy"),
        ("京AABC12", "blue", None),
        ("京AI2345", "blue", None),
        ("京A1234", "blue", None),
        ("A京12345", "blue", None),
    ],
)
def test_chinese_series(text: str, colour: str, series: str | None) -> None:
    assert chinese_series(text, colour) == series  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["A12345", "AD12345", "BA12345"])
def test_the_rest_of_a_chinese_plate_is_not_a_latin_one(text: str) -> None:
    assert not is_latin(text, "blue")
    assert is_latin(text, "white")


def test_the_rest_of_a_police_plate_is_not_a_latin_one() -> None:
    assert not is_latin("J4937", "white")
    assert not is_latin("J4937", "blue")


@pytest.mark.parametrize("text", ["TAXI", "POLICE", "12345", "A1", "ABCDEFGHIJ1"])
def test_words_and_numbers_are_not_plates(text: str) -> None:
    assert series_of(text, "white") is None


@pytest.mark.parametrize(
    ("text", "breaks", "spelled"),
    [
        ("BX08485", [3], "BXO8485"),
        ("BX08485", [2], "BX08485"),
        ("BX08485", [], None),
        ("WJY0114", [], "WJY0114"),
        ("A8O23CD", [], "A8O23CD"),
        ("ABO23CD", [], "AB023CD"),
        ("RK099AN", [2], "RK099AN"),
        ("PS344UR", [], "PS344UR"),
        ("OI", [], "OI"),
    ],
)
def test_look_alikes_are_settled_by_groups_and_layouts(text: str, breaks: list[int], spelled: str | None) -> None:
    assert spell_latin(text, breaks) == spelled


@given(st.text(alphabet=ALPHABET, max_size=12), st.lists(st.integers(1, 11), max_size=3))
def test_spelling_changes_look_alikes_only(text: str, places: list[int]) -> None:
    breaks = sorted({place for place in places if place < len(text)})
    spelled = spell_latin(text, breaks)
    if spelled is not None:
        same = str.maketrans("OI", "01")
        assert spelled.translate(same) == text.translate(same)


@given(st.text(alphabet=ALPHABET, max_size=12))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)

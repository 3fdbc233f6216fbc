from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from foundation.plates import LETTERS, PROVINCES
from simulator.plates import COLOUR_OF, SERIES, PlateSeries, plate_of, random_plate, random_plates


@given(st.integers(), st.sampled_from(SERIES))
def test_a_random_plate_has_its_series_form(seed: int, series: PlateSeries) -> None:
    plate = random_plate(Random(seed), series)
    assert plate.colour == COLOUR_OF[series]
    assert len(plate.text) == (8 if series == "cn_new_energy" else 7)
    if plate.is_chinese:
        assert plate.text[0] in PROVINCES
        assert plate.text[1] in LETTERS
        assert not set("IO") & set(plate.text)
        assert sum(character in LETTERS for character in plate.text[2:]) <= 2


@given(st.integers(), st.sampled_from(["cn_standard", "cn_new_energy", "cn_police", "cn_hong_kong_macau"]))
def test_the_series_is_guessed_from_the_text(seed: int, series: PlateSeries) -> None:
    plate = random_plate(Random(seed), series)
    assert plate_of(f"{plate.text[:2]}·{plate.text[2:]}".lower()) == plate


def test_random_plates_are_distinct_and_go_through_the_series() -> None:
    plates = random_plates(Random(1), SERIES, 40)
    assert len({plate.text for plate in plates}) == 40
    assert [plate.series for plate in plates[: len(SERIES)]] == list(SERIES)


def test_a_text_that_is_no_plate_is_refused() -> None:
    with pytest.raises(InvalidInput, match="4 to 10"):
        plate_of("京A")

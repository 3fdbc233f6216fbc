from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.positions import look_swapped, to_gcj02, to_wgs84

# Positions that map services show for these places; the formula is an approximation in general use.
KNOWN = {
    "beijing": ((39.911954, 116.377817), (39.9133454, 116.3840472)),
    "shanghai": ((31.1774276, 121.5272106), (31.1753040, 121.5315419)),
    "shenzhen": ((22.543847, 113.912316), (22.5407961, 113.9171765)),
}
DEGREE_M = 111_320


@pytest.mark.parametrize("city", KNOWN)
def test_known_positions(city: str) -> None:
    wgs84, gcj02 = KNOWN[city]
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-6)
    assert to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-6)


@given(st.floats(18.5, 53.5), st.floats(74, 134.5))
def test_there_and_back_is_the_same_place(latitude: float, longitude: float) -> None:
    shifted = to_gcj02(latitude, longitude)
    assert math.dist(shifted, (latitude, longitude)) * DEGREE_M < 2_000
    assert math.dist(to_wgs84(*shifted), (latitude, longitude)) * DEGREE_M < 0.001


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_has_one_in_the_other_datum(latitude: float, longitude: float) -> None:
    for position in (to_gcj02(latitude, longitude), to_wgs84(latitude, longitude)):
        assert all(map(math.isfinite, position))


@pytest.mark.parametrize("position", [(48.85, 2.35), (-33.86, 151.2), (0.0, 100.0)], ids=["paris", "sydney", "south"])
def test_elsewhere_nothing_is_shifted(position: tuple[float, float]) -> None:
    assert to_gcj02(*position) == to_wgs84(*position) == position


def test_swapped_numbers_are_seen() -> None:
    assert look_swapped(116.4, 39.9)
    assert look_swapped(87.6, 43.8)
    assert not look_swapped(39.9, 116.4)
    assert not look_swapped(69.6, 18.9)  # north of China, and not in it when swapped

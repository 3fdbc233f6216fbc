from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from device_registry.planning.commands import _plan
from device_registry.planning.density import CLASSES_2025, CLASSES_DORI, Mounting, Optics, density, reached
from device_registry.planning.sector import sector
from foundation.errors import InvalidInput

OPTICS = Optics(sensor_width_mm=4.8, focal_length_mm=4.8, width_px=1920, height_px=1080)


def test_a_target_on_the_axis():
    found = density(OPTICS, Mounting(), 19.2)
    assert (found.across, found.upright) == pytest.approx((100, 100))
    assert pytest.approx(2 * math.degrees(math.atan(0.5))) == OPTICS.fov_deg


def test_a_view_from_above_shortens_the_upright():
    found = density(OPTICS, Mounting(height_m=3), 4)
    assert found.across == pytest.approx(1920 / 5)
    assert found.upright == pytest.approx(1920 / 5 * 4 / 5)


@pytest.mark.parametrize("tilt_deg", [-90, -30, 60, 90])
def test_a_target_outside_of_the_picture(tilt_deg):
    assert not density(OPTICS, Mounting(tilt_deg=tilt_deg), 10).in_picture


@given(distance_m=st.floats(1, 500), height_m=st.floats(0, 50), target_m=st.floats(0, 3), tilt_deg=st.floats(-45, 80))
def test_upright_density_is_the_slope_of_the_projection(distance_m, height_m, target_m, tilt_deg):
    mounting = Mounting(height_m, tilt_deg)
    tilt = math.radians(tilt_deg)

    def row(above_m: float) -> float:
        drop = height_m - above_m
        depth = distance_m * math.cos(tilt) + drop * math.sin(tilt)
        return OPTICS.focal_px * (drop * math.cos(tilt) - distance_m * math.sin(tilt)) / depth

    assume(distance_m * math.cos(tilt) + (height_m - target_m) * math.sin(tilt) > 0.5)
    slope = (row(target_m - 1e-4) - row(target_m + 1e-4)) / 2e-4
    assert density(OPTICS, mounting, distance_m, target_m).upright == pytest.approx(slope, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("classes", [CLASSES_2025, CLASSES_DORI], ids=["2025", "dori"])
def test_a_class_begins_at_its_own_density(classes):
    for name, least in classes.items():
        assert reached(classes, least) == name
        assert reached(classes, math.nextafter(least, 0)) != name
    assert reached(classes, 1) is None


@given(st.floats(-85, 85), st.floats(-180, 180), st.floats(-360, 360), st.floats(1, 360), st.floats(10, 50_000))
def test_a_sector_is_a_closed_ring_counterclockwise_at_its_range(latitude, longitude, azimuth, fov, range_m):
    shape = sector(latitude, longitude, azimuth, fov, range_m)
    (ring,) = shape["coordinates"]  # type: ignore[misc]
    assert ring[0] == ring[-1]
    # From the first corner: far from zero the products lose the digits that small sectors need.
    flat = [(east - ring[0][0], north - ring[0][1]) for east, north in ring]
    assert sum(a * d - b * c for (a, b), (c, d) in pairwise(flat)) > 0
    for east, north in ring if fov == 360 else ring[1:-1]:
        assert away_m(latitude, longitude, north, east) == pytest.approx(range_m, rel=1e-3, abs=0.05)


def away_m(north: float, east: float, other_north: float, other_east: float) -> float:
    a, b = math.radians(north), math.radians(other_north)
    chord = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_east - east) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(chord))


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("latitude", (86, 0, 0, 90, 100)),
        ("longitude", (0, math.nan, 0, 90, 100)),
        ("azimuth_deg", (0, 0, 361, 90, 100)),
        ("fov_deg", (0, 0, 0, 0, 100)),
        ("range_m", (0, 0, 0, 90, math.inf)),
    ],
)
def test_a_sector_that_cannot_be(place, arguments):
    with pytest.raises(InvalidInput, match=place):
        sector(*arguments)


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_optics_and_distance_that_cannot_be(bad):
    with pytest.raises(InvalidInput, match="focal_length_mm"):
        Optics(4.8, bad, 1920, 1080)
    with pytest.raises(InvalidInput, match="distance_m"):
        density(OPTICS, Mounting(), bad)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(_plan, arguments)
    return result.exit_code, result.output


def test_the_commands():
    lens = ("density", "--sensor", "4.8", "--lens", "4.8")
    assert run(*lens, "--distance", "19.2")[1].endswith(
        "upright: 100.0 pixels/m; IEC 62676-4:2025 discern, DORI observation\n"
    )
    assert run(*lens, "--distance", "10", "--tilt", "60")[0] == 1
    code, text = run(
        *("sector", "--latitude", "31.2", "--longitude", "121.5", "--azimuth", "90", "--fov", "80", "--range", "50")
    )
    assert code == 0
    assert json.loads(text)["type"] == "Polygon"

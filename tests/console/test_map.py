"""The map of the cameras, drawn on the console itself: by pointer, by keys, and beside it in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from device_registry.changing import change_columns
from device_registry.models import Camera
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.settings import load_settings

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

# West to east; the second has a sector, the third only looks somewhere, the last has no position.
PLACES = [
    {"latitude": 31.2300, "longitude": 121.4700},
    {"latitude": 31.2300, "longitude": 121.4720, "azimuth_deg": 45.0, "fov_deg": 60.0, "range_m": 60.0},
    {"latitude": 31.2300, "longitude": 121.4740, "azimuth_deg": 180.0},
    {"latitude": 31.2300, "longitude": 121.4760},
    {"latitude": 31.2310, "longitude": 121.4700},
    {"latitude": None, "longitude": None},
]
NO_SIGHT = {"azimuth_deg": None, "fov_deg": None, "range_m": None}
COLOUR_OF_THE_GROUND = """() => [...document.querySelector("[data-testid=map] canvas")
    .getContext("2d").getImageData(3, 300, 1, 1).data].slice(0, 3)"""
COLOURS = """() => {
  const canvas = document.querySelector("[data-testid=map] canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


@pytest.fixture(scope="module", autouse=True)
def codes(center):
    """The codes of the cameras, five of which have a place now."""
    stores = open_stores(load_settings(center.data / "vedette.toml"))
    with transaction(stores.core) as session:
        cameras = session.scalars(select(Camera).order_by(Camera.code)).all()
        for camera, place in zip(cameras, PLACES, strict=False):
            action = AuditAction.CLI_CAMERA_CHANGE
            change_columns(session, SYSTEM_CLOCK, camera, NO_SIGHT | place, action=action, actor="test")
        codes = [camera.code for camera in cameras]
    stores.dispose()
    return codes


def open_map(page):
    page.keyboard.press("g")
    expect(page.get_by_test_id("map-row")).to_have_count(6)
    surface = page.get_by_test_id("map")
    expect(surface).to_be_visible()
    return surface


def row_of(page, code):
    return page.get_by_test_id("map-row").filter(has_text=code)


def test_a_camera_without_a_position_is_counted_and_listed(people, codes):
    with people.visit("operator") as page:
        open_map(page)
        unplaced = page.get_by_test_id("map-unplaced")
        expect(unplaced).to_have_text("Without a position: 1")
        unplaced.click()
        expect(page.get_by_test_id("map-row")).to_have_count(1)
        expect(row_of(page, codes[5])).to_contain_text("no position")
        row_of(page, codes[5]).get_by_role("link").click()
        expect(page.get_by_test_id("map-detail")).to_contain_text("is not on the map")


def test_arrow_keys_go_to_the_nearest_camera_on_that_side(people, codes):
    with people.visit("operator") as page:
        surface = open_map(page)
        told = page.get_by_test_id("map-told")
        row_of(page, codes[0]).get_by_role("link").focus()
        expect(told).to_contain_text(codes[0])
        row_of(page, codes[0]).get_by_role("link").click()
        expect(page.get_by_test_id("map-detail")).to_contain_text(codes[0])
        surface.focus()
        for key, code in (
            ("ArrowRight", codes[1]),
            ("ArrowRight", codes[2]),
            ("ArrowLeft", codes[1]),
            ("ArrowLeft", codes[0]),
            ("ArrowUp", codes[4]),
        ):
            page.keyboard.press(key)
            expect(told).to_contain_text(code)
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("map-detail")).to_contain_text(codes[4])
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("map-detail")).to_have_count(0)


def test_the_list_is_walked_by_keys(people):
    with people.visit("operator") as page:
        open_map(page)
        for key in ("j", "j", "k", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_test_id("map-detail")).to_be_visible()
        expect(page.get_by_test_id("map-row").first.get_by_role("link")).to_have_attribute("aria-current", "true")


def test_a_press_on_its_mark_opens_a_camera_with_its_live_picture_and_the_way_it_looks(people, codes):
    with people.visit("operator") as page:
        surface = open_map(page)
        row_of(page, codes[2]).get_by_role("link").focus()
        expect(page.get_by_test_id("map-told")).to_contain_text(codes[2])
        spot = page.get_by_test_id("map-told").evaluate("told => [told.offsetLeft, told.offsetTop]")
        surface.click(position={"x": spot[0], "y": spot[1]})
        detail = page.get_by_test_id("map-detail")
        expect(detail).to_contain_text(codes[2])
        expect(detail).to_contain_text("180°")
        expect(detail.get_by_test_id("live-video")).to_be_visible(timeout=60_000)
        page.wait_for_function(
            "() => document.querySelector('[data-testid=live-video]')?.currentTime > 0", timeout=120_000
        )
        detail.get_by_test_id("map-to-camera").click()
        expect(page.get_by_test_id("camera-detail")).to_contain_text(codes[2])


def test_words_and_health_narrow_map_list_and_legend(people, codes):
    with people.visit("operator") as page:
        open_map(page)
        expect(page.get_by_test_id("map-legend").locator("[data-health=online]")).to_be_visible(timeout=120_000)
        page.keyboard.press("/")
        page.keyboard.type(codes[1])
        expect(page.get_by_test_id("map-row")).to_have_count(1)
        expect(page.get_by_test_id("map-legend").get_by_role("listitem")).to_have_count(1)
        page.get_by_test_id("map-search").fill("")
        page.get_by_test_id("health-filter").get_by_role("button").click()
        page.get_by_role("option", name="Unreachable").click()
        expect(page.get_by_test_id("map-count")).to_have_text("0 of 6")


def test_wheel_drag_and_keys_move_the_map_and_zero_shows_all(people):
    with people.visit("operator") as page:
        surface = open_map(page)
        scale = page.get_by_test_id("map-scale")
        zoom, length = surface.get_attribute("data-zoom"), scale.inner_text()
        surface.hover()
        page.mouse.wheel(0, -1200)
        expect(surface).not_to_have_attribute("data-zoom", zoom)
        expect(scale).not_to_have_text(length)
        surface.focus()
        page.keyboard.press("0")
        expect(surface).to_have_attribute("data-zoom", zoom)
        page.keyboard.press("+")
        expect(surface).to_have_attribute("data-zoom", f"{float(zoom) + 1:.2f}")
        page.get_by_test_id("map-fit").click()
        expect(surface).to_have_attribute("data-zoom", zoom)


def test_it_is_drawn_in_the_colours_of_either_theme(people, codes):
    with people.visit("operator") as page:
        open_map(page)
        row_of(page, codes[1]).get_by_role("link").click()
        assert page.evaluate(COLOURS) > 20  # marks, names, lines
        assert max(page.evaluate(COLOUR_OF_THE_GROUND)) < 60
        page.get_by_test_id("theme-switch").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        page.wait_for_function(f"() => Math.min(...({COLOUR_OF_THE_GROUND})()) > 200")
        page.get_by_test_id("theme-switch").click()

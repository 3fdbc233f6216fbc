"""A camera that turns, steered by keys and buttons beside its live picture: it never moves on when nobody holds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from device_registry.models import Camera
from device_registry.onvif.endpoint import address_of
from foundation.database import open_stores, transaction
from foundation.settings import load_settings
from simulator.onvif_device.server import OnvifDevice
from simulator.onvif_device.state import Position

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

STILL = Position()


@pytest.fixture
def device():
    with OnvifDevice() as device:
        device.state.presets = {"P1": ("North gate", Position(0.1, 0.2, 0.0)), "P2": ("", Position(0.3, 0.0, 0.5))}
        yield device


@pytest.fixture
def camera_id(center, device):
    """The last camera of the demo, with the device of ours behind it."""
    stores = open_stores(load_settings(center.data / "vedette.toml"))
    with transaction(stores.core) as session:
        camera = session.scalars(select(Camera).order_by(Camera.code.desc()).limit(1)).one()
        known, before = camera.id, camera.onvif_url
        camera.onvif_url = address_of(device.authority)
    yield known
    with transaction(stores.core) as session:
        session.get_one(Camera, known).onvif_url = before
    stores.dispose()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def enlarge(page, camera_id) -> None:
    page.goto(page.url.split("#")[0] + f"#/live/{camera_id}")
    expect(page.get_by_test_id("steer")).to_be_visible(timeout=60_000)


def stopped_after(device, release: Callable[[], None]) -> None:
    """The release reaches the device as a stop, long before it would stop by itself."""
    until(lambda: device.state.velocity != STILL)
    asked = len(device.asked)
    release()
    until(lambda: "Stop" in device.asked[asked:])
    until(lambda: device.state.velocity == STILL)


def test_a_camera_moves_while_it_is_held_and_no_longer(people, violations, device, camera_id):
    with people.visit("operator") as page:
        enlarge(page, camera_id)
        page.keyboard.down("ArrowRight")
        until(lambda: device.state.velocity == Position(0.5, 0.0, 0.0))
        expect(page.get_by_test_id("steer-control")).to_have_attribute("data-state", "mine")
        page.keyboard.down("ArrowUp")
        until(lambda: device.state.velocity == Position(0.5, 0.5, 0.0))
        page.keyboard.up("ArrowUp")
        until(lambda: device.state.velocity == Position(0.5, 0.0, 0.0))
        stopped_after(device, lambda: page.keyboard.up("ArrowRight"))

        page.get_by_test_id("steer").get_by_role("button", name="Fast").click()
        page.keyboard.down("+")
        until(lambda: device.state.velocity == Position(0.0, 0.0, 1.0))
        stopped_after(device, lambda: page.evaluate("dispatchEvent(new Event('blur'))"))
        page.keyboard.up("+")

        page.get_by_test_id("steer-left").hover()
        page.mouse.down()
        until(lambda: device.state.velocity == Position(-1.0, 0.0, 0.0))
        stopped_after(device, page.mouse.up)
        page.mouse.down()
        stopped_after(device, lambda: page.mouse.move(5, 5))  # off the button
        page.mouse.up()

        page.keyboard.press("2")
        until(lambda: device.state.position == Position(0.3, 0.0, 0.5))
        page.keyboard.press("Home")
        until(lambda: device.asked[-1] == "GotoHomePosition")
        page.get_by_test_id("steer-preset").first.click()
        until(lambda: device.state.position == Position(0.1, 0.2, 0.0))
        assert violations(page) == []

        page.keyboard.down("ArrowDown")
        stopped_after(device, lambda: page.keyboard.press("Escape"))  # the picture closes
        page.keyboard.up("ArrowDown")
        enlarge(page, camera_id)
        page.keyboard.down("ArrowDown")
        stopped_after(device, lambda: page.goto("about:blank"))  # the page goes


def is_taking(answer) -> bool:
    return answer.request.method == "POST" and answer.url.endswith("/ptz/control")


def test_one_person_steers_at_a_time_and_a_higher_role_takes_over(people, device, camera_id):
    with people.visit("operator") as page, people.visit("supervisor") as other:
        enlarge(page, camera_id)
        enlarge(other, camera_id)
        page.keyboard.down("ArrowRight")
        holder = other.get_by_test_id("steer-control")
        expect(holder).to_have_text("operator steers")
        expect(other.get_by_test_id("steer-left")).to_be_disabled()
        asked = device.asked.count("ContinuousMove")
        stopped_after(device, other.get_by_test_id("steer-take").click)
        expect(holder).to_have_text("You steer")
        expect(page.get_by_test_id("steer-control")).to_have_text("supervisor steers")
        page.keyboard.up("ArrowRight")
        with page.expect_response(is_taking, timeout=60_000) as answer:
            page.get_by_test_id("steer-take").click()
        assert answer.value.status == 409
        expect(page.get_by_test_id("steer-fault")).to_contain_text("supervisor")
        other.keyboard.down("ArrowLeft")
        until(lambda: device.asked.count("ContinuousMove") > asked and device.state.velocity.pan < 0)
        stopped_after(device, lambda: other.keyboard.up("ArrowLeft"))
        other.get_by_test_id("steer-give-up").click()
        expect(page.get_by_test_id("steer-control")).to_have_text("Nobody steers")


def test_a_camera_that_does_not_turn_and_who_may_not_steer(people, camera_id):
    with people.visit("technician") as page:
        page.goto(page.url.split("#")[0] + f"#/live/{camera_id}")
        expect(page.get_by_test_id("live-enlarged")).to_be_visible()
        expect(page.get_by_test_id("steer")).to_have_count(0)
    with people.visit("operator") as page:
        page.get_by_test_id("nav-live").click()
        with page.expect_response(lambda answer: answer.url.endswith("/ptz/presets"), timeout=60_000) as answer:
            page.get_by_test_id("live-tile").first.get_by_role("button").click()
        assert answer.value.status >= 400
        expect(page.get_by_test_id("steer")).to_have_count(0)

"""A locked console: takes all input, hides what it must, and never blanks the wall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from control_center.demo.plan import make_plan

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

PLAYED = "() => [...document.querySelectorAll('[data-testid=live-video]')].map(video => video.currentTime)"


@pytest.fixture
def page(people):
    with people.visit("operator") as page:
        yield page


def unlock(page, password="a long enough pass phrase"):
    page.get_by_test_id("lock-screen").locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")


def test_the_wall_plays_on_while_the_console_is_locked(page):
    page.goto(page.url.split("#")[0] + "#/live")
    page.wait_for_function(f"() => ({PLAYED})().filter(played => played > 0.5).length >= 2", timeout=60_000)
    page.keyboard.press("Shift+L")
    lock = page.get_by_test_id("lock-screen")
    expect(lock).to_be_visible()
    before = page.evaluate(PLAYED)
    page.wait_for_function(
        f"before => ({PLAYED})().every((played, i) => before[i] === 0 || played > before[i] + 1)",
        arg=before,
        timeout=30_000,
    )
    tiles = page.get_by_test_id("live-tile")
    bar = lock.bounding_box()
    for place in range(tiles.count()):
        tile = tiles.nth(place).bounding_box()
        assert tile["y"] + tile["height"] <= bar["y"], "the lock covers a picture"

    # Nothing behind takes input, and Escape is no way out.
    assert page.evaluate("() => document.querySelector('[data-testid=console]').inert")
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement === document.body"
            " || document.querySelector('[data-testid=lock-screen]').contains(document.activeElement)"
        )
    for key in ("Escape", "F2", "j"):
        page.keyboard.press(key)
    expect(lock).to_be_visible()
    assert page.url.endswith("#/live")

    unlock(page, "not the password")
    expect(lock.get_by_test_id("form-error")).to_have_text("The password is not right.")
    unlock(page)
    expect(lock).to_have_count(0)
    assert page.url.endswith("#/live")
    assert min(page.evaluate(PLAYED)) >= 0


def test_a_lock_hides_records_survives_a_reload_and_gives_the_place_back(page):
    row = page.get_by_test_id("alert-row").first
    row.click()
    detail = page.get_by_test_id("alert-detail")
    expect(detail).to_be_visible()
    place = page.url
    page.get_by_test_id("lock-now").click()
    lock = page.get_by_test_id("lock-screen")
    expect(lock).to_be_visible()
    expect(detail).to_be_hidden()
    expect(row).to_be_hidden()

    page.reload()
    expect(lock).to_be_visible()
    expect(page.get_by_test_id("alert-row")).to_have_count(0)
    assert page.request.get("/api/v1/alerts").status == 423
    unlock(page)
    expect(lock).to_have_count(0)
    assert page.url == place
    expect(detail).to_be_visible()


def test_an_alert_that_arrives_meanwhile_is_counted_and_says_nothing(page, see_stolen_plate):
    page.goto(page.url.split("#")[0] + "#/live")
    expect(page.get_by_test_id("live-tile").first).to_be_visible()
    page.get_by_test_id("lock-now").click()
    missed = page.get_by_test_id("lock-missed")
    expect(missed).to_be_attached()
    # Motion without plates: the demo itself raises no alert there, and sightings within a quarter of an hour are one.
    camera = [plan.name for plan in make_plan().cameras if plan.kind != "walkers"][-1]
    plate = see_stolen_plate(camera)
    expect(missed).to_contain_text("new alert", timeout=90_000)
    assert plate not in page.content()
    unlock(page)
    expect(page.get_by_test_id("lock-screen")).to_have_count(0)


def test_a_lock_by_the_server_shows_at_once(page):
    """As when the time runs out there first, or the same session is locked at another page."""
    assert page.request.post("/api/v1/session/lock", headers={"X-Vedette": "1"}).ok
    page.keyboard.press("F4")
    expect(page.get_by_test_id("lock-screen")).to_be_visible()
    unlock(page)
    expect(page.get_by_test_id("board")).to_be_visible()


def test_input_is_told_at_most_once_a_minute(page):
    told = []
    page.on("request", lambda request: told.append(request.url) if "/session/activity" in request.url else None)
    with page.expect_request(re.compile("/session/activity")):
        page.keyboard.press("j")
    for _ in range(5):
        page.keyboard.press("j")
        page.mouse.move(300, 300 + 10 * _)
        page.wait_for_timeout(500)
    assert len(told) == 1


def test_a_console_without_input_locks_by_itself(people):
    """The account says when; the page's own clock does the rest."""
    context = people.context()
    page = context.new_page()
    page.clock.install()
    people.enter(page, "operator")
    page.clock.fast_forward("29:00")
    expect(page.get_by_test_id("lock-screen")).to_have_count(0)
    page.clock.fast_forward("01:05")
    expect(page.get_by_test_id("lock-screen")).to_be_visible()
    unlock(page)
    expect(page.get_by_test_id("lock-screen")).to_have_count(0)
    context.close()

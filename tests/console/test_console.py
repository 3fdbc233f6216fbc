"""The console as an operator meets it, in Chromium, on a demo center."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from control_center.demo.plan import make_plan

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


@pytest.fixture(scope="module")
def context(people):
    """One signed-in visit, with the errors that its pages reported."""
    context = people.context()
    page = context.new_page()
    people.enter(page, "operator")
    expect(page.get_by_test_id("alert-list")).to_be_visible()
    yield context
    context.close()


@pytest.fixture
def page(context, center):
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(center.url)
    expect(page.get_by_test_id("strip-cameras")).to_contain_text("6 of 6", timeout=60_000)
    yield page
    page.close()
    assert faults == []


def plate_alert(page: Page):
    """The row of an alert of a camera; it arrives while the page is open."""
    row = page.get_by_test_id("alert-row").filter(has_text=re.compile("Road|Ramp|Bridge")).first
    expect(row).to_be_visible(timeout=120_000)
    return row


def test_a_wrong_password_is_refused_in_words(browser, center):
    page = browser.new_page(locale="en-US")
    page.goto(center.url)
    form = page.get_by_test_id("sign-in-form")
    form.locator("input[name=username]").fill("operator")
    form.locator("input[type=password]").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(form).to_be_visible()
    page.close()


def test_an_alert_arrives_and_its_clip_plays(page, see_stolen_plate):
    camera = next(plan.name for plan in make_plan().cameras if plan.kind == "walkers")
    row = page.get_by_test_id("alert-row").filter(has_text=camera)
    expect(page.get_by_test_id("alert-list")).to_be_visible()
    expect(row).to_have_count(0)
    see_stolen_plate(camera)
    expect(row).to_have_count(1, timeout=30_000)
    row.click()
    detail = page.get_by_test_id("alert-detail")
    expect(detail.get_by_test_id("lead-note")).to_be_visible()
    clip = detail.get_by_test_id("alert-clip")
    expect(clip).to_be_visible(timeout=30_000)
    page.wait_for_function("() => document.querySelector('[data-testid=alert-clip]').currentTime > 0", timeout=30_000)
    started = clip.evaluate("video => { video.loop = false; return video.currentTime; }")
    page.wait_for_function(
        "started => document.querySelector('[data-testid=alert-clip]').currentTime > started + 0.5",
        arg=started,
        timeout=30_000,
    )
    assert clip.evaluate("video => video.videoWidth") == 1920


def test_the_evidence_names_the_fields_that_agree(page):
    plate_alert(page).click()
    expect(page.get_by_test_id("evidence")).to_contain_text("Plate")


def test_an_alert_is_taken_through_its_steps_by_keyboard(page):
    row = plate_alert(page)
    row.click()
    badge = page.get_by_test_id("alert-detail").get_by_test_id("state-badge").first
    expect(badge).to_have_text("New")
    page.keyboard.press("a")
    confirm = page.get_by_test_id("step-confirm")
    if confirm.is_visible():
        confirm.click()
    expect(badge).to_have_text("Acknowledged")
    expect(page.get_by_test_id("history")).to_contain_text("operator", ignore_case=True)


def test_the_wall_shows_live_pictures(page):
    page.goto(page.url.split("#")[0] + "#/live")
    video = page.get_by_test_id("live-video").first
    expect(video).to_be_visible(timeout=30_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=live-video]')].some(video => video.currentTime > 0.5)",
        timeout=60_000,
    )
    expect(page.get_by_test_id("live-tile")).to_have_count(6)


def test_the_board_shows_24_cells(page):
    page.goto(page.url.split("#")[0] + "#/board")
    expect(page.get_by_test_id("board-cell")).to_have_count(24, timeout=30_000)


def test_the_console_speaks_chinese(page):
    page.get_by_test_id("language-switch").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    expect(page.get_by_text("警情").first).to_be_visible()
    page.get_by_test_id("language-switch").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("en"))


def test_the_keys_are_explained(page):
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-help")).to_be_visible()

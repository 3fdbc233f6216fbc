"""The register of cameras as an operator reads it and a supervisor changes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


def open_first(page):
    page.keyboard.press("r")
    row = page.get_by_test_id("camera-row").first
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    return page.get_by_test_id("camera-detail")


def test_whoever_sees_cameras_finds_a_camera_by_keys_and_reads_how_it_is_recorded(people):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        rows = page.get_by_test_id("camera-row")
        expect(rows).to_have_count(6)
        code = rows.nth(1).get_by_role("link").inner_text()
        page.keyboard.press("/")
        page.keyboard.type(code)
        expect(rows).to_have_count(1)
        page.keyboard.press("Tab")  # out of the field, where letters are commands again
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        detail = page.get_by_test_id("camera-detail")
        expect(detail).to_contain_text(code)
        expect(detail.get_by_test_id("camera-streams")).to_contain_text("1920 × 1080", timeout=60_000)
        expect(detail.get_by_test_id("camera-recording")).to_contain_text("does not change it")
        expect(page.get_by_test_id("recording-form")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(detail).to_have_count(0)


def test_centers_states_and_words_narrow_the_table(people):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        rows = page.get_by_test_id("camera-row")
        expect(rows).to_have_count(6)
        page.get_by_test_id("sort-code").click()  # by code already: the other way round
        heading = page.get_by_role("columnheader").filter(has=page.get_by_test_id("sort-code"))
        expect(heading).to_have_attribute("aria-sort", "descending")
        page.get_by_test_id("center-tree").get_by_role("row").last.click()
        expect(page.get_by_test_id("center-tree").get_by_role("row").last).to_have_attribute("aria-selected", "true")
        page.get_by_test_id("camera-search").fill("no camera is called that")
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        page.get_by_role("button", name="Show all").click()
        expect(rows).to_have_count(6)


def test_a_supervisor_changes_how_a_camera_is_recorded_and_takes_it_back(people):
    with people.visit("supervisor") as page:
        detail = open_first(page)
        days = detail.locator("input[name=retention-days]")
        before = days.input_value()
        save = page.get_by_test_id("recording-save")
        expect(save).to_be_disabled()
        days.fill("100000")
        expect(days).to_have_attribute("aria-invalid", "true")
        expect(save).to_be_disabled()
        days.fill("21")
        save.click()
        expect(page.get_by_test_id("message")).to_contain_text("saved")
        expect(save).to_be_disabled()
        page.get_by_test_id("message-action").click()
        expect(days).to_have_value(before)


def test_what_is_not_saved_is_not_left_by_accident(people):
    with people.visit("supervisor") as page:
        detail = open_first(page)
        sound = detail.locator("input[name=audio-purpose]")
        sound.fill("Emergency call point")
        here = page.url
        page.get_by_test_id("nav-live").click()
        expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("confirm-dialog")).to_have_count(0)
        assert page.url == here
        expect(sound).to_have_value("Emergency call point")
        page.get_by_test_id("nav-live").click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id("live-tile").first).to_be_visible(timeout=30_000)
        page.keyboard.press("r")
        expect(page.get_by_test_id("camera-table")).to_be_visible()


def test_a_discarded_draft_holds_nobody_back(people):
    with people.visit("supervisor") as page:
        detail = open_first(page)
        detail.get_by_test_id("recording-transport").get_by_text("UDP").click()
        page.get_by_test_id("recording-discard").click()
        expect(page.get_by_test_id("recording-save")).to_be_disabled()
        page.keyboard.press("F3")
        expect(page.get_by_test_id("live-tile").first).to_be_visible(timeout=30_000)

"""Footage is locked by who works with it, held by real recorders, and released by who answers for it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

REASON = "A stolen van, wanted by the station"


def plate_alert(page):
    row = page.get_by_test_id("alert-row").filter(has=page.locator(".plate")).first
    expect(row).to_be_visible(timeout=120_000)
    return row


def test_the_footage_of_an_alert_is_locked_held_and_released(people):
    with people.visit("operator") as page:
        plate_alert(page).click()
        page.get_by_test_id("lock-clip").click()
        dialog = page.get_by_test_id("lock-dialog")
        expect(dialog.get_by_test_id("timeline").locator("[data-lane=recorded]").first).to_be_attached()
        expect(dialog.get_by_test_id("lock-confirm")).to_be_disabled()  # without a reason
        dialog.locator("textarea").fill(REASON)
        dialog.get_by_test_id("lock-confirm").click()
        expect(dialog).to_have_count(0)
        page.keyboard.press("e")
        row = page.get_by_test_id("lock-row").filter(has_text=REASON).first
        # The supervisor writes it, the recorder obeys at its next purge, and the console is told.
        expect(row.get_by_test_id("lock-state")).to_have_text("Held", timeout=60_000)
        expect(row.get_by_test_id("recorded")).to_have_text(re.compile(r"[kMG]B"))
        expect(row.get_by_test_id("release-lock")).to_have_count(0)  # not for an operator
    with people.visit("supervisor") as page:
        page.keyboard.press("e")
        row = page.get_by_test_id("lock-row").filter(has_text=REASON).first
        row.get_by_test_id("release-lock").click()
        dialog = page.get_by_test_id("release-dialog")
        dialog.locator("textarea").fill("The van is back")
        dialog.get_by_test_id("release-confirm").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_test_id("lock-row").filter(has_text=REASON)).to_have_count(0)
        page.get_by_test_id("lock-state-filter").get_by_text("Released").click()
        expect(page.get_by_test_id("lock-row").filter(has_text=REASON).first).to_contain_text("The van is back")


def test_a_span_is_chosen_by_keys_alone(people):
    with people.visit("operator") as page:
        expect(page.get_by_test_id("alert-list")).to_be_visible()
        page.keyboard.press("e")
        expect(page.get_by_test_id("evidence-view")).to_be_visible()
        page.keyboard.press("h")
        dialog = page.get_by_test_id("lock-dialog")
        expect(dialog).to_be_visible()
        thumbs = dialog.get_by_test_id("timeline").locator("input[type=range]")
        thumbs.first.focus()
        before = int(thumbs.first.input_value())
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        assert int(thumbs.first.input_value()) == before - 30
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)

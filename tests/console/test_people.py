"""Accounts, sessions and loans as an administrator handles them."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


@pytest.fixture
def page(people):
    with people.visit("administrator") as page:
        yield page


def choose(page, test_id, text):
    """An entry of a drop-down list, or of a list that is narrowed by typing."""
    field = page.get_by_test_id(test_id)
    if field.locator("input:not([type=hidden])").count():
        field.locator("input").first.fill(text)
    else:
        field.locator("button").first.click()
    page.get_by_role("option", name=re.compile(text)).and_(page.locator(":not([aria-disabled=true])")).first.click()


def test_an_administrator_sees_people_and_no_records(page):
    expect(page.get_by_test_id("people-list")).to_be_visible()
    rail = page.locator(".rail-views")
    expect(rail.get_by_role("link")).to_have_text(["People", "Loans"])
    page.keyboard.press("F2")  # alerts: not for this account
    expect(page.get_by_test_id("people-view")).to_be_visible()


def test_people_are_reached_by_keys_alone(page):
    expect(page.get_by_test_id("person-row").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("supervisor")
    expect(page.get_by_test_id("person-row")).to_have_count(1)
    page.keyboard.press("Shift+Tab")  # out of the field, onto a control, where letters are commands again
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("person-detail")).to_contain_text("Supervisor")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("person-detail")).to_have_count(0)
    page.keyboard.press("F7")
    expect(page.get_by_test_id("loans-view")).to_be_visible()


def test_an_account_is_made_used_and_disabled(page, people):
    username = f"liu.{secrets.token_hex(3)}"
    page.get_by_test_id("new-person").click()
    dialog = page.get_by_test_id("new-person-dialog")
    dialog.locator("input[name=new-username]").fill(username)
    dialog.locator("input[name=display-name]").fill("Liu Yang")
    choose(page, "home-center", "Model City")
    choose(page, "role-choice", "^Technician")
    page.get_by_test_id("person-confirm").click()
    one_time = page.get_by_test_id("one-time-password").inner_text()
    assert len(one_time) >= 12
    page.get_by_test_id("one-time-done").click()
    detail = page.get_by_test_id("person-detail")
    expect(detail.get_by_test_id("role-line")).to_contain_text("Technician")

    people.expecting(username, one_time)
    with people.visit(username, ends=True) as theirs:
        # A technician sees cameras and live pictures, and no records.
        expect(theirs.locator(".rail-views").get_by_role("link")).to_have_text(["Live", "Cameras", "Map"])
        expect(theirs.get_by_test_id("live-tile").first).to_be_visible(timeout=30_000)

        page.reload()
        expect(detail.get_by_test_id("session-line")).to_have_count(1)
        page.get_by_test_id("disable-person").click()
        page.get_by_test_id("confirm").click()
        expect(detail).to_have_attribute("data-state", "disabled")
        expect(theirs.get_by_test_id("sign-in-form")).to_be_visible(timeout=60_000)
    page.get_by_test_id("message-action").click()
    expect(detail).to_have_attribute("data-state", "active")


def test_a_role_is_given_and_taken_back(page):
    page.get_by_test_id("people-search").fill("operator")
    page.get_by_test_id("person-row").filter(has_text="operator").first.click()
    lines = page.get_by_test_id("person-roles").get_by_test_id("role-line")
    expect(lines).to_have_count(1)
    page.get_by_test_id("add-role").click()
    choose(page, "role-choice", "^Analyst")
    page.get_by_test_id("role-confirm").click()
    expect(lines).to_have_count(2)
    lines.filter(has_text="Analyst").get_by_test_id("take-role").click()
    page.get_by_test_id("confirm").click()
    expect(lines).to_have_count(1)


def test_nobody_changes_their_own_rights(page):
    page.get_by_test_id("people-search").fill("administrator")
    page.get_by_test_id("person-row").filter(has_text="administrator").first.click()
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    expect(page.get_by_test_id("add-role")).to_have_count(0)
    expect(page.get_by_test_id("disable-person")).to_have_count(0)


def test_sessions_are_listed_and_ended(page, people):
    with people.visit("operator", ends=True) as theirs:
        page.goto(page.url.split("#")[0] + "#/sessions")
        row = page.get_by_test_id("session-row").filter(has_text="operator").first
        expect(row).to_be_visible()
        expect(page.get_by_test_id("session-row").filter(has_text="This one")).to_have_count(1)
        for _ in range(page.get_by_test_id("session-row").filter(has_text="operator").count()):
            page.get_by_test_id("session-row").filter(has_text="operator").first.get_by_role("button").click()
            page.get_by_test_id("confirm").click()
            expect(page.get_by_test_id("confirm")).to_have_count(0)
        expect(theirs.get_by_test_id("sign-in-form")).to_be_visible(timeout=60_000)


def test_a_role_is_lent_for_a_shift_and_ended_early(page):
    page.keyboard.press("F7")
    page.get_by_test_id("new-loan").click()
    dialog = page.get_by_test_id("loan-dialog")
    dialog.locator("input[name=loan-username]").fill("operator")
    choose(page, "role-choice", "^Senior operator")
    choose(page, "center-choice", "Riverside")
    dialog.locator("textarea").fill("Festival duty at the river")
    page.get_by_test_id("loan-confirm").click()
    row = page.get_by_test_id("loan-row").filter(has_text="Festival duty at the river").first
    expect(row).to_contain_text("In force")
    row.get_by_test_id("end-loan").click()
    page.get_by_test_id("confirm").click()
    expect(row).to_contain_text("Ended early")


def test_a_token_is_shown_once(people):
    with people.visit("operator") as page:
        page.keyboard.press("m")
        page.get_by_test_id("new-token").click()
        dialog = page.get_by_test_id("token-dialog")
        dialog.locator("input[name=token-name]").fill("Shift report")
        dialog.locator("input[type=password]").fill("a long enough pass phrase")
        page.keyboard.press("Enter")
        value = page.get_by_test_id("token-value")
        expect(value).to_have_text(re.compile("^vdt_"))
        token = value.inner_text()
        answer = page.request.get("/api/v1/overview", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 200
        dialog.get_by_role("button", name="I have it").click()
        line = page.get_by_test_id("token-line").first
        expect(line).to_contain_text("Shift report")
        line.get_by_role("button", name="Revoke").click()
        page.get_by_test_id("confirm").click()
        expect(line).to_contain_text("Revoked")
        assert page.request.get("/api/v1/overview", headers={"Authorization": f"Bearer {token}"}).status == 401

"""The audit trail and the data-protection report as an auditor uses them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


@pytest.fixture
def page(people):
    with people.visit("auditor") as page:
        yield page


def give_reason(page, reason="Yearly review"):
    dialog = page.get_by_test_id("reason-dialog")
    dialog.locator("textarea").fill(reason)
    page.get_by_test_id("reason-confirm").click()


def test_an_auditor_lands_on_the_trail_and_finds_an_entry(page):
    rows = page.get_by_test_id("audit-row")
    expect(rows.first).to_be_visible()
    expect(page.locator(".rail-views").get_by_role("link")).to_have_text(["Audit"])
    filters = page.get_by_test_id("audit-filters")
    filters.locator("input[name=actor]").fill("auditor")
    page.get_by_test_id("audit-action").locator("button").click()
    page.get_by_role("option", name=re.compile("^Signed in")).click()
    page.get_by_test_id("audit-search").click()
    expect(rows.filter(has_not_text="Signed in")).to_have_count(0)
    expect(rows.filter(has_not_text="auditor")).to_have_count(0)
    rows.first.get_by_role("link").click()
    entry = page.get_by_test_id("audit-entry")
    expect(entry).to_contain_text("api:session:open")
    assert re.fullmatch("[0-9a-f]{64}", entry.get_by_test_id("audit-hash").inner_text())
    page.keyboard.press("Escape")
    expect(entry).to_have_count(0)


def test_the_chain_is_verified_on_demand(page):
    page.get_by_test_id("verify-chain").click()
    expect(page.get_by_test_id("chain-word")).to_contain_text("Chain whole", timeout=30_000)


def test_an_export_asks_why_and_carries_the_entries(page):
    expect(page.get_by_test_id("audit-row").first).to_be_visible()
    page.get_by_test_id("export-trail").click()
    page.get_by_test_id("export-dialog").get_by_text("JSON Lines").click()
    page.get_by_test_id("export-confirm").click()
    page.get_by_test_id("reason-confirm").click()
    expect(page.get_by_text("A reason is needed.")).to_be_visible()
    with page.expect_download() as download:
        give_reason(page)
    lines = download.value.path().read_text().splitlines()
    assert len(lines) > 5
    assert all(json.loads(line) for line in lines)


def test_the_report_says_who_looked(people, page):
    with people.visit("operator") as theirs:
        theirs.get_by_test_id("alert-row").first.click()
        expect(theirs.get_by_test_id("alert-detail")).to_be_visible()
    page.get_by_test_id("tab-report").click()
    page.get_by_test_id("make-report").click()
    report = page.get_by_test_id("report")
    expect(report).to_be_visible()
    expect(report.get_by_test_id("report-row").filter(has_text="Alert").first).to_contain_text("Operator")
    with page.expect_download() as download:
        page.get_by_test_id("export-report").click()
    assert download.value.path().read_text().startswith("\ufeffWhen,Who looked")

"""axe finds nothing to object to: every view, both languages, both themes."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

# Each language and each theme once; every pair of them only where time is no matter.
LOOKS = [("en", "light"), ("zh", "dark")]
if os.environ.get("VEDETTE_TEST_FULL") == "1":
    LOOKS += [("en", "dark"), ("zh", "light")]
VIEWS = {
    "operator": {
        "alerts": "alert-list",
        "live": "live-tile",
        "cameras": "camera-table",
        "availability": "availability-centers",
        "repairs": "repairs-view",
        "map": "map-row",
        "board": "board-cell",
        "evidence": "evidence-view",
        "account": "account-view",
    },
    "supervisor": {"look-ups": "look-up-form"},
    "technician": {
        "cameras/discover": "discover-where",
        "cameras/import": "import-drop",
        "cameras/add": "add-form",
        "cameras/passwords": "registering-passwords",
    },
    "administrator": {"people": "people-list", "sessions": "session-table", "loans": "loans-view"},
    "auditor": {"audit": "audit-table", "report": "report-filters"},
}


def show(page, language, theme):
    page.evaluate(
        "([language, theme]) => { localStorage.setItem('vedette.language', language);"
        " localStorage.setItem('vedette.theme', theme); }",
        [language, theme],
    )
    page.reload()


@pytest.mark.parametrize("username", VIEWS)
def test_every_view_in_every_look(people, violations, username):
    found = {}
    with people.visit(username) as page:
        for look in LOOKS:
            show(page, *look)
            for view, sign in VIEWS[username].items():
                page.goto(page.url.split("#")[0] + f"#/{view}")
                expect(page.get_by_test_id(sign).first).to_be_visible(timeout=30_000)
                found[(view, *look)] = violations(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_what_opens_inside_of_views(people, violations, look):
    """An alert, a person, an entry; dialogs; and the locked console."""
    found = {}
    with people.visit("operator") as page:
        show(page, *look)
        page.get_by_test_id("alert-row").first.click()
        expect(page.get_by_test_id("alert-detail")).to_be_visible()
        found["alert"] = violations(page)
        page.keyboard.press("r")
        page.get_by_test_id("camera-row").first.get_by_role("link").click()
        expect(page.get_by_test_id("camera-recording").locator("dl")).to_be_visible()
        found["camera"] = violations(page)
        page.keyboard.press("e")
        page.get_by_test_id("new-lock").click()
        expect(page.get_by_test_id("lock-dialog")).to_be_visible()
        found["lock footage"] = violations(page)
        page.keyboard.press("Escape")
        page.get_by_test_id("lock-now").click()
        expect(page.get_by_test_id("lock-screen")).to_be_visible()
        found["lock"] = violations(page)
    with people.visit("supervisor") as page:
        show(page, *look)
        expect(page.get_by_test_id("console")).to_be_visible()  # before that no key is heard
        page.keyboard.press("g")
        page.get_by_test_id("map-row").first.get_by_role("link").click()
        expect(page.get_by_test_id("map-detail")).to_be_visible()
        page.get_by_test_id("map").focus()
        page.keyboard.press("ArrowRight")
        found["map"] = violations(page)
        page.get_by_test_id("set-maintenance").click()
        expect(page.get_by_test_id("maintenance-dialog")).to_be_visible()
        found["maintenance"] = violations(page)
    with people.visit("administrator") as page:
        show(page, *look)
        page.get_by_test_id("person-row").first.click()
        expect(page.get_by_test_id("person-detail")).to_be_visible()
        found["person"] = violations(page)
    with people.visit("technician") as page:
        show(page, *look)
        expect(page.get_by_test_id("console")).to_be_visible()
        page.keyboard.press("r")
        page.get_by_test_id("camera-row").first.get_by_role("link").click()
        page.get_by_test_id("part-register").click()
        expect(page.get_by_test_id("register-form")).to_be_visible()
        found["details of a camera"] = violations(page)
        page.get_by_test_id("replace-device").click()
        expect(page.get_by_test_id("replace-dialog")).to_be_visible()
        found["another device"] = violations(page)
        page.keyboard.press("Escape")
        page.get_by_test_id("part-history").click()
        expect(page.get_by_test_id("history-entry").first).to_be_visible()
        found["history of a camera"] = violations(page)
    with people.visit("auditor") as page:
        show(page, *look)
        page.get_by_test_id("audit-row").first.get_by_role("link").click()
        expect(page.get_by_test_id("audit-entry")).to_be_visible()
        found["entry"] = violations(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_entrance(people, violations, center, look):
    context = people.context()
    page = context.new_page()
    page.goto(center.url)
    show(page, *look)
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()
    assert violations(page) == []
    context.close()

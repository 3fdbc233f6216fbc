"""Single records and plates, looked up by who may: what is found, why, and what could not be compared."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect

from control_center.demo.plan import make_plan
from matching.confusions import LIKELIHOODS

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

REASON = "Found asleep at the station, says who he is"
PLATE = make_plan().stolen[0].text
PENDING = {
    "status": 503,
    "content_type": "application/problem+json",
    "body": '{"type": "urn:vedette:problem:unavailable", "status": 503, "detail": "the records are being indexed."}',
}


@pytest.fixture(scope="module")
def listed(center):
    """Who stands on the demo's list of the wanted."""
    with (center.data / "records/lists/wanted.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def page(people):
    with people.visit("supervisor") as page:
        page.keyboard.press("q")
        expect(page.get_by_test_id("look-up-form")).to_be_visible()
        yield page


def write(page, **fields):
    for name, value in fields.items():
        page.locator(f"input[name={name.replace('_', '-')}]").fill(value)


def search(page):
    """By the keyboard alone; the reason of the last look-up stands there already."""
    page.keyboard.press("Enter")
    reason = page.get_by_test_id("reason-dialog").locator("textarea")
    expect(reason).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def misread(plate):
    """The plate as a reader tells it that takes one of its characters for another."""
    for written, read in LIKELIHOODS:
        if written in plate[2:]:
            return plate[:2] + plate[2:].replace(written, read, 1)
    raise AssertionError(plate)


def test_a_listed_person_is_found_and_explained(page, people, listed, violations):
    wanted = listed[0]
    born = wanted["date_of_birth"].replace("-", "/")
    page.keyboard.type(wanted["name"])  # the first field has the focus
    write(page, date_of_birth=born)
    search(page)
    list_of_candidates = page.get_by_test_id("candidate-list")
    expect(list_of_candidates).to_be_focused()
    found = page.get_by_test_id("candidate").first
    expect(found).to_have_attribute("data-lead", "true")
    expect(found).to_have_attribute("aria-selected", "true")
    expect(found).to_contain_text(wanted["name"])
    expect(page.get_by_test_id("read-as")).to_contain_text(f"{born} → {wanted['date_of_birth']}")

    detail = page.get_by_test_id("candidate-detail")
    expect(detail.get_by_test_id("evidence")).to_contain_text("Pinyin and date of birth")
    expect(detail.get_by_test_id("legal-basis")).to_contain_text(wanted["instrument"])
    expect(detail.get_by_test_id("lead-note")).to_contain_text("not a ground for action")
    expect(detail.get_by_test_id("this-look-up")).to_contain_text(REASON)
    expect(page.get_by_test_id("look-up-not-comparable")).to_have_text(re.compile("Stolen vehicles"))
    assert violations(page) == []
    assert page.url.endswith("#/look-ups")

    with people.visit("auditor") as theirs:
        theirs.goto(theirs.url.split("#")[0] + "#/audit")
        theirs.get_by_test_id("audit-row").filter(has_text="Record looked up").first.get_by_role("link").click()
        entry = theirs.get_by_test_id("audit-entry")
        expect(entry).to_contain_text(REASON)
        expect(entry).to_contain_text(born)


def test_candidates_are_walked_and_the_form_is_changed_by_keys_alone(page, listed):
    first = listed[0]
    page.keyboard.type(first["name"])
    write(page, date_of_birth=first["date_of_birth"], plate=PLATE)  # somebody, and a stolen vehicle
    search(page)
    candidates, detail = page.get_by_test_id("candidate"), page.get_by_test_id("candidate-detail")
    expect(detail.get_by_role("heading", level=2)).to_have_text(first["name"])
    page.keyboard.press("ArrowDown")
    expect(candidates.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("k")
    expect(candidates.first).to_have_attribute("aria-selected", "true")

    page.keyboard.press("/")
    name = page.locator("input[name=name]")
    expect(name).to_be_focused()
    expect(name).to_have_value(first["name"])
    page.get_by_test_id("look-up-back").press("Enter")
    expect(page.get_by_test_id("candidate-list")).to_be_focused()
    page.get_by_test_id("look-up-clear").press("Enter")
    expect(name).to_be_focused()
    expect(name).to_have_value("")
    expect(candidates).to_have_count(0)


def test_nothing_found_is_told_from_what_cannot_be_compared(page, violations):
    write(page, name="Zzyzx Qqrst", date_of_birth="1901-01-01")
    search(page)
    nothing = page.get_by_test_id("nothing-found")
    expect(nothing).to_be_focused()
    expect(nothing.get_by_test_id("look-up-compared")).to_contain_text("Compared, nothing found")
    expect(nothing.get_by_test_id("look-up-compared").locator(".tag")).to_have_count(9)
    expect(nothing.get_by_test_id("look-up-not-comparable").locator(".tag")).to_have_text(["Stolen vehicles"])
    assert violations(page) == []


def test_what_is_wrong_stands_at_its_field_in_the_language_of_the_page(page, violations):
    page.get_by_test_id("language-switch").click()
    page.get_by_test_id("look-up-search").click()
    expect(page.get_by_role("alert")).to_contain_text("没有可供检索的内容")
    write(page, date_of_birth="1984-02-30", id_number="12")
    search(page)
    born, number = page.locator("input[name=date-of-birth]"), page.locator("input[name=id-number]")
    expect(born).to_be_focused()
    expect(born).to_have_accessible_description(re.compile("没有这个日期"))
    expect(number).to_have_accessible_description(re.compile("不是身份证号"))
    assert violations(page) == []
    born.fill("1984-02-29")
    expect(number).not_to_have_attribute("aria-invalid", "true")  # the server is asked anew
    page.get_by_test_id("language-switch").click()


def test_a_plate_is_found_though_it_was_misread(page, violations):
    page.get_by_test_id("look-up-mode").get_by_text("Plate").click()
    write(page, plate=PLATE, make="Nobody Makes It")
    page.locator("input[name=plate]").focus()
    search(page)
    candidate, detail = page.get_by_test_id("candidate").first, page.get_by_test_id("candidate-detail")
    expect(candidate).to_have_attribute("data-lead", "true")
    expect(detail.get_by_test_id("suspected-clone")).to_contain_text("Make and model")
    page.keyboard.press("/")
    write(page, plate=misread(PLATE), make="")
    search(page)
    expect(detail).to_contain_text("one that may be misread so")
    expect(candidate).to_have_attribute("data-lead", "false")
    expect(candidate).to_contain_text(PLATE[2:])
    assert violations(page) == []


def test_a_number_is_found_though_it_was_misread(page, listed, violations):
    person = listed[0]
    write(page, id_number=person["id_number"].replace("0", "O", 1))
    page.locator("input[name=id-number]").focus()
    search(page)
    candidate, detail = page.get_by_test_id("candidate").first, page.get_by_test_id("candidate-detail")
    expect(candidate).to_contain_text(person["name"])
    expect(candidate).to_have_attribute("data-lead", "false")
    expect(detail.get_by_test_id("read-otherwise")).to_contain_text("looks like it")
    expect(detail.get_by_test_id("evidence")).to_contain_text("Number, characters that look alike")
    assert violations(page) == []


def test_what_was_found_does_not_outlive_a_lock(page, listed):
    page.keyboard.type(listed[0]["name"])
    search(page)
    expect(page.get_by_test_id("candidate").first).to_be_visible()
    page.keyboard.press("Shift+L")
    lock = page.get_by_test_id("lock-screen")
    expect(lock).to_be_visible()
    expect(page.get_by_test_id("candidate")).to_have_count(0)
    lock.locator("input[type=password]").fill("a long enough pass phrase")
    page.keyboard.press("Enter")
    expect(lock).to_have_count(0)
    expect(page.get_by_test_id("look-up-form").locator("input[name=name]")).to_have_value("")
    expect(page.get_by_test_id("candidate")).to_have_count(0)


def test_while_records_are_indexed_it_says_so_and_tries_again(page, listed):
    page.route("**/api/v1/look-ups", lambda route: route.fulfill(**PENDING), times=1)
    page.keyboard.type(listed[0]["name"])
    search(page)
    expect(page.get_by_test_id("look-up-failed")).to_contain_text("The records are being indexed")
    page.get_by_test_id("look-up-retry").click()
    page.get_by_test_id("reason-confirm").click()
    expect(page.get_by_test_id("candidate").first).to_contain_text(listed[0]["name"])


def test_an_answer_to_what_was_cleared_is_not_shown(page, listed):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/api/v1/look-ups", hold, times=1)
    page.keyboard.type(listed[0]["name"])
    with page.expect_request("**/api/v1/look-ups"):
        search(page)
    page.get_by_test_id("look-up-clear").click()
    with page.expect_response("**/api/v1/look-ups") as answer:
        held[0].continue_()
    assert answer.value.status == 200
    page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(page.get_by_test_id("candidate")).to_have_count(0)
    expect(page.get_by_test_id("look-up-form")).to_be_visible()


def test_who_may_not_look_up_has_no_page_for_it(people):
    with people.visit("operator") as page:
        expect(page.get_by_test_id("nav-look-ups")).to_have_count(0)
        page.keyboard.press("q")
        page.goto(page.url.split("#")[0] + "#/look-ups")
        expect(page.get_by_test_id("alert-list")).to_be_visible()

"""A technician finds devices, imports tables, and keeps what is registered of a camera right."""

from __future__ import annotations

import re
import socket
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

PROBED_WITHIN_MS = 120_000


@pytest.fixture
def devices():
    """Two devices with different passwords, and an address where nothing is."""
    with ExitStack() as stack, socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        started = [
            stack.enter_context(OnvifDevice(credentials=Credentials("viewer", password), faults=faults))
            for password, faults in (("first secret", ("skew:3600",)), ("second secret", ()))
        ]
        yield [device.authority for device in started] + [f"127.0.0.1:{reserved.getsockname()[1]}"]


def go_to(page, task):
    page.keyboard.press("r")
    page.get_by_test_id(f"to-{task}").click()


def name_hosts(page, hosts):
    go_to(page, "discover")
    page.get_by_test_id("discover-kind").get_by_text("A list").click()
    page.locator("textarea[name=hosts]").fill("\n".join(hosts))
    page.get_by_test_id("discover-look").click()
    expect(page.get_by_test_id("found-row")).to_have_count(len(hosts))


def ask(page, password):
    page.locator("input[name=device-username]").fill("viewer")
    page.locator("input[name=device-password]").fill(password)
    page.keyboard.press("Enter")
    expect(
        page.get_by_test_id("asked-row").and_(page.locator("[data-state=asking], [data-state=waiting]"))
    ).to_have_count(0, timeout=PROBED_WITHIN_MS)
    expect(page.get_by_test_id("discover-progress")).to_have_count(0, timeout=PROBED_WITHIN_MS)


def open_details(page, code):
    page.goto(page.url.split("#")[0] + "#/cameras")
    page.get_by_test_id("camera-search").fill(code)
    page.get_by_test_id("camera-row").first.get_by_role("link").click()
    page.get_by_test_id("part-register").click()
    form = page.get_by_test_id("register-form")
    expect(form).to_be_visible()
    return form


def test_devices_are_asked_with_two_logins_checked_and_registered(people, devices):
    with people.visit("technician") as page:
        name_hosts(page, devices)
        # The demo's own cameras are on this host, at addresses that nobody has told the register.
        expect(page.get_by_test_id("found-row").first.get_by_role("link")).to_be_visible()
        expect(page.get_by_test_id("wizard-on")).to_be_disabled()
        boxes = page.get_by_test_id("found-row").get_by_role("checkbox")
        for place in range(len(devices)):
            boxes.nth(place).focus()
            page.keyboard.press("Space")
        page.get_by_test_id("wizard-on").click()
        rows = page.get_by_test_id("asked-row")
        ask(page, "first secret")
        expect(rows.nth(0)).to_contain_text("1 camera")
        expect(rows.nth(0)).to_contain_text("its clock is")
        expect(rows.nth(1)).to_contain_text("refuses user name and password")
        expect(rows.nth(2)).to_contain_text("Nothing answers there")
        ask(page, "second secret")
        expect(rows.nth(1)).to_have_attribute("data-state", "answered")
        expect(rows.nth(2)).to_have_attribute("data-state", "failed")
        page.get_by_test_id("wizard-on").click()
        proposals = page.get_by_test_id("proposal-row")
        expect(proposals).to_have_count(2)
        for place in range(2):
            proposals.nth(place).get_by_role("checkbox").check()
        codes = proposals.locator("[data-cell=code]")
        for place in range(2):
            codes.nth(place).fill("SAME")
        expect(page.get_by_test_id("cell-fault")).to_have_count(2)
        expect(page.get_by_test_id("discover-try")).to_be_disabled()
        page.locator("input[name=code-prefix]").fill("FOUND-")
        page.get_by_test_id("number-codes").click()
        expect(codes.nth(1)).to_have_value("FOUND-002")
        expect(page.get_by_test_id("cell-fault")).to_have_count(0)
        expect(page.get_by_test_id("discover-register")).to_be_disabled()  # before it is tried
        page.get_by_test_id("discover-try").click()
        expect(page.get_by_test_id("check-status")).to_contain_text("nothing is wrong")
        page.get_by_test_id("discover-register").click()
        expect(page.get_by_test_id("discover-outcome")).to_contain_text("registered")
        expect(page.get_by_test_id("report-counts").locator("[data-count=created]")).to_contain_text("2")
        page.get_by_test_id("to-cameras").click()
        page.get_by_test_id("camera-search").fill("FOUND-")
        expect(page.get_by_test_id("camera-row")).to_have_count(2)
        # Now the register knows the devices' own addresses.
        name_hosts(page, devices[:1])
        expect(page.get_by_test_id("found-row").get_by_role("link")).to_have_text("FOUND-001")
        assert "secret" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")


def test_what_was_found_is_not_left_by_accident(people):
    with people.visit("technician") as page:
        name_hosts(page, ["10.255.255.1", "10.255.255.2"])
        here = page.url
        page.get_by_test_id("nav-live").click()
        expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("confirm-dialog")).to_have_count(0)
        assert page.url == here
        expect(page.get_by_test_id("found-row")).to_have_count(2)
        page.keyboard.press("Escape")  # to the cameras: asked again
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id("camera-table")).to_be_visible()


def test_a_place_that_cannot_be_searched_is_told_at_its_field(people):
    with people.visit("technician") as page:
        go_to(page, "discover")
        page.get_by_test_id("discover-kind").get_by_text("A range").click()
        page.locator("input[name=range]").fill("10.0.0.0/8")
        page.keyboard.press("Enter")
        expect(page.locator("input[name=range]")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_test_id("discover-where")).to_contain_text("at most 4096 addresses")
        page.get_by_test_id("discover-kind").get_by_text("This network").click()
        page.locator("input[name=interfaces]").fill("nowhere0")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="no such interface")).to_be_visible(timeout=60_000)


TABLE = """\
code,name,center,main_url,mac
TABLE-1,Table one,110101010000,rtsp://10.9.0.1/main,
TABLE-2,Table two,110101010000,rtsp://10.9.0.2/main,no address
TABLE-1,Twice,110101010000,rtsp://10.9.0.3/main,
"""


def choose_file(page, name, content):
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_table_is_tried_told_and_its_good_rows_written(people, tmp_path):
    with people.visit("technician") as page:
        go_to(page, "import")
        choose_file(page, "cameras.pdf", b"%PDF")
        expect(page.get_by_test_id("import-fault")).to_contain_text("none of the kinds")
        choose_file(page, "cameras.csv", TABLE.encode())
        problems = page.get_by_test_id("problem-row")
        expect(problems).to_have_count(2)
        expect(problems.first).to_contain_text("no MAC address")
        counts = page.get_by_test_id("report-counts")
        expect(counts.locator("[data-count=created]")).to_contain_text("1")
        expect(counts.locator("[data-count=refused]")).to_contain_text("2")
        with page.expect_download() as download:
            page.get_by_test_id("save-report").click()
        download.value.save_as(tmp_path / "report.csv")
        assert (tmp_path / "report.csv").read_text("utf-8-sig").startswith("row,column,what,mend\n3,mac,")
        page.get_by_test_id("import-write").click()
        expect(page.get_by_test_id("import-outcome")).to_contain_text("written")
        page.get_by_test_id("to-cameras").click()
        page.get_by_test_id("camera-search").fill("TABLE-")
        expect(page.get_by_test_id("camera-row")).to_have_count(1)


def test_an_exported_table_changes_nothing_when_it_comes_back(people, tmp_path):
    with people.visit("technician") as page:
        go_to(page, "import")
        with page.expect_download() as download:
            page.get_by_test_id("import-template").click()
        assert download.value.suggested_filename == "cameras.csv"
        with page.expect_download() as download:
            page.get_by_test_id("import-export").click()
        download.value.save_as(tmp_path / "all.csv")
        choose_file(page, "all.csv", (tmp_path / "all.csv").read_bytes())
        expect(page.get_by_test_id("report-counts").locator("[data-count=unchanged]")).to_contain_text(
            re.compile("[1-9]")
        )
        expect(page.get_by_test_id("import-write")).to_be_disabled()  # there is nothing to write
        page.get_by_test_id("wizard-back").click()
        choose_file(page, "odd.csv", b"colour\nred\n")
        expect(page.get_by_test_id("import-fault")).to_contain_text("there is no column")


def test_a_camera_is_added_with_its_faults_told_at_their_fields(people):
    with people.visit("technician") as page:
        go_to(page, "add")
        form = page.get_by_test_id("add-form")
        page.get_by_test_id("add-save").click()
        for name in ("code", "name", "main-url"):
            expect(form.locator(f"input[name={name}]")).to_have_attribute("aria-invalid", "true")
        form.locator("input[name=code]").fill("ADDED-1")
        form.locator("input[name=name]").fill("Added gate")
        form.locator("input[name=main-url]").fill("rtsp://10.9.1.1/main")
        form.locator("input[name=mac]").fill("none")
        page.keyboard.press("Enter")
        expect(form.locator("input[name=mac]")).to_have_attribute("aria-invalid", "true")
        expect(form).to_contain_text("this is no MAC address")
        form.locator("input[name=mac]").fill("00-1A-2B-3C-4D-5E")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("message")).to_contain_text("Added gate: registered")
        page.get_by_test_id("message-action").click()
        expect(page.get_by_test_id("camera-detail")).to_contain_text("ADDED-1")
        form = open_details(page, "ADDED-1")
        expect(form.locator("input[name=mac]")).to_have_value("00:1a:2b:3c:4d:5e")
        form.locator("input[name=contact]").fill("duty officer")
        form.locator("input[name=mac]").fill("")
        page.get_by_test_id("register-save").click()
        expect(page.get_by_test_id("message").last).to_contain_text("saved")
        expect(page.get_by_test_id("register-save")).to_be_disabled()
        page.get_by_test_id("message-action").last.click()
        expect(form.locator("input[name=contact]")).to_have_value("")
        expect(form.locator("input[name=mac]")).to_have_value("00:1a:2b:3c:4d:5e")


def test_who_was_faster_is_told_and_nothing_is_lost(people):
    with people.visit("technician") as page, people.visit("supervisor") as other:
        form = open_details(page, "11010101001320000001")
        theirs = open_details(other, "11010101001320000001")
        theirs.locator("input[name=owner]").fill("The city")
        other.get_by_test_id("register-save").click()
        expect(other.get_by_test_id("message")).to_contain_text("saved")
        form.locator("input[name=contact]").fill("duty officer")
        page.get_by_test_id("register-save").click()
        expect(page.get_by_test_id("register-conflict")).to_contain_text("Owner: nothing → The city")
        expect(form.locator("input[name=contact]")).to_have_value("duty officer")
        page.get_by_test_id("part-now").click()  # not saved yet
        page.keyboard.press("Escape")
        page.get_by_test_id("register-save").click()
        expect(page.get_by_test_id("message")).to_contain_text("saved")
        expect(form.locator("input[name=owner]")).to_have_value("The city")
        expect(page.get_by_test_id("register-conflict")).to_have_count(0)


def test_whoever_does_not_register_reads_and_changes_nothing(people):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        expect(page.get_by_test_id("camera-table")).to_be_visible()
        expect(page.get_by_test_id("to-discover")).to_have_count(0)
        page.get_by_test_id("camera-row").first.get_by_role("link").click()
        page.get_by_test_id("part-register").click()
        expect(page.get_by_test_id("camera-facts").first).to_be_visible()
        expect(page.get_by_test_id("register-form")).to_have_count(0)
        page.goto(page.url.split("#")[0] + "#/cameras/discover")
        expect(page.get_by_test_id("discover-wizard")).to_have_count(0)

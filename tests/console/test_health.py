"""How the cameras' devices are, as the console tells it: table, camera, strip, faults in common, maintenance, days."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from device_registry.health import records
from device_registry.health.verdict import Verdict
from device_registry.models import Camera
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.identifiers import Origin
from foundation.settings import load_settings

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

SOON_MS = 120_000  # both cores may be busy with the whole center


@contextmanager
def as_health_writes(center):
    """A session of the center's own store, for what the process *health* would find with devices that fail."""
    stores = open_stores(load_settings(center.data / "vedette.toml"))
    with transaction(stores.core) as session:
        yield session
    stores.dispose()


@pytest.fixture
def network_gone(center):
    """Two cameras of the demo lie behind a switch that went."""
    with as_health_writes(center) as session:
        gone = session.scalars(select(Camera).order_by(Camera.code).limit(2)).all()
        origin = Origin(gone[0].center_id, gone[0].node)
        now_us = SYSTEM_CLOCK.now_us()
        fault = records.open_fault(session, SYSTEM_CLOCK, origin, ("network", "10.1.2.0/24"), now_us, 2)
        verdict = Verdict("unreachable", "Nothing answers at 10.1.2.7:80.", "Check power, cable and address.")
        for camera in gone:
            records.note(session, SYSTEM_CLOCK, camera.id, verdict, now_us, fault)
        codes = [camera.code for camera in gone]
    yield codes
    with as_health_writes(center) as session:
        records.close_fault(session, SYSTEM_CLOCK, fault)
        for code in codes:
            camera = session.scalars(select(Camera).where(Camera.code == code)).one()
            records.note(session, SYSTEM_CLOCK, camera.id, Verdict("online"), SYSTEM_CLOCK.now_us())


def open_first(page):
    page.keyboard.press("r")
    page.get_by_test_id("camera-row").first.get_by_role("link").click()
    return page.get_by_test_id("camera-health")


def test_the_table_shows_and_filters_by_health(people):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        rows = page.get_by_test_id("camera-row")
        online = page.locator("[data-testid=camera-row] [data-health=online]")
        expect(online).to_have_count(6, timeout=SOON_MS)
        page.get_by_test_id("health-filter").get_by_role("button").click()
        page.get_by_role("option", name="Unreachable").click()
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        page.get_by_role("button", name="Show all").click()
        expect(rows).to_have_count(6)


def test_a_camera_tells_its_health_and_what_to_do_in_both_languages(people):
    with people.visit("operator") as page:
        health = open_first(page)
        expect(health.get_by_test_id("health-state")).to_have_text("Online", timeout=SOON_MS)
        expect(health).to_contain_text("There is nothing to mend")
        expect(page.get_by_test_id("set-maintenance")).to_have_count(0)  # an operator only looks
        page.get_by_test_id("language-switch").click()
        expect(health).to_contain_text("无需处理")
        page.get_by_test_id("language-switch").click()


def test_a_network_that_went_is_one_line_and_its_cameras_are_shown_on_demand(people, network_gone):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        banner = page.get_by_test_id("fault-banner")
        expect(banner).to_contain_text("2 cameras behind 10.1.2.0/24 unreachable")
        expect(banner.locator(".fault-line")).to_have_count(1)
        page.get_by_test_id("fault-show").click()
        rows = page.get_by_test_id("camera-row")
        expect(rows).to_have_count(2)
        for code in network_gone:
            expect(rows.filter(has_text=code)).to_have_count(1)
        page.get_by_role("button", name="Show all cameras again").click()
        expect(rows).to_have_count(6)


def test_the_strip_counts_what_asks_for_help(people, network_gone):
    with people.visit("operator") as page:
        expect(page.get_by_test_id("strip-health").locator("[data-health=unreachable]")).to_contain_text("2")


def test_maintenance_is_announced_with_a_reason_and_ended(people):
    with people.visit("supervisor") as page:
        health = open_first(page)
        expect(health.get_by_test_id("health-state")).to_have_text("Online", timeout=SOON_MS)
        page.get_by_test_id("set-maintenance").click()
        confirm = page.get_by_test_id("maintenance-confirm")
        expect(confirm).to_be_disabled()
        page.get_by_test_id("maintenance-dialog").locator("input[name=maintenance-reason]").fill("A new cable")
        confirm.click()
        expect(page.get_by_test_id("message").first).to_contain_text("maintenance is announced")
        expect(health.get_by_test_id("health-state")).to_have_text("Maintenance", timeout=SOON_MS)
        expect(health).to_contain_text("A new cable")
        expect(health.get_by_test_id("maintenance-end")).to_be_visible()
        page.get_by_test_id("end-maintenance").click()
        expect(health.get_by_test_id("health-state")).to_have_text("Online", timeout=SOON_MS)


def test_a_check_is_asked_for(people):
    with people.visit("supervisor") as page:
        open_first(page)
        page.get_by_test_id("check-now").click()
        expect(page.get_by_test_id("message").first).to_contain_text("is checked now")


def test_availability_of_days_by_center_and_camera(people):
    with people.visit("operator") as page:
        page.keyboard.press("r")
        page.get_by_test_id("tab-availability").click()
        expect(page.get_by_test_id("availability-centers").locator("tbody tr")).to_have_count(2)
        expect(page.get_by_test_id("availability-row")).to_have_count(6)
        page.get_by_test_id("availability-period").get_by_text("30 days").click()
        expect(page.get_by_test_id("availability-row")).to_have_count(6)
        page.get_by_test_id("availability-row").first.get_by_role("link").click()
        expect(page.get_by_test_id("camera-detail")).to_be_visible()

"""A technician at a fresh center finds ten cameras in the browser, registers them, and sees all of them come online."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from control_center.demo.preparation import free_port
from control_center.processes.lock import holders
from foundation.settings import load_settings

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

CAMERAS = 10
RANGE = "127.0.2.0/28"
ONLINE_WITHIN_MS = 300_000


@pytest.fixture
def site(shared_data: Path) -> Iterator[None]:
    footage = shared_data / "video" / "intel_car-detection.mp4"
    command = [sys.executable, "-m", "control_center", "virtual-site", "--cameras", str(CAMERAS)]
    command += ["--first-address", "127.0.2.1", "--main", str(footage)]
    environment = os.environ | {"VEDETTE_CAMERA_PASSWORD": "practice"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(CAMERAS):
            assert process.stdout.readline().startswith("http://127.0.2.")
        yield
        process.terminate()


@pytest.fixture
def fresh_center(tmp_path: Path, demo) -> Iterator[SimpleNamespace]:
    config, port = tmp_path / "vedette.toml", free_port()
    config.write_text(
        f'data_dir = "{tmp_path / "data"}"\napi.port = {port}\nlive.port = {free_port()}\n'
        'devices.allow = ["127.0.0.0/8"]\n'
    )
    variables = {"VEDETTE_CONFIG": str(config)}
    added = demo.vedette("accounts", "add", "technician", "--role", "technician", cwd=tmp_path, **variables)
    password = re.search(r"one-time password:?\s+(\S+)", added.stdout, re.IGNORECASE)
    assert password is not None, added.stdout + added.stderr
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "control_center", "run"],
        env=demo.environment() | variables,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    run_dir = load_settings(config).run_dir
    try:
        deadline = time.monotonic() + 120
        while "api-0" not in holders(run_dir):
            assert time.monotonic() < deadline, "the center did not start"
            time.sleep(0.2)
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", password="", others={"technician": password[1]})
        supervisor.terminate()
        assert supervisor.wait(60) == 0
    finally:
        supervisor.kill()
        for pid in holders(run_dir).values():
            os.kill(pid, signal.SIGKILL)


def test_ten_cameras_are_found_registered_and_online(people_of, fresh_center, site) -> None:
    with people_of(fresh_center).visit("technician") as page:
        page.keyboard.press("r")
        page.get_by_test_id("to-discover").click()
        page.get_by_test_id("discover-kind").get_by_text("A range").click()
        page.locator("input[name=range]").fill(RANGE)
        page.locator("input[name=port]").fill("8080")
        page.get_by_test_id("discover-look").click()
        expect(page.get_by_test_id("found-row")).to_have_count(CAMERAS, timeout=60_000)
        page.get_by_test_id("choose-new").click()
        page.get_by_test_id("wizard-on").click()
        page.locator("input[name=device-username]").fill("viewer")
        page.locator("input[name=device-password]").fill("practice")
        page.keyboard.press("Enter")
        answered = page.get_by_test_id("asked-row").and_(page.locator("[data-state=answered]"))
        expect(answered).to_have_count(CAMERAS, timeout=120_000)
        page.get_by_test_id("wizard-on").click()
        expect(page.get_by_test_id("proposal-row")).to_have_count(CAMERAS)
        page.locator("input[name=code-prefix]").fill("GATE-")
        page.get_by_test_id("number-codes").click()
        page.get_by_test_id("discover-try").click()
        expect(page.get_by_test_id("check-status")).to_contain_text("nothing is wrong")
        page.get_by_test_id("discover-register").click()
        expect(page.get_by_test_id("report-counts").locator("[data-count=created]")).to_contain_text(str(CAMERAS))
        page.get_by_test_id("to-cameras").click()
        rows = page.get_by_test_id("camera-row")
        expect(rows).to_have_count(CAMERAS)
        online = rows.locator("[data-health=online]")
        expect(online).to_have_count(CAMERAS, timeout=ONLINE_WITHIN_MS)
        page.get_by_test_id("camera-search").fill("GATE-007")
        rows.first.get_by_role("link").click()
        expect(page.get_by_test_id("camera-streams")).to_contain_text("768 × 432", timeout=60_000)

"""A demo center, Chromium, and people who sign in, for all that tests the console."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select

from analysis.observations import ObservationWriter
from control_center.demo.plan import make_plan
from device_registry.models import Camera
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading
from foundation.settings import load_settings

# Both cores may be busy with a whole center.
expect.set_options(timeout=20_000)

OWN_PASSWORD = "a long enough pass phrase"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


AXE = Path(__file__).parents[2] / "control_center/console/web/node_modules/axe-core/axe.min.js"
# The page's policy runs no script of ours that it does not serve itself, so axe comes in by the debugger.
RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}"""


def free_port():
    """A port whose neighbour is free too: the media server takes it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture(scope="package")
def center(demo, demo_room):
    with demo.running_demo(demo_room / "console", free_port()) as center:
        yield center


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


class People:
    """Who signs in with the one-time password first, and with their own from then on."""

    def __init__(self, browser: Browser, center: SimpleNamespace) -> None:
        self._browser = browser
        self._center = center
        self._one_time = {"operator": center.password} | center.others

    def context(self, **options: object) -> BrowserContext:
        look = {"viewport": {"width": 1600, "height": 1000}, "locale": "en-US", "base_url": self._center.url}
        return self._browser.new_context(**look | options)

    def enter(self, page: Page, username: str) -> None:
        page.goto(self._center.url)
        one_time = self._one_time.pop(username, None)
        fill_sign_in(page, username, one_time or OWN_PASSWORD)
        if one_time is not None:
            set_own_password(page)
        expect(page.get_by_test_id("console")).to_be_visible()

    def expecting(self, username: str, one_time_password: str) -> None:
        """Somebody whose account has just been made."""
        self._one_time[username] = one_time_password

    @contextmanager
    def visit(self, username: str, *, ends: bool = False) -> Iterator[Page]:
        """A browser of one's own, and a page that must report no error but the answers that a test provokes.

        `ends`: somebody takes the session away, and the media server cuts the pictures off.
        """
        context = self.context()
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if is_fault(message) else None)
        self.enter(page, username)
        yield page
        context.close()
        assert [fault for fault in faults if not (ends and fault.startswith("WebSocket"))] == []


def is_fault(message):
    """The browser reports each refusal by the server; those are answers, and the page speaks of them.

    502 is the answer of a camera that somebody asked for, 503 that of a center that makes something ready."""
    told = tuple(f"the server responded with a status of {status}" for status in ("4", "502", "503"))
    return message.type == "error" and not any(words in message.text for words in told)


def fill_sign_in(page: Page, username: str, password: str) -> None:
    form = page.get_by_test_id("sign-in-form")
    form.locator("input[name=username]").fill(username)
    form.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")


def set_own_password(page: Page) -> None:
    fields = page.get_by_test_id("new-password-form").locator("input[type=password]")
    expect(fields.first).to_be_visible()
    for place in range(fields.count()):
        fields.nth(place).fill(OWN_PASSWORD)
    page.keyboard.press("Enter")


@pytest.fixture(scope="package")
def people(browser, center):
    return People(browser, center)


@pytest.fixture(scope="package")
def violations():
    """What axe objects to on a page as it is."""

    def found(page: Page) -> list[str]:
        page.evaluate(AXE.read_text())
        return page.evaluate(RUN_AXE)

    return found


@pytest.fixture
def people_of(browser):
    """Who signs in at another center than the demo's."""
    return partial(People, browser)


@pytest.fixture
def see_stolen_plate(center):
    """What analysis would write had a stolen vehicle just driven past the camera of that name."""

    def see(camera_name: str) -> str:
        settings = load_settings(center.data / "vedette.toml")
        stores = open_stores(settings)
        with reading(stores.core) as session:
            camera = session.scalars(select(Camera).where(Camera.name == camera_name)).one()
        writer = ObservationWriter(stores.observations, camera.node)
        seen_us = SYSTEM_CLOCK.now_us() - 6_000_000
        plate = make_plan().stolen[0].text
        detail = {"plate": plate, "plate_colour": "blue", "confidence": 0.99}
        writer.add(camera.center_id, camera.id, "plate_read", seen_us, seen_us + 1_000_000, detail)
        assert writer.flush() == 1
        stores.dispose()
        return plate

    return see

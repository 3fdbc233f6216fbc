"""A technician changes the passwords of devices, of which some misbehave, and sees each of them to an end."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from device_registry import cameras, centers, credentials, particulars
from device_registry.camera_fields import CameraFields
from device_registry.changing import change_columns
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.keyring import Keyring
from foundation.settings import load_settings
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

FIRST = "hunter2"
TURNED_WITHIN_MS = 180_000
FAULTS = {
    "ROT-1": (),
    "ROT-2": ("user-after-restart",),  # takes the password and does not open with it
    "ROT-3": ("locks-after:1", "user-after-restart"),  # opens with neither for a while
    "ROT-4": ("refuses-user",),
    "ROT-5": (),
}


class Yard:
    """Devices of our own in the register of the demo, of which no recorder knows."""

    def __init__(self, center, stack: ExitStack) -> None:
        settings = load_settings(center.data / "vedette.toml")
        self._keyring = Keyring.open(settings.key_dir)
        self._stores = open_stores(settings)
        stack.callback(self._stores.dispose)
        self.devices = {code: stack.enter_context(_device(faults)) for code, faults in FAULTS.items()}
        self.ids = {}
        with transaction(self._stores.core) as session:
            self._origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
            for code, device in self.devices.items():
                self.ids[code] = self._register(session, code, device.authority)
            self._register(session, "ROT-6", None)

    def _register(self, session, code, authority):
        fields = CameraFields(
            code=code,
            name=f"Gate {code}",
            main_url="rtsp://10.9.3.1/main",
            username="admin",
            password=FIRST,
            disabled=True,
        )
        saved = cameras.save(session, self._keyring, SYSTEM_CLOCK, self._origin, fields, actor="test")
        if authority is not None:
            given = particulars.parsed(code, {"onvif_url": authority})
            action = AuditAction.CLI_CAMERA_CHANGE
            change_columns(session, SYSTEM_CLOCK, saved.camera, given, action=action, actor="test")
        return saved.camera.id

    def registered(self, code):
        with reading(self._stores.core) as session:
            return credentials.find(session, self._keyring, self.ids[code]).password

    def at_device(self, code):
        return self.devices[code].users.login("admin").password


def _device(faults):
    return OnvifDevice(credentials=Credentials("admin", FIRST), faults=faults)


@pytest.fixture
def yard(center):
    with ExitStack() as stack:
        yield Yard(center, stack)


def state_of(page, code):
    return page.get_by_test_id("rotated-row").filter(has_text=code)


def expect_states(page, **states):
    for place, state in states.items():
        code = place.replace("_", "-").upper()
        expect(state_of(page, code)).to_have_attribute("data-state", state, timeout=TURNED_WITHIN_MS)


def test_passwords_are_previewed_changed_in_stages_and_each_device_seen_to(people, violations, yard):
    with people.visit("technician") as page:
        page.keyboard.press("r")
        page.get_by_test_id("to-passwords").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("empty-state")).to_contain_text("No password was changed here yet")
        page.get_by_test_id("rotation-new").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("rotation-preview")).to_be_disabled()  # nothing is chosen
        page.get_by_test_id("rotation-kind").get_by_role("radio").first.focus()
        page.keyboard.press("ArrowRight")
        page.get_by_test_id("rotation-search").fill("ROT-")
        expect(page.get_by_test_id("tick-row")).to_have_count(6)
        page.get_by_test_id("choose-shown").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("rotation-chosen")).to_contain_text("6 of")
        assert violations(page) == []
        page.get_by_test_id("rotation-preview").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("left-out-row")).to_have_count(6)
        expect(page.get_by_test_id("rotation-start")).to_be_disabled()
        page.get_by_test_id("in-clear").get_by_role("checkbox").focus()
        page.keyboard.press("Space")
        expect(page.get_by_test_id("plan-row")).to_have_count(5)
        expect(page.get_by_test_id("left-out-row")).to_contain_text("no ONVIF address")
        assert [device.asked for device in yard.devices.values()] == [[]] * 5
        page.locator("input[name=wave]").fill("0")
        expect(page.get_by_test_id("rotation-start")).to_be_disabled()
        page.locator("input[name=wave]").fill("20")
        assert violations(page) == []
        page.get_by_test_id("rotation-start").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("confirm-dialog")).to_contain_text("locked out")
        page.keyboard.press("Escape")
        assert [device.asked for device in yard.devices.values()] == [[]] * 5
        page.get_by_test_id("rotation-start").click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id("rotation-state")).to_have_attribute(
            "data-running", "false", timeout=TURNED_WITHIN_MS
        )
        # One that fails among the first three leaves the others as they are.
        expect(page.get_by_test_id("rotation-ended")).to_contain_text("first stage failed")
        expect_states(page, rot_1="done", rot_2="rolled_back", rot_3="unknown", rot_4="waiting", rot_5="waiting")
        expect(state_of(page, "ROT-2")).to_contain_text("Restart")
        assert violations(page) == []
        page.reload()  # what became of it does not hang on the page
        yard.devices["ROT-3"].guard.wrong = -10  # the lock of its account has run out
        page.get_by_test_id("rotation-resume").focus()
        page.keyboard.press("Enter")
        expect_states(page, rot_3="unchanged", rot_4="unchanged", rot_5="done")
        expect(page.get_by_test_id("rotation-resume")).to_have_count(0)
        page.get_by_test_id("rotation-again").click()
        expect(page.get_by_test_id("rotation-chosen")).to_contain_text("3 of")
        text = page.content()
    for code in FAULTS:
        assert yard.registered(code) == yard.at_device(code)
        assert (yard.registered(code) != FIRST) is (code in ("ROT-1", "ROT-5"))
        assert yard.registered(code) not in text


def test_a_center_that_cannot_be_asked_is_told_and_asked_again(people):
    with people.visit("technician") as page:
        page.route("**/api/v1/password-rotations", lambda route: route.fulfill(status=409, json={}))
        page.goto(page.url.split("#")[0] + "#/cameras/passwords")
        expect(page.get_by_test_id("error-state")).to_be_visible(timeout=60_000)
        page.unroute("**/api/v1/password-rotations")
        page.get_by_test_id("error-state").get_by_role("button").click()
        expect(page.get_by_test_id("rotation-new")).to_be_visible()

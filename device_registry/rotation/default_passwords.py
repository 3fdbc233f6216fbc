"""Whether a device still has the password that its maker gave it: tried when asked, seldom, and never by a probe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog

from device_registry.login import Login
from device_registry.onvif import users
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import IpNetwork, resolve
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import DeviceAuthFailed
from foundation.errors import DeviceError, InvalidInput

MAX_TRIES: Final = 3  # a device; many lock an account after five
PAUSE_S: Final = 5.0
# From makers' own manuals. Whoever knows what hangs in the field brings a list of their own.
BUILT_IN: Final = (Login("admin", "admin"), Login("admin", "12345"), Login("root", "pass"))
_LOCK: Final = re.compile(r"lock|too many|attempt|exceed|forbidden", re.IGNORECASE)

Outcome = Literal["default_password", "open", "none", "locked", "no_answer"]
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tried:
    """`what` and `mend` say it to a technician; the password is in neither."""

    host: str
    outcome: Outcome
    tries: int
    what: str
    mend: str = ""
    username: str | None = None


@dataclass(slots=True)
class Trying:
    """Tries the first three logins of a list at a device, `PAUSE_S` apart."""

    logins: Sequence[Login] = BUILT_IN
    allowed: Sequence[IpNetwork] = ()
    exchange: Exchange = post
    wait: Callable[[float], None] = time.sleep
    _tries: int = field(default=0, init=False)

    def at(self, host: str) -> Tried:
        self._tries = 0
        found = self._tried(host)
        _log.info("default_passwords_tried", device=host, tries=self._tries, outcome=found.outcome)
        return found

    def _tried(self, host: str) -> Tried:
        try:
            endpoint = resolve(host, self.allowed)
            device = Device(endpoint, None, self.exchange)
            device.learn_time()
            if users.are_told_to_anybody(device):
                what = "it lets everybody in without a password."
                return self._told(host, "open", what, "Switch authentication on at the device, and give it a password.")
            for login in self.logins[:MAX_TRIES]:
                if self._tries:
                    self.wait(PAUSE_S)
                self._tries += 1
                session = Device(endpoint, login, self.exchange, clock_offset_us=device.clock_offset_us)
                problem = _refusal(session)
                if problem is None:
                    what = f"it takes a password that its maker gave it, of the user {login.username}."
                    mend = "Register it with this user, then `vedette cameras passwords rotate`."
                    return self._told(host, "default_password", what, mend, login.username)
                if _LOCK.search(problem):
                    what = "it says that the account is locked, and was left alone."
                    return self._told(host, "locked", what, "Wait until the lock has run out.")
        except (DeviceError, InvalidInput) as error:
            return self._told(host, "no_answer", error.what, error.mend or "")
        return self._told(host, "none", "it took none of them.")

    def _told(self, host: str, outcome: Outcome, what: str, mend: str = "", username: str | None = None) -> Tried:
        return Tried(host, outcome, self._tries, what, mend, username)


def _refusal(device: Device) -> str | None:
    """None: it was let in. Anything but a plain refusal ends the trying, as `DeviceError`."""
    try:
        users.users(device)
    except DeviceAuthFailed as error:
        return error.extensions.get("reason") or "refused"
    return None


def logins_of(text: str) -> list[Login]:
    """`USER:PASSWORD` a line; empty lines and lines that begin with `#` say nothing. Raises `InvalidInput`."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            username, colon, password = line.strip().partition(":")
            if not colon or not username or not line.isprintable():
                raise InvalidInput("this is no USER:PASSWORD.", where=f"line {number}", mend="Write admin:PASSWORD.")
            found.append(Login(username, password))
    if not 0 < len(found) <= MAX_TRIES:
        raise InvalidInput(
            f"the list has {len(found)} logins.",
            mend=f"Write 1 to {MAX_TRIES}: more tries lock the accounts of many cameras.",
        )
    return found

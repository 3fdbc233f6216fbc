"""One device's turn: told its new password, tried, and given the old one again where it does not open with the new.

Each password is shown to the device once to learn whether it opens it: two wrong ones in a run lock no account.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from device_registry.login import Login
from device_registry.onvif import users
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import IpNetwork, resolve
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import DeviceAuthFailed, DeviceFault, DeviceUnreachable
from device_registry.rotation.ledger import Ledger, Settled, Turn
from foundation.errors import DeviceError, InvalidInput

# A device that restarts its web server after a change is gone for some seconds.
PATIENCE_S: tuple[float, ...] = (2.0, 5.0, 10.0)


class Standing(Enum):
    """Which password opens the device."""

    NEW = auto()
    OLD = auto()
    NEITHER = auto()
    UNCLEAR = auto()  # it could not be asked


class Told(Enum):
    """What the device said to a new password."""

    TAKEN = auto()
    REFUSED = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Turning:
    ledger: Ledger
    allowed: Sequence[IpNetwork] = ()
    exchange: Exchange = post
    wait: Callable[[float], None] = time.sleep

    def __call__(self, device_id: str) -> Settled | None:
        """Bring the device to one of its settled states, and write that down. None: it was withdrawn."""
        turn = self.ledger.turn(device_id)
        if turn is None:
            return None
        state, cause = self._resumed(turn) if turn.was_begun else self._changed(turn)
        self.ledger.settle(turn, state, cause)
        return state

    def _resumed(self, turn: Turn) -> tuple[Settled, str | None]:
        standing = self._standing(turn)
        if standing is Standing.NEW:
            return "done", None
        if standing is Standing.OLD:
            return ("unchanged", "It opens with its old password.") if turn.was_unknown else self._changed(turn)
        return "unknown", _UNKNOWN[standing]

    def _changed(self, turn: Turn) -> tuple[Settled, str | None]:
        try:
            device = self._session(turn, turn.old)
            level = _level(device, turn.old.username)
        except (DeviceError, InvalidInput) as error:
            # What an earlier run told the device may yet come to hold.
            return "unknown" if turn.was_begun else "unchanged", str(error)
        told, said = _tell(device, turn.new, level)
        standing = self._standing(turn)
        if standing is Standing.NEW:
            return "done", None
        if standing is not Standing.OLD:
            return "unknown", _UNKNOWN[standing]
        return self._taken_back(turn, level, told, said)

    def _taken_back(self, turn: Turn, level: str, told: Told, said: str | None) -> tuple[Settled, str | None]:
        """The device opens with the old password. It is set again, for what the device was told may yet come to hold:
        there are devices that answer no and do it, and devices that do it when they restart."""
        try:
            back, problem = _tell(self._signed_in(turn, turn.old), turn.old, level)
            users.users(self._signed_in(turn, turn.old))
        except DeviceError as error:
            back, problem = Told.NOTHING, str(error)
        if back is Told.NOTHING or (back is Told.REFUSED and told is not Told.REFUSED):
            return "unknown", f"It may come to hold its new password, and setting the old one again failed: {problem}"
        return ("unchanged", said) if told is Told.REFUSED else ("rolled_back", _ROLLED_BACK)

    def _standing(self, turn: Turn) -> Standing:
        try:
            if self._opens(turn, turn.new):
                return Standing.NEW
            return Standing.OLD if self._opens(turn, turn.old) else Standing.NEITHER
        except (DeviceError, InvalidInput):
            return Standing.UNCLEAR

    def _opens(self, turn: Turn, login: Login) -> bool:
        try:
            users.users(self._signed_in(turn, login))
        except DeviceAuthFailed:
            return False
        return True

    def _signed_in(self, turn: Turn, login: Login) -> Device:
        """A session; of a device that is not there, only after some waiting."""
        for pause_s in PATIENCE_S:
            with suppress(DeviceUnreachable):
                return self._session(turn, login)
            self.wait(pause_s)
        return self._session(turn, login)

    def _session(self, turn: Turn, login: Login) -> Device:
        device = Device(resolve(turn.url, self.allowed, turn.tls_sha256), login, self.exchange)
        device.learn_time()
        return device


def _level(device: Device, username: str) -> str:
    """Of the user, as the device tells it. Raises `DeviceError` where the change cannot be made or not be verified."""
    if users.are_told_to_anybody(device):
        raise DeviceError(
            "it tells its users to anybody, so that no password can be verified.",
            where=str(device.endpoint),
            mend="Switch authentication on at the device.",
        )
    for user in users.users(device):
        if user.name == username:
            return user.level
    raise DeviceError(
        "the user is not among those that the device tells.",
        where=str(device.endpoint),
        mend="Change the password at its web page, and enter it with `vedette cameras add`.",
    )


def _tell(device: Device, login: Login, level: str) -> tuple[Told, str | None]:
    try:
        users.set_user(device, login, level)
    except (DeviceFault, DeviceAuthFailed) as error:
        return Told.REFUSED, str(error)
    except DeviceError as error:
        return Told.NOTHING, str(error)
    return Told.TAKEN, None


_ROLLED_BACK = (
    "It did not refuse the new password, but opened with the old one, which was set again. "
    "Restart it, then rotate it by itself."
)
_UNKNOWN = {
    Standing.NEITHER: "Neither its old nor its new password opens it; both are kept. "
    "Wait until no lock of its account is left, then resume the rotation.",
    Standing.UNCLEAR: "It could not be asked which password opens it; both are kept. "
    "See that it is reached, then resume the rotation.",
}

"""The users of a device (ONVIF Core, section 8.4): listed, changed, added and removed.

ONVIF carries a new password as plain text; over `http` whoever listens on the network reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from device_registry.login import Login
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.envelope import printable
from device_registry.onvif.faults import DeviceAuthFailed, DeviceFault
from foundation.errors import DeviceError

Level = Literal["Administrator", "Operator", "User"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


@dataclass(frozen=True, slots=True)
class DeviceUser:
    name: str
    level: str  # one of LEVELS; a device may tell Extended or Anonymous as well


def users(device: Device, *, signed: bool = True) -> list[DeviceUser]:
    """Raises `DeviceError`'s leaves; only an administrator of the device may ask."""
    rows = device.call(Service.DEVICE, "GetUsers", signed=signed) or []
    return [DeviceUser(_text(row, "Username"), _text(row, "UserLevel")) for row in rows]


def _text(row: object, name: str) -> str:
    """An element of a row, which may be empty or missing."""
    return printable(getattr(row, name, None) or "")


def are_told_to_anybody(device: Device) -> bool:
    """Whether it lists them without a password, so that being answered says nothing of the password."""
    try:
        users(device, signed=False)
    except (DeviceAuthFailed, DeviceFault):
        return False
    return True


def set_user(device: Device, login: Login, level: str) -> None:
    _tell(device, "SetUser", login, level)


def create_user(device: Device, login: Login, level: Level) -> None:
    _tell(device, "CreateUsers", login, level)


def delete_user(device: Device, name: str) -> None:
    device.call(Service.DEVICE, "DeleteUsers", Username=[name])


def _tell(device: Device, operation: str, login: Login, level: str) -> None:
    user = {"Username": login.username, "Password": login.password, "UserLevel": level}
    try:
        device.call(Service.DEVICE, operation, User=[user])
    except DeviceError as error:
        if login.password not in str(error):
            raise
        # A device may repeat what it was told, and an error is shown, logged and kept.
        what = error.what.replace(login.password, "…")
        raise type(error)(what, where=error.where, mend=error.mend) from None

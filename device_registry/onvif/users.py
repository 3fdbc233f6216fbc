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

Level = Literal["Administrator", "Operator", "User"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


@dataclass(frozen=True, slots=True)
class DeviceUser:
    name: str
    level: str  # one of LEVELS; a device may tell Extended or Anonymous as well


def users(device: Device, *, signed: bool = True) -> list[DeviceUser]:
    """Raises `DeviceError`'s leaves; only an administrator of the device may ask."""
    rows = device.call(Service.DEVICE, "GetUsers", signed=signed) or []
    return [DeviceUser(printable(row.Username or ""), printable(row.UserLevel or "")) for row in rows]


def are_told_to_anybody(device: Device) -> bool:
    """Whether it lists them without a password, so that being answered says nothing of the password."""
    try:
        users(device, signed=False)
    except (DeviceAuthFailed, DeviceFault):
        return False
    return True


def set_user(device: Device, login: Login, level: str) -> None:
    device.call(Service.DEVICE, "SetUser", User=[_user(login, level)])


def create_user(device: Device, login: Login, level: Level) -> None:
    device.call(Service.DEVICE, "CreateUsers", User=[_user(login, level)])


def delete_user(device: Device, name: str) -> None:
    device.call(Service.DEVICE, "DeleteUsers", Username=[name])


def _user(login: Login, level: str) -> dict[str, str]:
    return {"Username": login.username, "Password": login.password, "UserLevel": level}

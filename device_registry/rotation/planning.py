"""Which devices a rotation is about: cameras that share an address and a user are one, and what cannot go is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, credentials
from device_registry.login import Login
from device_registry.models import Camera, Credential
from device_registry.rotation.models import OPEN_STATES, RotatedDevice
from foundation.errors import InvalidInput
from foundation.keyring import Keyring
from foundation.scope import Scope

MAX_CODES: Final = 50_000


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    url: str
    username: str
    cameras: tuple[Camera, ...]  # all that it has, not only those that were named

    @property
    def codes(self) -> str:
        """Of its cameras, for a line of a table."""
        shown = ", ".join(camera.code for camera in self.cameras[:4])
        return shown if len(self.cameras) <= 4 else f"{shown} and {len(self.cameras) - 4} more"

    @property
    def tells_in_clear(self) -> bool:
        """ONVIF carries a new password as plain text."""
        return self.url.startswith("http://")


@dataclass(frozen=True, slots=True)
class LeftOut:
    place: str  # a camera's code, or a device's address
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Plan:
    devices: tuple[PlannedDevice, ...]
    left_out: tuple[LeftOut, ...]


def codes_of(text: str) -> list[str]:
    """One code a line; empty lines and lines that begin with `#` say nothing. Raises `InvalidInput`."""
    lines = (line.strip() for line in text.splitlines())
    found = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not 0 < len(found) <= MAX_CODES:
        raise InvalidInput(f"the list has {len(found):,} codes.", mend=f"Write 1 to {MAX_CODES:,}, one a line.")
    return found


def plan(
    session: Session,
    keyring: Keyring,
    scope: Scope,
    *,
    within: Scope | None = None,
    codes: Collection[str] | None = None,
    in_clear: bool = False,
) -> Plan:
    """The devices of the cameras in the centers `within`, or with these codes.

    `scope`: all centers whose cameras are looked after here; a device's cameras go together wherever they are.
    `in_clear`: also those whose new password would be told over plain HTTP. Raises `InvalidInput` for a code that no
    camera has.
    """
    known = cameras.list_cameras(session, scope)
    named = [one for one in known if within is None or one.center_id in within]
    if codes is not None:
        wanted = frozenset(codes)
        named = [one for one in named if one.code in wanted]
    _refuse_unknown(codes, named)
    logins = _logins(session, keyring, known)
    left_out = [one for camera in named if (one := _unfit(camera, logins)) is not None]
    groups: dict[tuple[str, str], None] = {
        (camera.onvif_url, logins[camera.id].username): None
        for camera in named
        if camera.onvif_url is not None and camera.id in logins
    }
    devices = []
    for url, username in groups:
        device = PlannedDevice(url, username, tuple(_sharing(known, logins, url, username)))
        problem = _problem(session, keyring, device, known, logins, in_clear=in_clear)
        if problem is None:
            devices.append(device)
        else:
            left_out.append(problem)
    return Plan(tuple(devices), tuple(left_out))


def sharing(session: Session, scope: Scope, url: str, username: str) -> list[tuple[Camera, Credential]]:
    """The cameras of a device that sign in as this user."""
    query = (
        select(Camera, Credential)
        .join(Credential, Credential.camera_id == Camera.id)
        .where(scope.covers(Camera.center_id), Camera.onvif_url == url, Credential.username == username)
        .order_by(Camera.code, Camera.id)
    )
    return [(camera, credential) for camera, credential in session.execute(query)]


def _refuse_unknown(codes: Collection[str] | None, named: Sequence[Camera]) -> None:
    unknown = sorted(set(codes or ()) - {camera.code for camera in named})
    if unknown:
        shown = ", ".join(unknown[:5])
        raise InvalidInput(
            f"no camera here has the code {shown}{' or others of the list' if len(unknown) > 5 else ''}.",
            where="codes",
            mend="See `vedette cameras ls`.",
        )


def _logins(session: Session, keyring: Keyring, known: Sequence[Camera]) -> dict[str, Login]:
    found = ((camera.id, credentials.find(session, keyring, camera.id)) for camera in known)
    return {camera_id: login for camera_id, login in found if login is not None}


def _unfit(camera: Camera, logins: dict[str, Login]) -> LeftOut | None:
    if camera.onvif_url is None:
        return LeftOut(camera.code, "it has no ONVIF address.", "Fill in its onvif_url, as `probe` tells it.")
    if camera.id not in logins:
        return LeftOut(camera.code, "it has no user name and password.", "Give them with `vedette cameras add`.")
    return None


def _sharing(known: Sequence[Camera], logins: dict[str, Login], url: str, username: str) -> Iterator[Camera]:
    return (one for one in known if one.onvif_url == url and one.id in logins and logins[one.id].username == username)


def _problem(
    session: Session,
    keyring: Keyring,
    device: PlannedDevice,
    known: Sequence[Camera],
    logins: dict[str, Login],
    *,
    in_clear: bool,
) -> LeftOut | None:
    login = logins[device.cameras[0].id]
    if any(logins[camera.id] != login for camera in device.cameras):
        what = f"its cameras {device.codes} hold different passwords of the user {device.username}."
        return LeftOut(device.url, what, "Enter the right one for each with `vedette cameras add`.")
    stray = [one.code for one in known if one.onvif_url is None and logins.get(one.id) == login and _is_on(one, device)]
    if stray:
        what = f"camera {stray[0]} streams from the same host with the same password, and has no ONVIF address."
        return LeftOut(device.url, what, "Fill in its onvif_url: it would be locked out of its device.")
    if device.tells_in_clear and not in_clear:
        what = "ONVIF carries a new password as plain text, and this device is asked over http."
        return LeftOut(device.url, what, "Register its https address, or allow it with --in-clear.")
    row = open_row(session, device.url, device.username)
    if row is not None and row.state != "waiting" and not is_overtaken(row, login, keyring):
        what = "an earlier rotation has not settled it."
        return LeftOut(device.url, what, "`vedette cameras passwords resume` first.")
    return None


def _is_on(camera: Camera, device: PlannedDevice) -> bool:
    host = urlsplit(device.url).hostname
    return any(urlsplit(stream.url).hostname == host for stream in camera.streams)


def open_row(session: Session, url: str, username: str) -> RotatedDevice | None:
    """Of the rotation that has not settled this device yet."""
    return session.scalar(
        select(RotatedDevice).where(
            RotatedDevice.onvif_url == url,
            RotatedDevice.username == username,
            RotatedDevice.state.in_(OPEN_STATES),
        )
    )


def is_overtaken(row: RotatedDevice, login: Login | None, keyring: Keyring) -> bool:
    """Whether somebody entered another password since, who then knows what opens the device."""
    if login is None:
        return True
    if row.old_password is None:
        return False
    return keyring.unseal(row.old_password, credentials.PURPOSE).decode() != login.password

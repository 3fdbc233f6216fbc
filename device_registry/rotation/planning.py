"""Which devices a rotation is about: cameras that share an address and a user are one, and what cannot go is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, credentials
from device_registry.login import Login
from device_registry.models import Camera, Credential
from device_registry.rotation.models import OPEN_STATES, RotatedDevice
from foundation.errors import InvalidInput, NotFound
from foundation.keyring import Keyring
from foundation.scope import Scope

MAX_CODES: Final = 50_000
Reason = Literal["no_address", "no_login", "beyond_reach", "logins_differ", "shares_host", "in_clear", "not_settled"]


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
    reason: Reason
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
    reach: Scope | None = None,
    within: Scope | None = None,
    codes: Collection[str] | None = None,
    ids: Collection[str] | None = None,
    in_clear: bool = False,
) -> Plan:
    """The devices of the cameras in the centers `within`, or with these codes or identifiers.

    `scope`: all centers whose cameras are looked after here; a device's cameras go together wherever they are.
    `reach`: those whose cameras the person may change, all if None; a device that has others too is left out.
    `in_clear`: also those whose new password would be told over plain HTTP. Raises `InvalidInput` for a code and
    `NotFound` for an identifier that no camera within reach has.
    """
    register = _Register.read(session, keyring, scope, scope if reach is None else reach)
    named = [one for one in register.known if one.center_id in register.reach]
    if within is not None:
        named = [one for one in named if one.center_id in within]
    if codes is not None:
        wanted = frozenset(codes)
        named = [one for one in named if one.code in wanted]
        _refuse_unknown(codes, named)
    if ids is not None:
        named = _with_ids(named, frozenset(ids))
    left_out = [problem for camera in named if (problem := register.unfit(camera)) is not None]
    devices, open_ones = [], open_rows(session)
    for device in register.devices_of(named):
        row = open_ones.get((device.url, device.username))
        problem = register.problem(device, in_clear=in_clear) or register.unsettled(device, row, keyring)
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


def _with_ids(named: Sequence[Camera], ids: Collection[str]) -> list[Camera]:
    found = [one for one in named if one.id in ids]
    missing = sorted(set(ids) - {camera.id for camera in found})
    if missing:
        raise NotFound("there is no such camera here.", where=f"camera {missing[0]}")
    return found


@dataclass(frozen=True, slots=True)
class _Register:
    """All cameras that are looked after here, with what opens them, by device."""

    known: Sequence[Camera]
    reach: Scope
    logins: Mapping[str, Login]
    devices: Mapping[tuple[str, str], Sequence[Camera]]
    without_address: Mapping[Login, Sequence[Camera]]

    @classmethod
    def read(cls, session: Session, keyring: Keyring, scope: Scope, reach: Scope) -> _Register:
        known = cameras.list_cameras(session, scope)
        query = select(Credential).join(Camera, Camera.id == Credential.camera_id).where(scope.covers(Camera.center_id))
        logins = {row.camera_id: credentials.opened(keyring, row) for row in session.scalars(query)}
        devices: dict[tuple[str, str], list[Camera]] = {}
        without_address: dict[Login, list[Camera]] = {}
        for camera in known:
            login = logins.get(camera.id)
            if login is not None and camera.onvif_url is not None:
                devices.setdefault((camera.onvif_url, login.username), []).append(camera)
            elif login is not None:
                without_address.setdefault(login, []).append(camera)
        return cls(known, reach, logins, devices, without_address)

    def unfit(self, camera: Camera) -> LeftOut | None:
        if camera.onvif_url is None:
            mend = "Fill in its onvif_url, as `probe` tells it."
            return LeftOut(camera.code, "no_address", "it has no ONVIF address.", mend)
        if camera.id not in self.logins:
            mend = "Give them with `vedette cameras add`."
            return LeftOut(camera.code, "no_login", "it has no user name and password.", mend)
        return None

    def devices_of(self, named: Sequence[Camera]) -> list[PlannedDevice]:
        keys = {
            (camera.onvif_url, self.logins[camera.id].username): None
            for camera in named
            if camera.onvif_url is not None and camera.id in self.logins
        }
        return [PlannedDevice(url, username, tuple(self.devices[url, username])) for url, username in keys]

    def problem(self, device: PlannedDevice, *, in_clear: bool) -> LeftOut | None:
        """What the register itself has against it. Nothing is said of cameras beyond reach but that they are there."""
        login = self.logins[device.cameras[0].id]
        strays = [one for one in self.without_address.get(login, ()) if _is_on(one, device)]
        if any(one.center_id not in self.reach for one in (*device.cameras, *strays)):
            what = "cameras of centers that you do not look after are on it, and would be locked out."
            return LeftOut(device.url, "beyond_reach", what, "Ask somebody who looks after all of them.")
        if any(self.logins[camera.id] != login for camera in device.cameras):
            what = f"its cameras {device.codes} hold different passwords of the user {device.username}."
            return LeftOut(
                device.url, "logins_differ", what, "Enter the right one for each with `vedette cameras add`."
            )
        if strays:
            code = strays[0].code
            what = f"camera {code} streams from the same host with the same password, and has no ONVIF address."
            return LeftOut(
                device.url, "shares_host", what, "Fill in its onvif_url: it would be locked out of its device."
            )
        if device.tells_in_clear and not in_clear:
            what = "ONVIF carries a new password as plain text, and this device is asked over http."
            return LeftOut(device.url, "in_clear", what, "Register its https address, or allow it with --in-clear.")
        return None

    def unsettled(self, device: PlannedDevice, row: RotatedDevice | None, keyring: Keyring) -> LeftOut | None:
        login = self.logins[device.cameras[0].id]
        if row is None or row.state == "waiting" or is_overtaken(row, login, keyring):
            return None
        what = "an earlier rotation has not settled it."
        return LeftOut(device.url, "not_settled", what, "`vedette cameras passwords resume` first.")


def _is_on(camera: Camera, device: PlannedDevice) -> bool:
    host = urlsplit(device.url).hostname
    return any(urlsplit(stream.url).hostname == host for stream in camera.streams)


def open_rows(session: Session) -> dict[tuple[str, str], RotatedDevice]:
    """By address and user, those of rotations that have not settled their device yet."""
    rows = session.scalars(select(RotatedDevice).where(RotatedDevice.state.in_(OPEN_STATES)))
    return {(row.onvif_url, row.username): row for row in rows}


def is_overtaken(row: RotatedDevice, login: Login | None, keyring: Keyring) -> bool:
    """Whether somebody entered another password since, who then knows what opens the device."""
    if login is None:
        return True
    if row.old_password is None:
        return False
    return keyring.unseal(row.old_password, credentials.PURPOSE).decode() != login.password

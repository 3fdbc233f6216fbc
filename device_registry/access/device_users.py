"""The users of a registered device: listed, added, removed by the account that its cameras sign in with."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, select

from device_registry import cameras, credentials, states
from device_registry.login import Login
from device_registry.models import Camera
from device_registry.onvif import users
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import resolve
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.users import LEVELS, DeviceUser, Level
from device_registry.opening import scope_of
from device_registry.rotation import passwords
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import reading, transaction
from foundation.errors import Conflict, InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope
from foundation.settings import Settings

_LONGEST_NAME: Final = 32


class RegisteredDevice:
    """The device of a camera, signed in at as its cameras do. Raises `DeviceError`'s leaves."""

    def __init__(
        self, core: Engine, keyring: Keyring, scope: Scope, camera: Camera, device: Device, *, actor: str, clock: Clock
    ) -> None:
        assert device.login is not None
        self.username = device.login.username
        self._core = core
        self._keyring = keyring
        self._scope = scope
        self._camera = camera
        self._device = device
        self._actor = actor
        self._clock = clock

    def users(self) -> list[DeviceUser]:
        return users.users(self._device)

    def refuse_clear(self, *, allowed: bool) -> None:
        if self._device.endpoint.scheme == "http" and not allowed:
            raise Conflict(
                "ONVIF carries a new password as plain text, and this device is asked over http.",
                where=str(self._device.endpoint),
                mend="Register its https address, or allow it with --in-clear.",
            )

    def add(self, login: Login, level: str) -> None:
        users.create_user(self._device, _named(login), _level(level))
        self._record(AuditAction.CLI_DEVICE_USER_ADD, login.username, level=level)

    def add_and_use(self, name: str, level: str) -> None:
        """Add a user with a password that nobody sees, see that it opens the device, and seal it for its cameras.

        Where that fails, the cameras sign in as before, and the new user is there to be removed.
        """
        login = Login(name, passwords.generate())
        self.add(login, level)
        tried = Device(self._device.endpoint, login, self._device.exchange)
        tried.learn_time()
        tried.call(Service.DEVICE, "GetDeviceInformation")
        with transaction(self._core) as session:
            shared = select(Camera).where(
                self._scope.covers(Camera.center_id), Camera.onvif_url == self._camera.onvif_url
            )
            for camera in session.scalars(shared).all():
                credentials.put(session, self._keyring, self._clock, camera.id, login)
                camera.updated_us = max(self._clock.now_us(), camera.updated_us + 1)
                session.flush()
                detail = {"code": camera.code, "changed": ["credential"]}
                origin = Origin(camera.center_id, camera.node)
                action = AuditAction.CLI_CAMERA_CHANGE
                audit.record(session, action, origin=origin, actor=self._actor, subject=camera.id, detail=detail)
                states.tell(session, self._clock, camera)

    def remove(self, name: str) -> None:
        if name == self.username:
            raise Conflict(
                "its cameras sign in as this user.", where=name, mend="Give them another with --add NAME --use."
            )
        users.delete_user(self._device, name)
        self._record(AuditAction.CLI_DEVICE_USER_REMOVE, name)

    def _record(self, action: AuditAction, name: str, **more: str) -> None:
        detail = {"device": str(self._device.endpoint), "user": name, **more}
        with transaction(self._core) as session:
            origin = Origin(self._camera.center_id, self._camera.node)
            audit.record(session, action, origin=origin, actor=self._actor, subject=self._camera.id, detail=detail)


def of_camera(
    core: Engine,
    settings: Settings,
    code: str,
    center: str | None = None,
    *,
    actor: str,
    exchange: Exchange = post,
    clock: Clock = SYSTEM_CLOCK,
) -> RegisteredDevice:
    """Raises `NotFound`, and `Conflict` for one that lacks what is needed to sign in."""
    keyring = Keyring.open(settings.key_dir)
    with reading(core) as session:
        scope = scope_of(session, settings, center)
        camera = cameras.by_code(session, code, scope)
        login = credentials.find(session, keyring, camera.id)
    if camera.onvif_url is None or login is None:
        raise Conflict(
            "it has no ONVIF address, or no user name and password.",
            where=f"camera {code}",
            mend="Give both: the column onvif_url, and `vedette cameras add`.",
        )
    allowed = settings.devices.networks
    device = Device(resolve(camera.onvif_url, allowed, camera.onvif_tls_sha256), login, exchange)
    device.learn_time()
    return RegisteredDevice(core, keyring, scope, camera, device, actor=actor, clock=clock)


def _named(login: Login) -> Login:
    name = login.username
    if not (0 < len(name) <= _LONGEST_NAME and name.isascii() and name.isprintable() and " " not in name):
        raise InvalidInput(
            "this is no name of a user that cameras take.",
            where="--add",
            mend=f"Write 1 to {_LONGEST_NAME} letters, digits or signs without spaces.",
        )
    return login


def _level(text: str) -> Level:
    found = next((level for level in LEVELS if level.lower() == text.strip().lower()), None)
    if found is None:
        raise InvalidInput(
            "there is no such level.", where="--level", mend=f"Write one of {', '.join(LEVELS).lower()}."
        )
    return found

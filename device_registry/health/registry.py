"""Which cameras and devices this machine looks after, as the registry has them now: read often, so without the ORM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, Select, bindparam, select

from device_registry.health.checking import Registered
from device_registry.health.models import CameraHealth, CameraMaintenance
from device_registry.login import Login
from device_registry.models import Camera, CameraStream, Credential
from device_registry.states import CameraState
from foundation.keyring import Keyring

CREDENTIAL = "credential"  # what passwords are sealed for


class Watched(NamedTuple):
    """A camera, in the order of the query; `password` is sealed."""

    camera_id: str
    center_id: str
    code: str
    name: str
    disabled: bool
    onvif_url: str | None
    onvif_tls_sha256: str | None
    serial: str | None
    firmware: str | None
    stream_url: str | None
    channel: str | None
    channel_cause: str | None
    username: str | None
    password: str | None
    maintenance_id: str | None
    maintenance_until_us: int | None
    maintenance_reason: str | None

    @property
    def device(self) -> str:
        """Its device's key: where it answers ONVIF, else host and port of its stream, within its center.

        The port, too: behind address translation several cameras share a host.
        """
        place = self.onvif_url or (urlsplit(self.stream_url or "").netloc or self.camera_id)
        return f"{self.center_id} {place}"

    def login(self, keyring: Keyring) -> Login | None:
        """Raises `InvalidInput` where the key is away."""
        if self.username is None or self.password is None:
            return None
        return Login(self.username, keyring.unseal(self.password, CREDENTIAL).decode())


@dataclass(frozen=True, slots=True)
class WatchedDevice:
    """A device and its cameras, by code; what is asked of it is that of the first camera which has it."""

    key: str
    cameras: tuple[Watched, ...]

    @property
    def registered(self) -> Registered | None:
        """None for a device without any address."""
        url = next((camera.stream_url for camera in self.cameras if camera.stream_url), None)
        onvif_url = self.cameras[0].onvif_url
        if url is None and onvif_url is None:
            return None
        serial = next((camera.serial for camera in self.cameras if camera.serial), None)
        firmware = next((camera.firmware for camera in self.cameras if camera.firmware), None)
        pin = next((camera.onvif_tls_sha256 for camera in self.cameras if camera.onvif_tls_sha256), None)
        return Registered(onvif_url, url or "", serial, firmware, pin)

    @property
    def signer(self) -> Watched:
        return next((camera for camera in self.cameras if camera.password), self.cameras[0])


@lru_cache(maxsize=1)
def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Camera.id,
            Camera.center_id,
            Camera.code,
            Camera.name,
            Camera.disabled,
            Camera.onvif_url,
            Camera.onvif_tls_sha256,
            Camera.serial,
            Camera.firmware,
            CameraStream.url,
            CameraState.state,
            CameraState.cause,
            Credential.username,
            Credential.password,
            CameraMaintenance.id,
            CameraMaintenance.until_us,
            CameraMaintenance.reason,
        )
        .outerjoin(CameraStream, (CameraStream.camera_id == Camera.id) & (CameraStream.name == "main"))
        .outerjoin(CameraState, CameraState.camera_id == Camera.id)
        .outerjoin(Credential, Credential.camera_id == Camera.id)
        .outerjoin(
            CameraMaintenance,
            (CameraMaintenance.camera_id == Camera.id) & CameraMaintenance.ended_us.is_(None),
        )
        .where(Camera.node == bindparam("node"))
        .order_by(Camera.code, Camera.id)
    )


def watched(connection: Connection, node: str) -> list[Watched]:
    """The cameras of this machine, by code."""
    return [Watched(*row) for row in connection.execute(_query(), {"node": node})]


def devices_of(cameras: Iterable[Watched]) -> dict[str, WatchedDevice]:
    found: dict[str, list[Watched]] = {}
    for camera in cameras:
        found.setdefault(camera.device, []).append(camera)
    return {key: WatchedDevice(key, tuple(rows)) for key, rows in found.items()}


_ASKED = (
    select(CameraHealth.camera_id)
    .join(Camera, Camera.id == CameraHealth.camera_id)
    .where(CameraHealth.asked_us.is_not(None), Camera.node == bindparam("node"))
)


def asked_for(connection: Connection, node: str) -> Sequence[str]:
    """The cameras that somebody wants checked now."""
    return connection.execute(_ASKED, {"node": node}).scalars().all()

"""Which devices are followed here, and which camera of a device an event is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from device_registry import credentials
from device_registry.login import Login
from device_registry.models import Camera, Credential
from device_registry.onvif.events import DeviceEvent
from device_registry.onvif.sources import stream_place
from foundation.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Channel:
    """A camera of a device; `streams` are paths and queries of its registered streams."""

    camera_id: str
    center_id: str
    streams: frozenset[str]


@dataclass(frozen=True, slots=True)
class FollowedDevice:
    url: str
    login: Login | None
    channels: tuple[Channel, ...]  # an NVR has several
    tls_sha256: str | None = None  # the certificate that it must show over https

    def channel_of(self, event: DeviceEvent, tokens: Mapping[str, frozenset[str]]) -> Channel | None:
        """`tokens` are those of each stream's video source; None: it is not known which of an NVR's it is of."""
        if len(self.channels) == 1:
            return self.channels[0]
        if event.kind == "digital_input" or event.source is None:
            return None
        places = {place for place, known in tokens.items() if event.source in known}
        found = [channel for channel in self.channels if places & channel.streams]
        return found[0] if len(found) == 1 else None


def version(session: Session, node: str) -> tuple[int | None, ...]:
    """It differs when a device, an address or a password was registered, changed or removed."""
    cameras = select(func.count(), func.max(Camera.updated_us)).where(Camera.node == node)
    known = select(func.count(), func.max(Credential.sealed_us)).join(Camera, Camera.id == Credential.camera_id)
    return (*session.execute(cameras).one(), *session.execute(known.where(Camera.node == node)).one())


def followed(session: Session, keyring: Keyring, node: str) -> dict[str, FollowedDevice]:
    """Devices of the cameras of this node that have an ONVIF address and are not disabled, by that address."""
    query = select(Camera).where(Camera.node == node, Camera.disabled.is_(False), Camera.onvif_url.is_not(None))
    by_url: dict[str, list[Camera]] = defaultdict(list)
    for camera in session.scalars(query.order_by(Camera.id)):
        by_url[camera.onvif_url or ""].append(camera)
    return {
        url: FollowedDevice(url, _login(session, keyring, rows), _channels(rows), _pin(rows))
        for url, rows in by_url.items()
    }


def _pin(cameras: Iterable[Camera]) -> str | None:
    return next((camera.onvif_tls_sha256 for camera in cameras if camera.onvif_tls_sha256 is not None), None)


def _login(session: Session, keyring: Keyring, cameras: Iterable[Camera]) -> Login | None:
    """The channels of an NVR share its account; the first that is known is shown to it, and no other."""
    logins = (credentials.find(session, keyring, camera.id) for camera in cameras)
    return next((login for login in logins if login is not None), None)


def _channels(cameras: Iterable[Camera]) -> tuple[Channel, ...]:
    return tuple(
        Channel(camera.id, camera.center_id, frozenset(stream_place(stream.url) for stream in camera.streams))
        for camera in cameras
    )

"""Certificates that devices show, beside those that are pinned: at ONVIF over https, and at RTSP over TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from device_registry import cameras
from device_registry.changing import change_columns
from device_registry.models import Camera
from device_registry.onvif.endpoint import Endpoint, IpNetwork, resolve
from device_registry.onvif.exchange import certificate_sha256
from device_registry.onvif.faults import DeviceOldTls
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import DeviceError, InvalidInput
from foundation.scope import Scope

Column = Literal["onvif_tls_sha256", "tls_sha256"]
Standing = Literal["pinned", "new", "changed", "old_tls", "no_answer"]
_RTSPS_PORT: Final = 322
_WORKERS: Final = 16  # each waits for its device most of the time


@dataclass(frozen=True, slots=True)
class Seen:
    """What a camera's device shows now, beside what it must show."""

    camera: Camera
    column: Column
    address: str
    shown: str | None
    fault: DeviceError | InvalidInput | None

    @property
    def pinned(self) -> str | None:
        pin: str | None = getattr(self.camera, self.column)
        return pin

    @property
    def standing(self) -> Standing:
        if isinstance(self.fault, DeviceOldTls):
            return "old_tls"
        if self.shown is None:
            return "no_answer"
        if self.pinned is None:
            return "new"
        return "pinned" if self.pinned == self.shown else "changed"


def look(
    known: Sequence[Camera],
    allowed: Sequence[IpNetwork] = (),
    *,
    see: Callable[[Endpoint], str | None] = certificate_sha256,
) -> list[Seen]:
    """Ask the encrypted services of these cameras for their certificates, 16 at a time, and say nothing to them."""
    asked = [(camera, column, address) for camera in known for column, address in _encrypted(camera)]

    def shown(address: str) -> str | DeviceError | InvalidInput | None:
        try:
            return see(resolve(address, allowed))
        except (DeviceError, InvalidInput) as error:
            return error

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="pins") as pool:
        addresses = list(dict.fromkeys(address for _, _, address in asked))  # an NVR's cameras share theirs
        found = dict(zip(addresses, pool.map(shown, addresses), strict=True))
    return [_seen(camera, column, address, found[address]) for camera, column, address in asked]


def _seen(camera: Camera, column: Column, address: str, shown: str | DeviceError | InvalidInput | None) -> Seen:
    if isinstance(shown, Exception):
        return Seen(camera, column, address, None, shown)
    return Seen(camera, column, address, shown, None)


def _encrypted(camera: Camera) -> Iterator[tuple[Column, str]]:
    if (camera.onvif_url or "").startswith("https://"):
        parts = urlsplit(camera.onvif_url or "")
        yield "onvif_tls_sha256", f"https://{parts.netloc}"
    for stream in camera.streams:
        parts = urlsplit(stream.url)
        if parts.scheme == "rtsps":
            host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
            yield "tls_sha256", f"https://{host}:{parts.port or _RTSPS_PORT}"
            return  # one pin goes for both streams


def accept(session: Session, clock: Clock, scope: Scope, seen: Sequence[Seen], *, actor: str) -> int:
    """Pin what was seen, in the caller's transaction; how many pins this changed."""
    changed = 0
    for one in seen:
        if one.shown is not None:
            camera = cameras.get(session, one.camera.id, scope, hold=True)
            action = AuditAction.CLI_CAMERA_CHANGE
            given: dict[str, str] = {one.column: one.shown}
            changed += bool(change_columns(session, clock, camera, given, action=action, actor=actor))
    return changed


def pin_stream(session: Session, clock: Clock, camera_id: str, sha256: str) -> bool:
    """Pin what the recorder saw over rtsps, at first use: a pin that is there is left alone."""
    camera = session.get(Camera, camera_id)
    if camera is None or camera.tls_sha256 is not None:
        return False
    action = AuditAction.SUPERVISOR_CAMERA_PIN
    return bool(change_columns(session, clock, camera, {"tls_sha256": sha256}, action=action, actor="supervisor"))

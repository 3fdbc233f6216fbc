"""Whose devices an operation is for: registered cameras, with how to reach and sign in at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, credentials
from device_registry.login import Login
from device_registry.models import Camera
from device_registry.onvif.endpoint import address_of
from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope


@dataclass(frozen=True, slots=True)
class Target:
    camera_id: str
    code: str
    name: str
    origin: Origin
    onvif_url: str | None
    main_url: str | None
    sub_url: str | None
    login: Login | None = field(repr=False)
    tls_sha256: str | None = None  # the certificate that its ONVIF must show over https


def by_codes(session: Session, keyring: Keyring, scope: Scope, codes: Sequence[str]) -> list[Target]:
    """In the order of the codes, each once. Raises `NotFound`, or `InvalidInput` for a code of several centers."""
    return [target_of(session, keyring, cameras.by_code(session, code, scope)) for code in dict.fromkeys(codes)]


def all_of(session: Session, keyring: Keyring, scope: Scope) -> list[Target]:
    """Every camera within the scope whose device answers ONVIF, by code."""
    query = select(Camera).where(scope.covers(Camera.center_id), Camera.onvif_url.is_not(None))
    return [target_of(session, keyring, camera) for camera in session.scalars(query.order_by(Camera.code, Camera.id))]


def by_host(session: Session, keyring: Keyring, scope: Scope, host: str) -> Target | None:
    """A camera that is registered with this address, the first by code; None: it is nobody's."""
    try:
        url = address_of(host)
    except InvalidInput:
        return None
    query = select(Camera).where(scope.covers(Camera.center_id), Camera.onvif_url == url).order_by(Camera.code).limit(1)
    camera = session.scalar(query)
    return target_of(session, keyring, camera) if camera is not None else None


def on_device(session: Session, keyring: Keyring, scope: Scope, target: Target) -> list[Target]:
    """All cameras within the scope whose device is the same, by code."""
    query = select(Camera).where(scope.covers(Camera.center_id), Camera.onvif_url == target.onvif_url)
    return [target_of(session, keyring, camera) for camera in session.scalars(query.order_by(Camera.code, Camera.id))]


def target_of(session: Session, keyring: Keyring, camera: Camera) -> Target:
    streams = {stream.name: stream.url for stream in camera.streams}
    return Target(
        camera_id=camera.id,
        code=camera.code,
        name=camera.name,
        origin=Origin(camera.center_id, camera.node),
        onvif_url=camera.onvif_url,
        main_url=streams.get("main"),
        sub_url=streams.get("sub"),
        login=credentials.find(session, keyring, camera.id),
        tls_sha256=camera.onvif_tls_sha256,
    )


def by_device(targets: Sequence[Target]) -> list[list[Target]]:
    """The cameras of each device together, as an NVR has several; two operations never meet on one device."""
    groups: dict[str, list[Target]] = {}
    for target in targets:
        groups.setdefault(target.onvif_url or target.camera_id, []).append(target)
    return list(groups.values())

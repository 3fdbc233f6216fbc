"""Cameras: registered and changed by their code within a center, listed within a scope of centers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import credentials, states
from device_registry.camera_fields import CameraFields, FieldProblem, InvalidCamera, checked
from device_registry.changing import ADD_ACTION, CHANGE_ACTION, Via
from device_registry.login import Login
from device_registry.models import STREAM_NAMES, Camera, CameraStream
from foundation import audit
from foundation.clock import Clock
from foundation.errors import NotFound
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring
from foundation.scope import Scope

_PLAIN = ("name", "maker", "model", "latitude", "longitude", "disabled")


@dataclass(frozen=True, slots=True)
class Saved:
    camera: Camera
    created: bool
    changed: frozenset[str]  # names of fields; empty when everything was so already


def save(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    given: CameraFields,
    *,
    actor: str,
    center_id: str | None = None,
    via: Via = "cli",
) -> Saved:
    """Register the camera, or change what is given of it, in the origin's center or the one named below it.

    Raises `InvalidCamera`.
    """
    fields = checked(given)
    center_id = center_id or origin.center_id
    camera = session.scalar(select(Camera).where(Camera.center_id == center_id, Camera.code == fields.code))
    created = camera is None
    if camera is None:
        camera = _new(clock, Origin(center_id, origin.node), fields)
        session.add(camera)
    changed = frozenset([*_set_plain(camera, fields), *_set_streams(camera, fields)])
    session.flush()
    changed |= _set_login(session, keyring, clock, camera, fields)
    if changed:
        if not created:
            camera.updated_us = max(clock.now_us(), camera.updated_us + 1)  # a version, too
        session.flush()
        action = (ADD_ACTION if created else CHANGE_ACTION)[via]
        detail = {"code": camera.code, "changed": sorted(changed)}
        audit.record(session, action, origin=origin, actor=actor, subject=camera.id, detail=detail, clock=clock)
        states.tell(session, clock, camera)
    return Saved(camera, created, changed)


def _new(clock: Clock, origin: Origin, fields: CameraFields) -> Camera:
    missing = [column for column in ("name", "main_url") if getattr(fields, column) is None]
    if missing:
        what = "a camera that is not registered yet needs one."
        raise InvalidCamera(fields.code, [FieldProblem(column, what, "Fill it in.") for column in missing])
    return Camera(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        code=fields.code,
        disabled=False,
        created_us=clock.now_us(),
        updated_us=clock.now_us(),
        streams=[],
    )


def _set_plain(camera: Camera, fields: CameraFields) -> Iterator[str]:
    for name in _PLAIN:
        value = getattr(fields, name)
        if value is not None and value != getattr(camera, name):
            setattr(camera, name, value)
            yield name


def _set_streams(camera: Camera, fields: CameraFields) -> Iterator[str]:
    known = {stream.name: stream for stream in camera.streams}
    for name in STREAM_NAMES:
        column = f"{name}_url"
        url = getattr(fields, column)
        if url is None:
            continue
        if name not in known:
            camera.streams.append(CameraStream(name=name, url=url))
        elif known[name].url != url:
            # What was seen at the old address says nothing of the new one.
            known[name].url = url
            known[name].codec = known[name].width = known[name].height = known[name].seen_us = None
        else:
            continue
        yield column


def _set_login(
    session: Session, keyring: Keyring, clock: Clock, camera: Camera, fields: CameraFields
) -> frozenset[str]:
    if fields.username is None:
        return frozenset()
    known = credentials.find(session, keyring, camera.id)
    kept = known.password if known and known.username == fields.username else ""
    login = Login(fields.username, fields.password if fields.password is not None else kept)
    return frozenset(["credential"] if credentials.put(session, keyring, clock, camera.id, login) else [])


def list_cameras(session: Session, scope: Scope) -> list[Camera]:
    return list(session.scalars(select(Camera).where(scope.covers(Camera.center_id)).order_by(Camera.code, Camera.id)))


def get(session: Session, camera_id: str, scope: Scope, *, hold: bool = False) -> Camera:
    """`hold` keeps others from changing it until the transaction ends."""
    query = select(Camera).where(Camera.id == camera_id, scope.covers(Camera.center_id))
    camera = session.scalar(query.with_for_update() if hold else query)
    if camera is None:
        raise NotFound("there is no such camera here.", where=f"camera {camera_id}")
    return camera


def note_seen(session: Session, clock: Clock, camera_id: str, stream: str, codec: str, width: int, height: int) -> bool:
    """Keep what the recorder sees of a stream; False when that is known, or the stream is registered no more."""
    camera, row = session.get(Camera, camera_id), session.get(CameraStream, (camera_id, stream))
    if camera is None or row is None or (row.codec, row.width, row.height) == (codec, width, height):
        return False
    row.codec, row.width, row.height, row.seen_us = codec, width, height, clock.now_us()
    session.flush()
    states.tell(session, clock, camera)
    return True

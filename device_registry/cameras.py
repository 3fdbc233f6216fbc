"""Cameras: registered and changed by their code within a center, listed within a scope of centers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import credentials, recording, states
from device_registry.camera_fields import CameraFields, InvalidCamera, checked
from device_registry.changing import (
    ADD_ACTION,
    CHANGE_ACTION,
    Change,
    Changes,
    Via,
    change_of,
    note_changes,
    set_columns,
    touch,
)
from device_registry.login import Login
from device_registry.models import STREAM_NAMES, Camera, CameraStream, Credential
from foundation.clock import Clock
from foundation.errors import FieldProblem, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring
from foundation.scope import Scope

_PLAIN: Final = ("name", "maker", "model", "latitude", "longitude", "disabled")
_NO_COLUMNS: Final[Mapping[str, Any]] = MappingProxyType({})


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
    columns: Mapping[str, Any] = _NO_COLUMNS,
    may_configure: bool = True,
) -> Saved:
    """Register the camera, or change what is given of it, in the origin's center or the one named below it.

    `columns` are what `particulars` and `recording` made of further columns; `None` takes one back. Whatever changes
    is one entry of the audit trail. Raises `InvalidCamera`, and then has changed nothing.
    """
    place, fields = Origin(center_id or origin.center_id, origin.node), checked(given)
    batch = Batch(session, keyring, clock, actor=actor, via=via)
    batch.look_up([(place.center_id, fields.code)], [columns.get("gb28181_id")])
    saved = batch.save(place, fields, columns, may_configure=may_configure)
    batch.write()
    return saved


class Batch:
    """Cameras that are registered or changed together, at the price of few statements. Each stands in it once."""

    def __init__(self, session: Session, keyring: Keyring, clock: Clock, *, actor: str, via: Via) -> None:
        self._session, self._keyring, self._clock = session, keyring, clock
        self._actor, self._via = actor, via
        self._cameras: dict[tuple[str, str], Camera] = {}
        self._credentials: dict[str, Credential] = {}
        self._owners: dict[str | None, str] = {}  # of GB/T 28181 IDs
        self._changes: list[Change] = []
        self._sealed: list[Credential] = []

    def look_up(self, keys: Collection[tuple[str, str]], gb28181_ids: Iterable[str | None]) -> None:
        """Find what is known of the cameras under these centers' ids and codes, and who has these GB/T 28181 IDs."""
        told = [text for text in gb28181_ids if text is not None]
        owners = select(Camera.gb28181_id, Camera.id).where(Camera.gb28181_id.in_(told))
        self._owners = {row.gb28181_id: row.id for row in self._session.execute(owners)} if told else {}
        by_center: dict[str, list[str]] = {}
        for center_id, code in keys:
            by_center.setdefault(center_id, []).append(code)
        for center_id, codes in by_center.items():
            query = select(Camera).where(Camera.center_id == center_id, Camera.code.in_(codes))
            self._cameras |= {(center_id, camera.code): camera for camera in self._session.scalars(query)}
        ids = [camera.id for camera in self._cameras.values()]
        logins = self._session.scalars(select(Credential).where(Credential.camera_id.in_(ids)))
        self._credentials = {login.camera_id: login for login in logins}

    def save(
        self,
        place: Origin,
        fields: CameraFields,
        columns: Mapping[str, Any] = _NO_COLUMNS,
        *,
        may_configure: bool = True,
    ) -> Saved:
        """See the function `save`. Of `checked` fields; the camera was looked up, and `write` writes what changes."""
        camera = self._cameras.get((place.center_id, fields.code))
        created = camera is None
        if camera is None:
            camera = _new(self._clock, place, fields)
        values = {name: value for name in _PLAIN if (value := getattr(fields, name)) is not None} | dict(columns)
        _refuse_half_position(camera, values)
        if not may_configure:
            recording.refuse_change(camera, columns)
        self._take_id(camera, values)
        changes = set_columns(camera, values) | set_streams(camera, fields) | self._set_login(camera, fields)
        if changes:
            action = (ADD_ACTION if created else CHANGE_ACTION)[self._via]
            self._changes.append(Change(camera, changes, action))
        if changes and not created:
            touch(self._clock, camera)
        return Saved(camera, created, frozenset(changes))

    def _take_id(self, camera: Camera, values: Mapping[str, Any]) -> None:
        """A GB/T 28181 ID names one camera of the registry."""
        given = values.get("gb28181_id", camera.gb28181_id)
        if given == camera.gb28181_id:
            return
        if given is not None and self._owners.get(given, camera.id) != camera.id:
            problem = FieldProblem("gb28181_id", "another camera has this ID.", "Give each its own, or clear that one.")
            raise InvalidCamera(camera.code, [problem])
        self._owners.pop(camera.gb28181_id, None)
        if given is not None:
            self._owners[given] = camera.id

    def write(self) -> None:
        """Write and audit it all, and tell the consoles."""
        session = self._session
        session.add_all(change.camera for change in self._changes)
        session.flush()
        for row in self._sealed:
            if row.camera_id in self._credentials:
                session.merge(row)
            else:  # not merged: it would be looked for
                session.add(row)
        note_changes(session, self._clock, self._changes, actor=self._actor)

    def _set_login(self, camera: Camera, fields: CameraFields) -> Changes:
        """Of a login the trail keeps that there is one, and no more."""
        row = self._credentials.get(camera.id) if fields.username is not None else None
        known = None if row is None else credentials.opened(self._keyring, row)
        login = login_of(fields, known)
        if login is None or login == known:
            return {}
        self._sealed.append(credentials.sealed(self._keyring, self._clock, camera.id, login))
        return {"credential": change_of("set" if known else None, "set")}


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
        transport="tcp",
        created_us=clock.now_us(),
        updated_us=clock.now_us(),
        streams=[],
    )


def _refuse_half_position(camera: Camera, values: Mapping[str, Any]) -> None:
    latitude, longitude = (values.get(name, getattr(camera, name)) for name in ("latitude", "longitude"))
    if (latitude is None) != (longitude is None):
        what = "only half of the position would be left."
        raise InvalidCamera(camera.code, [FieldProblem("latitude", what, "Clear latitude and longitude, or neither.")])


def set_streams(camera: Camera, fields: CameraFields) -> Changes:
    """Set the addresses that are given and differ."""
    known = {stream.name: stream for stream in camera.streams}
    changes: Changes = {}
    for name in STREAM_NAMES:
        url = getattr(fields, f"{name}_url")
        stream = known.get(name)
        if url is None or (stream is not None and stream.url == url):
            continue
        changes[f"{name}_url"] = change_of(stream.url if stream else None, url)
        if stream is None:
            camera.streams.append(CameraStream(name=name, url=url))
        else:
            stream.url = url
            forget_seen(stream)  # at the old address says nothing of the new one
    return changes


def login_of(fields: CameraFields, known: Login | None) -> Login | None:
    """The login that is given, with the password that is known of its user where none is; None where none is given."""
    if fields.username is None:
        return None
    kept = known.password if known and known.username == fields.username else ""
    return Login(fields.username, fields.password if fields.password is not None else kept)


def forget_seen(stream: CameraStream) -> None:
    stream.codec = stream.width = stream.height = stream.seen_us = None


def list_cameras(session: Session, scope: Scope) -> list[Camera]:
    return list(session.scalars(select(Camera).where(scope.covers(Camera.center_id)).order_by(Camera.code, Camera.id)))


def get(session: Session, camera_id: str, scope: Scope, *, hold: bool = False) -> Camera:
    """`hold` keeps others from changing it until the transaction ends."""
    query = select(Camera).where(Camera.id == camera_id, scope.covers(Camera.center_id))
    camera = session.scalar(query.with_for_update() if hold else query)
    if camera is None:
        raise NotFound("there is no such camera here.", where=f"camera {camera_id}")
    return camera


def by_code(session: Session, code: str, scope: Scope) -> Camera:
    """Raises `NotFound`, or `InvalidInput` where several centers of the scope have a camera of this code."""
    found = session.scalars(select(Camera).where(Camera.code == code, scope.covers(Camera.center_id)).limit(2)).all()
    if not found:
        raise NotFound("there is no such camera here.", where=f"camera {code}", mend="See `vedette cameras ls`.")
    if len(found) > 1:
        what = "several centers have a camera of this code."
        raise InvalidInput(what, where=f"camera {code}", mend="Name its --center.")
    return found[0]


def note_seen(session: Session, clock: Clock, camera_id: str, stream: str, codec: str, width: int, height: int) -> bool:
    """Keep what the recorder sees of a stream; False when that is known, or the stream is registered no more."""
    camera, row = session.get(Camera, camera_id), session.get(CameraStream, (camera_id, stream))
    if camera is None or row is None or (row.codec, row.width, row.height) == (codec, width, height):
        return False
    row.codec, row.width, row.height, row.seen_us = codec, width, height, clock.now_us()
    session.flush()
    states.tell(session, clock, camera)
    return True

"""Another device at the place of a camera, which keeps its code, its footage and its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from device_registry import cameras, credentials
from device_registry.camera_fields import CameraFields, InvalidCamera, checked
from device_registry.changing import REPLACE_ACTION, Change, Changes, Via, change_of, note_changes, set_columns, touch
from device_registry.models import Camera
from foundation.clock import Clock
from foundation.errors import FieldProblem
from foundation.keyring import Keyring

# What may be told of the new device, by the names of an import's columns.
TOLD: Final = (
    "serial", "mac", "maker", "model", "firmware", "main_url", "sub_url", "onvif_url", "username", "password",
)  # fmt: skip
LONGEST_REASON: Final = 500
# Of the old device alone: unknown of the new one until somebody tells.
_GONE: Final = ("serial", "mac", "firmware", "tls_sha256", "onvif_tls_sha256")


def replace_device(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    camera: Camera,
    given: CameraFields,
    columns: Mapping[str, Any],
    *,
    reason: str,
    actor: str,
    via: Via,
) -> frozenset[str]:
    """Set what is told of the new device and forget what went for the old one; the names of what changed.

    Serial number, MAC, firmware and the pin of the certificate are forgotten unless given, and so is what was last seen
    of the streams; addresses and login stay unless given. Raises `InvalidCamera`.
    """
    fields, reason = checked(given), reason.strip()
    problems = _problems(camera, columns, reason)
    if problems:
        raise InvalidCamera(camera.code, problems)
    named = {name: value for name in ("maker", "model") if (value := getattr(fields, name)) is not None}
    changes = set_columns(camera, dict.fromkeys(_GONE) | named | dict(columns)) | cameras.set_streams(camera, fields)
    for stream in camera.streams:
        cameras.forget_seen(stream)
    changes |= _new_login(session, keyring, clock, camera, fields)
    touch(clock, camera)
    change = Change(camera, changes, REPLACE_ACTION[via], reason=reason)
    note_changes(session, clock, [change], actor=actor)
    return frozenset(changes)


def _problems(camera: Camera, columns: Mapping[str, Any], reason: str) -> list[FieldProblem]:
    found = []
    if not (0 < len(reason) <= LONGEST_REASON and reason.isprintable()):
        found.append(FieldProblem("reason", "the reason is missing, too long or not printable.", "Say why, briefly."))
    for name in ("serial", "mac"):
        if columns.get(name) is not None and columns[name] == getattr(camera, name):
            what = "this is that of the device that is registered already."
            found.append(FieldProblem(name, what, "Give that of the new one, or change the camera instead."))
    return found


def _new_login(session: Session, keyring: Keyring, clock: Clock, camera: Camera, fields: CameraFields) -> Changes:
    known = credentials.find(session, keyring, camera.id)
    login = cameras.login_of(fields, known)
    if login is None or not credentials.put(session, keyring, clock, camera.id, login):
        return {}
    return {"credential": change_of("set" if known else None, "set")}

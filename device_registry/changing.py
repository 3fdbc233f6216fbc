"""A change of a camera's columns, as one step: set, versioned, audited, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy.orm import Session

from device_registry import states
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction, Deed
from foundation.clock import Clock
from foundation.identifiers import Origin
from foundation.scope import Scope

Via = Literal["cli", "api"]  # on which way somebody came
Changes = dict[str, dict[str, Any]]  # by column, as it was ("from") and as it is ("to"); never a secret

ADD_ACTION: Final[Mapping[Via, AuditAction]] = {"cli": AuditAction.CLI_CAMERA_ADD, "api": AuditAction.API_CAMERA_ADD}
CHANGE_ACTION: Final[Mapping[Via, AuditAction]] = {
    "cli": AuditAction.CLI_CAMERA_CHANGE,
    "api": AuditAction.API_CAMERA_CHANGE,
}
REPLACE_ACTION: Final[Mapping[Via, AuditAction]] = {
    "cli": AuditAction.CLI_CAMERA_REPLACE,
    "api": AuditAction.API_CAMERA_REPLACE,
}


class Reach(NamedTuple):
    """The centers whose cameras somebody may register and change, and those where also how they are recorded."""

    register: Scope
    configure: Scope


@dataclass(frozen=True, slots=True)
class Change:
    camera: Camera
    columns: Changes
    action: AuditAction
    reason: str | None = None


def change_columns(
    session: Session, clock: Clock, camera: Camera, given: Mapping[str, Any], *, action: AuditAction, actor: str
) -> frozenset[str]:
    """Set checked values, in the caller's transaction; the names of what changed."""
    changes = set_columns(camera, given)
    if changes:
        touch(clock, camera)
        note_changes(session, clock, [Change(camera, changes, action)], actor=actor)
    return frozenset(changes)


def set_columns(camera: Camera, given: Mapping[str, Any]) -> Changes:
    """Set those values that differ."""
    changes = {
        name: change_of(before, value) for name, value in given.items() if value != (before := getattr(camera, name))
    }
    for name in changes:
        setattr(camera, name, given[name])
    return changes


def touch(clock: Clock, camera: Camera) -> None:
    """Its time of change is its version, too."""
    camera.updated_us = max(clock.now_us(), camera.updated_us + 1)


def change_of(before: object, after: object) -> dict[str, Any]:
    return {"from": before, "to": after}


def note_changes(session: Session, clock: Clock, changes: Sequence[Change], *, actor: str) -> None:
    """Keep what changed in the audit trail, an entry each, and tell the consoles."""
    session.flush()
    audit.record_all(session, [_deed(change, actor) for change in changes], clock=clock)
    states.tell_all(session, clock, [change.camera for change in changes])


def _deed(change: Change, actor: str) -> Deed:
    camera = change.camera
    return Deed(
        action=change.action,
        origin=Origin(camera.center_id, camera.node),
        actor=actor,
        subject=camera.id,
        detail={"code": camera.code, "changed": change.columns},
        reason=change.reason,
    )

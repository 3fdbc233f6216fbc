"""A change of a camera's columns, as one step: set, versioned, audited, told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy.orm import Session

from device_registry import states
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.identifiers import Origin
from foundation.scope import Scope

Via = Literal["cli", "api"]  # on which way somebody came

ADD_ACTION: Final[Mapping[Via, AuditAction]] = {"cli": AuditAction.CLI_CAMERA_ADD, "api": AuditAction.API_CAMERA_ADD}
CHANGE_ACTION: Final[Mapping[Via, AuditAction]] = {
    "cli": AuditAction.CLI_CAMERA_CHANGE,
    "api": AuditAction.API_CAMERA_CHANGE,
}


class Reach(NamedTuple):
    """The centers whose cameras somebody may register and change, and those where also how they are recorded."""

    register: Scope
    configure: Scope


def change_columns(
    session: Session, clock: Clock, camera: Camera, given: Mapping[str, Any], *, action: AuditAction, actor: str
) -> frozenset[str]:
    """Set checked values, in the caller's transaction; the names of what changed.

    The audit trail keeps each as it was and as it is.
    """
    before = {name: getattr(camera, name) for name in given}
    changed = {name: value for name, value in given.items() if value != before[name]}
    if not changed:
        return frozenset()
    for name, value in changed.items():
        setattr(camera, name, value)
    camera.updated_us = max(clock.now_us(), camera.updated_us + 1)  # a version, too
    session.flush()
    detail = {"code": camera.code, "changed": {name: {"from": before[name], "to": changed[name]} for name in changed}}
    origin = Origin(camera.center_id, camera.node)
    audit.record(session, action, origin=origin, actor=actor, subject=camera.id, detail=detail, clock=clock)
    states.tell(session, clock, camera)
    return frozenset(changed)

"""`/centers` and `/overview`: the tree the caller sees, and their own center at a glance."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.alerts import directory
from control_center.identity.roles import Right
from control_center.web_api.context import Context, Enterer
from device_registry import centers
from device_registry.models import Camera, Center
from device_registry.states import CameraState
from foundation.database import reading
from foundation.scope import Scope

router = APIRouter(tags=["centers"])


@router.get("/centers")
def list_centers(principal: Enterer, context: Context) -> dict[str, Any]:
    with reading(context.stores.core) as session:
        rows = centers.tree(session, principal.scope)
    return {"items": [_center(row.center, principal.scope) for row in rows]}


@router.get("/overview")
def overview(principal: Enterer, context: Context) -> dict[str, Any]:
    with reading(context.stores.core) as session:
        center = session.get_one(Center, principal.center_id)
        total, recording = _cameras(session, principal.scope_of(Right.SEE_CAMERAS))
        new = directory.count_new(session, principal.scope_of(Right.READ))
    return {
        "center": {"id": center.id, "code": center.code, "name": center.name, "level": center.level},
        "cameras": {"total": total, "recording": recording},
        "alerts": {"new": new},
        "version": version("vedette"),
        "time_us": context.clock.now_us(),
    }


def _center(center: Center, scope: Scope) -> dict[str, Any]:
    return {
        "id": center.id,
        # What lies above the caller's center is not theirs to see.
        "parent_id": center.parent_id if center.parent_id in scope else None,
        "code": center.code,
        "name": center.name,
        "level": center.level,
    }


def _cameras(session: Session, scope: Scope) -> tuple[int, int]:
    """All cameras in use, and those of them that record."""
    query = select(func.count(), func.count().filter(CameraState.state == "recording"))
    query = query.select_from(Camera).outerjoin(CameraState, CameraState.camera_id == Camera.id)
    row = session.execute(query.where(scope.covers(Camera.center_id), Camera.disabled.is_(False))).one()
    return row[0], row[1]

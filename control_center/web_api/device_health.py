"""The health of cameras: a check asked for, maintenance, faults that many share, and what came of it over days."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from control_center.identity.principal import Principal
from control_center.web_api.context import AskingCameraSeer, Context, Registrar, RowId
from device_registry import cameras
from device_registry.health import maintenance, records
from device_registry.health.availability import DAY_US, MAX_DAYS, availability
from device_registry.health.faults import faults_of
from foundation.audit import AuditAction
from foundation.database import transaction
from foundation.scope import NOTHING, Scope

router = APIRouter(tags=["cameras"])


class CheckAsked(BaseModel):
    asked_us: int


class NewMaintenance(BaseModel):
    until_us: int = Field(description="When it ends by itself.", ge=0, lt=1 << 62)
    reason: str = Field(max_length=maintenance.MAX_REASON)


class MaintenanceView(BaseModel):
    from_us: int
    until_us: int
    reason: str
    actor: str


class FaultView(BaseModel):
    """A fault that goes on, and that several cameras have in common."""

    id: str
    kind: Literal["network", "device"]
    network: str = Field(description="As 10.0.0.0/24; of a device its host.")
    cameras: int = Field(description="How many of the caller's cameras it took.")
    since_us: int
    cause: str
    mend: str
    camera_ids: list[str]


class FaultList(BaseModel):
    items: list[FaultView]


class AvailabilityRow(BaseModel):
    """Shares from 0 to 1; null where nothing is known."""

    id: str
    code: str
    name: str
    center_id: str
    center_name: str
    available: float | None = Field(description="Of the time in which it was neither disabled nor in maintenance.")
    recorded: float | None = Field(description="How whole its footage of the whole days (UTC) is.")
    counted_us: int = Field(description="The time that `available` is a share of.")


class AvailabilityList(BaseModel):
    from_us: int
    to_us: int
    items: list[AvailabilityRow]


@router.post("/cameras/{camera_id}/check", status_code=202)
def check_camera(camera_id: RowId, principal: Registrar, context: Context) -> CheckAsked:
    """Its device is checked within seconds; what comes of it is told as `camera.changed`."""
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope)
        records.ask(session, context.clock, camera.id)
    return CheckAsked(asked_us=context.clock.now_us())


@router.put("/cameras/{camera_id}/maintenance")
def announce_maintenance(
    camera_id: RowId, body: NewMaintenance, principal: Registrar, context: Context
) -> MaintenanceView:
    """Until then no fault of it is told; announced again it is replaced. Audited with its reason."""
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope, hold=True)
        row = maintenance.begin(
            session,
            context.clock,
            camera,
            body.until_us,
            body.reason,
            action=AuditAction.API_MAINTENANCE_BEGIN,
            actor=principal.username,
        )
        return MaintenanceView(from_us=row.from_us, until_us=row.until_us, reason=row.reason, actor=row.actor)


@router.delete("/cameras/{camera_id}/maintenance", status_code=204)
def end_maintenance(camera_id: RowId, principal: Registrar, context: Context) -> None:
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope, hold=True)
        action = AuditAction.API_MAINTENANCE_END
        maintenance.end(session, context.clock, camera, action=action, actor=principal.username)


@router.get("/devices/faults", response_model=FaultList)
async def list_faults(asking: AskingCameraSeer) -> Response:
    """The oldest first."""

    def read(principal: Principal, rows: Connection) -> dict[str, object]:
        return {"items": faults_of(rows, principal.scope)}

    return await asking.answer(read)


@router.get("/cameras/availability", response_model=AvailabilityList)
async def list_availability(
    asking: AskingCameraSeer,
    context: Context,
    days: Annotated[float, Query(gt=0, le=MAX_DAYS)] = 7,
    center_id: Annotated[str | None, Query(max_length=36, description="Only this center's cameras.")] = None,
) -> Response:
    """Over the days until now, all cameras by code."""
    to_us = context.clock.now_us()
    from_us = to_us - int(days * DAY_US)

    def read(principal: Principal, rows: Connection) -> dict[str, object]:
        found = availability(rows, _narrowed(principal.scope, center_id), from_us, to_us)
        items: list[Any] = [{name: getattr(row, name) for name in AvailabilityRow.model_fields} for row in found]
        return {"from_us": from_us, "to_us": to_us, "items": items}

    return await asking.answer(read)


def _narrowed(scope: Scope, center_id: str | None) -> Scope:
    """What lies elsewhere is in no list."""
    if center_id is None:
        return scope
    return Scope([center_id]) if center_id in scope else NOTHING

"""`/cameras/{id}/history` and `/cameras/{id}/replacement`: what became of a camera, and another device at its place."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from control_center.web_api.answers import Cursor
from control_center.web_api.conditional import etag
from control_center.web_api.context import CameraSeer, Context, Registrar, RowId
from device_registry import cameras, history, particulars
from device_registry.camera_fields import CameraFields
from device_registry.replacing import replace_device
from foundation.database import reading, transaction

router = APIRouter(tags=["cameras"])


class FieldChange(BaseModel):
    """What a column was and is; of a login only that there is one."""

    before: Any = Field(alias="from")
    after: Any = Field(alias="to")


class HistoryEvent(BaseModel):
    at_us: int
    actor: str
    action: str
    reason: str | None
    changes: dict[str, FieldChange]


class HistoryPage(BaseModel):
    items: list[HistoryEvent]
    next_cursor: str | None


class Replacement(BaseModel):
    """What is told of the new device; what is not named of addresses and login stays."""

    reason: str = Field(max_length=2000)
    serial: str | None = None
    mac: str | None = None
    maker: str | None = None
    model: str | None = None
    firmware: str | None = None
    main_url: str | None = None
    sub_url: str | None = None
    onvif_url: str | None = None
    username: str | None = None
    password: str | None = Field(None, max_length=2000, description="Never shown again.")


@router.get("/cameras/{camera_id}/history")
def read_history(
    camera_id: RowId,
    principal: CameraSeer,
    context: Context,
    limit: Annotated[int, Query(ge=1, le=200)] = history.PAGE,
    cursor: Cursor = None,
) -> HistoryPage:
    """Newest first."""
    with reading(context.stores.core) as session:
        events, next_cursor = history.page(session, camera_id, principal.scope, limit=limit, cursor=cursor)
    items = [
        HistoryEvent(
            at_us=event.at_us,
            actor=event.actor,
            action=event.action,
            reason=event.reason,
            changes={name: FieldChange.model_validate(change) for name, change in event.changes.items()},
        )
        for event in events
    ]
    return HistoryPage(items=items, next_cursor=next_cursor)


@router.post("/cameras/{camera_id}/replacement", status_code=204)
def replace_camera(
    camera_id: RowId, body: Replacement, principal: Registrar, context: Context, response: Response
) -> None:
    """Another device at its place: code, footage and history stay; audited."""
    told = body.model_dump(exclude_none=True, exclude={"reason"})
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope, hold=True)
        columns = particulars.parsed(camera.code, {name: told.pop(name) for name in particulars.FIELDS if name in told})
        fields = CameraFields(code=camera.code, **told)
        replace_device(
            session,
            context.keyring,
            context.clock,
            camera,
            fields,
            columns,
            reason=body.reason,
            actor=principal.username,
            via="api",
        )
        response.headers["ETag"] = etag(camera.updated_us)

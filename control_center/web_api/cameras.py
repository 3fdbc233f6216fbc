"""`/cameras`: what is registered in the caller's scope, what each is doing, and how it is recorded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from control_center.identity.principal import Principal
from control_center.web_api.answers import Cursor
from control_center.web_api.conditional import etag, require_match
from control_center.web_api.context import ApiContext, AskingCameraSeer, CameraSeer, Configurer, Context, RowId
from device_registry import cameras, recording, states
from device_registry.models import Camera, StreamName, Transport
from device_registry.recording import RetentionLimits
from foundation.audit import AuditAction
from foundation.database import reading, transaction
from foundation.errors import InvalidInput

router = APIRouter(tags=["cameras"])


class StreamView(BaseModel):
    name: StreamName
    codec: str | None
    width: int | None
    height: int | None


class CameraView(BaseModel):
    """A camera and what its recording does now."""

    id: str
    code: str
    name: str
    center_id: str
    center_name: str
    state: states.State
    state_since_us: int
    cause: str | None
    streams: list[StreamView]


class CameraPage(BaseModel):
    items: list[CameraView]
    next_cursor: str | None


class RetentionOfCenter(BaseModel):
    """What holds where a camera has nothing of its own, and within which a camera may choose."""

    days: float
    min_days: float
    max_days: float


class CameraRecording(BaseModel):
    """How a camera is recorded."""

    transport: Transport
    audio_purpose: str | None = Field(description="What its sound is recorded for; null: no sound is recorded.")
    retention_days: float | None = Field(description="Null: as the center has it.")
    retention_bytes: int | None = Field(description="Null: no limit of its own.")
    tls_sha256: str | None = Field(description="Certificate that it must show over rtsps; null: any.")
    center: RetentionOfCenter


class RecordingChange(BaseModel):
    """What is not named stays as it is; null takes back what the camera has of its own."""

    transport: Transport = "tcp"
    audio_purpose: str | None = Field(None, max_length=1000)
    retention_days: float | None = None
    retention_bytes: int | None = Field(None, ge=0, lt=1 << 62)
    tls_sha256: str | None = Field(None, max_length=100)


@router.get("/cameras", response_model=CameraPage)
async def list_cameras(
    asking: AskingCameraSeer,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Cursor = None,
) -> Response:
    """By code."""

    def read(principal: Principal, rows: Connection) -> dict[str, object]:
        items, next_cursor = states.page(rows, principal.scope, limit=limit, cursor=cursor)
        return {"items": items, "next_cursor": next_cursor}

    return await asking.answer(read)


@router.get("/cameras/{camera_id}/recording")
def read_recording(camera_id: RowId, principal: CameraSeer, context: Context, response: Response) -> CameraRecording:
    with reading(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope)
        response.headers["ETag"] = etag(camera.updated_us)
        return _recording(camera, context)


@router.patch("/cameras/{camera_id}/recording")
def change_recording(
    camera_id: RowId,
    body: RecordingChange,
    request: Request,
    principal: Configurer,
    context: Context,
    response: Response,
) -> CameraRecording:
    """With `If-Match`; audited with what it was before."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if not given:
        raise InvalidInput("nothing is named that should change.", mend="Name transport, sound or retention.")
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope, hold=True)
        require_match(request, camera.updated_us)
        limits = RetentionLimits.of(context.settings.recorder)
        action = AuditAction.API_CAMERA_CHANGE
        recording.change(session, context.clock, camera, given, limits, action=action, actor=principal.username)
        response.headers["ETag"] = etag(camera.updated_us)
        return _recording(camera, context)


def _recording(camera: Camera, context: ApiContext) -> CameraRecording:
    settings = context.settings.recorder
    return CameraRecording(
        transport=camera.transport,
        audio_purpose=camera.audio_purpose,
        retention_days=camera.retention_days,
        retention_bytes=camera.retention_bytes,
        tls_sha256=camera.tls_sha256,
        center=RetentionOfCenter(
            days=settings.retention_days, min_days=settings.retention_min_days, max_days=settings.retention_max_days
        ),
    )

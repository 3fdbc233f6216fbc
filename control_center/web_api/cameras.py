"""`/cameras`: what is registered in the caller's scope, and what each is doing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from control_center.identity.principal import Principal
from control_center.web_api.answers import Cursor
from control_center.web_api.context import AskingCameraSeer
from device_registry import states
from device_registry.models import StreamName

router = APIRouter(tags=["cameras"])


class Stream(BaseModel):
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
    streams: list[Stream]


class CameraPage(BaseModel):
    items: list[CameraView]
    next_cursor: str | None


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

"""`/cameras`: what is registered in the caller's scope, and what each is doing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from control_center.web_api.context import CameraSeer, Context
from device_registry import states
from foundation.database import reading

router = APIRouter(tags=["cameras"])


@router.get("/cameras")
def list_cameras(principal: CameraSeer, context: Context) -> dict[str, Any]:
    with reading(context.stores.core) as session:
        return {"items": states.directory(session, principal.scope)}

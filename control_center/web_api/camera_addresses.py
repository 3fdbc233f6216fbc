"""`/cameras/addresses`: where each camera is reached, to tell what is found in a network from what is known."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from control_center.web_api.answers import answer
from control_center.web_api.context import Context, Registrar
from device_registry.addresses import addresses
from foundation.database import reading_rows

router = APIRouter(tags=["cameras"])


class CameraAddress(BaseModel):
    id: str
    code: str
    name: str
    onvif_url: str | None = Field(description="Where its device answers ONVIF; the channels of an NVR share it.")
    main_url: str | None


class CameraAddresses(BaseModel):
    items: list[CameraAddress]


@router.get("/cameras/addresses", response_model=CameraAddresses)
def list_addresses(principal: Registrar, context: Context) -> Response:
    """By code, all at once; without user names and passwords."""
    with reading_rows(context.stores.core) as rows:
        return answer({"items": addresses(rows, principal.scope)})

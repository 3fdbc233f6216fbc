"""Where cameras post plates that they read. They sign in with a token of their own, which reaches nothing else."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from control_center.device_events.devices import Channel
from control_center.device_events.pushed import PlatePushes
from control_center.identity.throttle import Refusal, note_refusal
from control_center.web_api.bearer import bearer_of
from control_center.web_api.context import Context
from device_registry.access import push_tokens
from device_registry.onvif.events import device_plate
from foundation.database import reading
from foundation.errors import InvalidInput, NotAuthenticated

router = APIRouter(tags=["device events"])


class PostedPlate(BaseModel):
    """Whatever else a camera writes, pictures too, is dropped unread."""

    model_config = ConfigDict(extra="ignore")

    plate: str = Field(max_length=32, description="as the camera read it")
    at: str | None = Field(None, max_length=40, description="when, RFC 3339; without it, now")
    region: str | None = Field(None, max_length=3, description="country, ISO 3166-1")
    likelihood: float | None = Field(None, ge=0, le=1)
    vehicle_type: str | None = Field(None, max_length=20, description="bus, car, truck, bicycle, motorcycle, van")
    vehicle_colour: str | None = Field(None, max_length=20)
    vehicle_brand: str | None = Field(None, max_length=20)


def _posting(camera_id: UUID, request: Request, context: Context) -> Channel:
    token = bearer_of(request.headers)
    with reading(context.stores.core) as session:
        camera = push_tokens.camera_of(session, str(camera_id), token) if token else None
        if camera is None or camera.node != context.origin.node:
            note_refusal(Refusal.TOKEN)
            raise NotAuthenticated(
                "this is not the camera's token.", mend="Make one with `vedette cameras push-token`."
            )
        return Channel(camera.id, camera.center_id, frozenset())


PostingCamera = Annotated[Channel, Depends(_posting)]


@router.post("/device-events/plates/{camera_id}", status_code=204)
def post_plate(asking: PostingCamera, body: PostedPlate, request: Request) -> None:
    """A plate becomes an observation, and on record an alert, as one that is read here."""
    plate = device_plate(
        body.plate,
        region=body.region,
        likelihood=body.likelihood,
        vehicle_type=body.vehicle_type,
        vehicle_colour=body.vehicle_colour,
        vehicle_brand=body.vehicle_brand,
    )
    if plate is None:
        raise InvalidInput("this is no number plate.", where="plate", mend="Send letters and digits.")
    pushes: PlatePushes = request.app.state.plate_pushes
    pushes.take(asking, plate, body.at)

"""`/cameras/{camera_id}/ptz`: cameras steered, by one person at a time."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from control_center.identity.principal import Principal
from control_center.identity.roles import Role
from control_center.media.repeating import repeating
from control_center.web_api.context import ApiContext, Context, PtzController, RowId
from device_registry import centers
from device_registry.models import Camera
from device_registry.onvif.ptz import TOKEN_LIMIT
from device_registry.operations.control import LEASE_S, LONGEST_LEASE_S, Control, Priority, Steerer
from device_registry.operations.steering import LONGEST_MOVE_S, SHORTEST_MOVE_S, Who
from foundation.audit import AuditAction

router = APIRouter(tags=["ptz"])
RETURN_PAUSE_S: Final = 5.0
_PRIORITIES: Final = {
    Role.OPERATOR: Priority.OPERATOR,
    Role.SENIOR_OPERATOR: Priority.SENIOR_OPERATOR,
    Role.SUPERVISOR: Priority.SUPERVISOR,
}
Token = Annotated[str, Path(min_length=1, max_length=TOKEN_LIMIT)]


class Move(BaseModel):
    """Speeds from -1 to 1: right, up and in are positive. All of them 0: stop."""

    pan: float = Field(0, ge=-1, le=1)
    tilt: float = Field(0, ge=-1, le=1)
    zoom: float = Field(0, ge=-1, le=1)
    timeout_s: float = Field(
        1, ge=SHORTEST_MOVE_S, le=LONGEST_MOVE_S, description="After this the camera stops by itself, unless moved on."
    )


class TakeControl(BaseModel):
    lease_s: float = Field(LEASE_S, ge=1, le=LONGEST_LEASE_S, description="For how long at first; each use renews it.")


class ControlView(BaseModel):
    holder: str | None = Field(description="User name of who steers it; null: nobody.")
    is_mine: bool
    since_us: int | None
    expires_us: int | None


class PresetView(BaseModel):
    token: str
    name: str


class PresetList(BaseModel):
    items: list[PresetView]


class KeepPreset(BaseModel):
    name: str = Field(min_length=1, max_length=64)
    token: str | None = Field(None, min_length=1, max_length=TOKEN_LIMIT, description="Of the preset to change.")


@router.get("/cameras/{camera_id}/ptz/control")
def read_control(camera_id: RowId, principal: PtzController, context: Context) -> ControlView:
    return _view(context.steering.holder(camera_id, principal.scope), principal)


@router.post("/cameras/{camera_id}/ptz/control")
def take_control(camera_id: RowId, body: TakeControl, principal: PtzController, context: Context) -> ControlView:
    """Also from a lower role, whose movement is stopped; 409 with `holder` where the same or a higher one has it."""
    found = context.steering.take(camera_id, principal.scope, _who(principal), body.lease_s)
    return _view(found, principal)


@router.delete("/cameras/{camera_id}/ptz/control", status_code=204, response_class=Response)
def release_control(camera_id: RowId, principal: PtzController, context: Context) -> None:
    context.steering.release(camera_id, principal.scope, principal.username)


@router.post("/cameras/{camera_id}/ptz/move", status_code=204, response_class=Response)
def move_camera(camera_id: RowId, body: Move, principal: PtzController, context: Context) -> None:
    """Takes control where nobody has it, and renews one's own; so do the other commands."""
    context.steering.move(camera_id, principal.scope, _who(principal), body.pan, body.tilt, body.zoom, body.timeout_s)


@router.post("/cameras/{camera_id}/ptz/stop", status_code=204, response_class=Response)
def stop_camera(camera_id: RowId, principal: PtzController, context: Context) -> None:
    context.steering.stop(camera_id, principal.scope, _who(principal))


@router.post("/cameras/{camera_id}/ptz/home", status_code=204, response_class=Response)
def send_camera_home(camera_id: RowId, principal: PtzController, context: Context) -> None:
    context.steering.go_home(camera_id, principal.scope, _who(principal))


@router.get("/cameras/{camera_id}/ptz/presets")
def list_presets(camera_id: RowId, principal: PtzController, context: Context) -> PresetList:
    """As the device keeps them, at most a thousand."""
    found = context.steering.presets(camera_id, principal.scope)
    return PresetList(items=[PresetView(token=preset.token, name=preset.name) for preset in found])


@router.put("/cameras/{camera_id}/ptz/presets")
def keep_preset(camera_id: RowId, body: KeepPreset, principal: PtzController, context: Context) -> PresetView:
    """Where the camera looks now, under a name; audited."""
    kept = context.steering.keep_preset(
        camera_id, principal.scope, _who(principal), body.name, body.token, AuditAction.API_PRESET_CHANGE
    )
    return PresetView(token=kept.token, name=kept.name)


@router.delete("/cameras/{camera_id}/ptz/presets/{token}", status_code=204, response_class=Response)
def remove_preset(camera_id: RowId, token: Token, principal: PtzController, context: Context) -> None:
    """Audited."""
    action = AuditAction.API_PRESET_CHANGE
    context.steering.remove_preset(camera_id, principal.scope, _who(principal), token, action)


@router.post("/cameras/{camera_id}/ptz/presets/{token}/go", status_code=204, response_class=Response)
def go_to_preset(camera_id: RowId, token: Token, principal: PtzController, context: Context) -> None:
    context.steering.go_to_preset(camera_id, principal.scope, _who(principal), token)


def returning_home(context: ApiContext) -> AbstractAsyncContextManager[None]:
    """Send cameras home that were left elsewhere, as long as the API runs."""
    idle_s = context.settings.devices.ptz_home_after_s
    if not idle_s:
        return nullcontext()
    return repeating(lambda: context.steering.return_idle(idle_s), RETURN_PAUSE_S, "ptz_return_failed")


def _who(principal: Principal) -> Who:
    """The highest of the person's roles that reaches the camera."""

    def steerer(session: Session, camera: Camera) -> Steerer:
        above = {center.id for center in centers.path(session, camera.center_id)}
        roles = [grant.role for grant in principal.grants if grant.center_id in above]
        held = [_PRIORITIES[role] for role in roles if role in _PRIORITIES]
        return Steerer(principal.username, max(held, default=Priority.OPERATOR))

    return steerer


def _view(found: Control | None, principal: Principal) -> ControlView:
    if found is None:
        return ControlView(holder=None, is_mine=False, since_us=None, expires_us=None)
    return ControlView(
        holder=found.holder,
        is_mine=found.holder == principal.username,
        since_us=found.since_us,
        expires_us=found.expires_us,
    )

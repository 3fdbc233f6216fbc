"""`/password-rotations`: new passwords for many devices, in stages, turned behind the API.

No answer carries a password, and none is taken: they are made here. docs/design/0017-camera-credentials.md says what
may happen at each device.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from control_center.identity.principal import Principal
from control_center.web_api.context import ApiContext, Context, Registrar
from control_center.web_api.guard import Body
from control_center.web_api.media import Id
from device_registry import centers
from device_registry.rotation import passwords, planning, report
from device_registry.rotation.ledger import Ledger
from device_registry.rotation.models import DeviceState, PasswordRotation
from device_registry.rotation.planning import Plan, Reason
from device_registry.rotation.running import Run, resumed
from device_registry.rotation.waves import Ended, Stages
from foundation.audit import AuditAction
from foundation.database import reading
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.scope import Scope

router = APIRouter(tags=["password rotations"])

MOST_CAMERAS: Final = 5_000
BODIES: Final = {"/password-rotations/preview": Body(512 << 10), "/password-rotations": Body(512 << 10)}
_Failures = Annotated[int, Field(ge=0, le=1000, description="More devices than these that fail end the run.")]
_Wave = Annotated[int, Field(ge=1, le=1000, description="Devices of each stage.")]


class RotationChoice(BaseModel):
    """Cameras by their center, with those below it, or one by one. All cameras of a device go together."""

    center_id: Id | None = None
    camera_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_CAMERAS)] | None = None
    in_clear: bool = Field(False, description="Also devices that are asked over http, where it can be read.")


class NewRotation(RotationChoice):
    canary: int = Field(3, ge=0, le=1000, description="Devices that go first; one that fails ends the run.")
    wave: _Wave = 20
    max_failures: _Failures = 3


class Resumption(BaseModel):
    wave: _Wave = 20
    max_failures: _Failures = 3


class DeviceInPlan(BaseModel):
    device: str
    username: str
    cameras: list[str] = Field(description="Codes.")
    in_clear: bool = Field(description="Its new password goes to it as plain text.")


class DeviceLeftOut(BaseModel):
    place: str = Field(description="Code of a camera, or address of a device.")
    reason: Reason
    what: str
    mend: str


class RotationPreview(BaseModel):
    devices: list[DeviceInPlan]
    left_out: list[DeviceLeftOut]


class DeviceInRotation(BaseModel):
    rotation_id: str
    device: str
    username: str
    cameras: list[str] = Field(description="Codes.")
    camera_ids: list[str]
    state: DeviceState
    cause: str | None
    changed_us: int


class RotationStatus(BaseModel):
    """The newest rotation, and devices that earlier ones have not settled."""

    running: bool = Field(description="On this machine, also at the command line.")
    stopping: bool
    ended: Ended | None = Field(description="Why the newest run ended before all devices had their turn, if known.")
    id: str | None
    started_us: int | None
    started_by: str | None
    devices: list[DeviceInRotation]


@router.post("/password-rotations/preview")
async def preview_rotation(body: RotationChoice, principal: Registrar, context: Context) -> RotationPreview:
    """Which devices would get a new password, and which would not and why. None is asked, nothing is changed."""
    with context.rotation_previews.taken(principal.session_id):
        return await context.rotation_previews.thread(lambda: _preview(_planned(context, principal, body)))


@router.post("/password-rotations", status_code=202)
def start_rotation(body: NewRotation, principal: Registrar, context: Context) -> RotationStatus:
    """It goes on behind this, whoever asks how far it is; each device is audited. 409 while another runs here."""
    ledger = _ledger(context, principal)

    def begin() -> None:
        devices = _planned(context, principal, body).devices
        if not devices:
            raise InvalidInput(
                "none of these cameras has a device that can get a new password.", mend="The preview says why."
            )
        ledger.begin(devices, [passwords.generate() for _ in devices])

    stages = Stages(body.canary, body.wave, body.max_failures)
    run = Run(ledger, context.settings.devices.networks, context.clock)
    context.rotations.start(run, principal.scope, begin, lambda: run(ledger.devices("waiting"), stages))
    return _status(context, principal)


@router.post("/password-rotations/resume", status_code=202)
def resume_rotation(body: Resumption, principal: Registrar, context: Context) -> RotationStatus:
    """Learn what opens the devices that were begun, then turn those that wait. 409 while a rotation runs here, or where
    nothing is left to do."""
    ledger = _ledger(context, principal)

    def check() -> None:
        if not ledger.devices("pending", "unknown", "waiting"):
            raise Conflict("no device waits for its turn.", mend="Begin a rotation.")

    run = Run(ledger, context.settings.devices.networks, context.clock)
    stages = Stages(0, body.wave, body.max_failures)
    context.rotations.start(run, principal.scope, check, partial(resumed, ledger, run, stages))
    return _status(context, principal)


@router.post("/password-rotations/stop", status_code=202)
def stop_rotation(principal: Registrar, context: Context) -> RotationStatus:
    """Devices that are in the middle come to their end, no other begins. 409 where there is none to stop."""
    context.rotations.stop(principal.scope)
    return _status(context, principal)


@router.get("/password-rotations")
def read_rotation(principal: Registrar, context: Context) -> RotationStatus:
    return _status(context, principal)


@asynccontextmanager
async def ending_with(context: ApiContext) -> AsyncIterator[None]:
    """A rotation does not outlive the block."""
    try:
        yield
    finally:
        await to_thread.run_sync(context.rotations.close)


def _looked_after(session: Session, context: ApiContext) -> Scope:
    return centers.descendants(session, context.origin.center_id)


def _ledger(context: ApiContext, principal: Principal) -> Ledger:
    with reading(context.stores.core) as session:
        scope = _looked_after(session, context)
    return Ledger(
        context.stores.core,
        context.keyring,
        context.clock,
        scope,
        origin=Origin(principal.center_id, context.origin.node),
        actor=principal.username,
        action=AuditAction.API_CREDENTIAL_ROTATE,
        reach=principal.scope,
    )


def _planned(context: ApiContext, principal: Principal, choice: RotationChoice) -> Plan:
    if (choice.center_id is None) is (choice.camera_ids is None):
        raise InvalidInput("name a center or cameras, and not both.", where="center_id, camera_ids")
    with reading(context.stores.core) as session:
        return planning.plan(
            session,
            context.keyring,
            _looked_after(session, context),
            reach=principal.scope,
            within=_center(session, principal, choice.center_id),
            ids=choice.camera_ids,
            in_clear=choice.in_clear,
        )


def _center(session: Session, principal: Principal, center_id: str | None) -> Scope | None:
    if center_id is None:
        return None
    if center_id not in principal.scope:
        raise NotFound("there is no such center here.", where="center_id", mend="Name one of the centers that you see.")
    return centers.descendants(session, center_id)


def _preview(plan: Plan) -> RotationPreview:
    return RotationPreview(
        devices=[
            DeviceInPlan(
                device=one.url,
                username=one.username,
                cameras=[camera.code for camera in one.cameras],
                in_clear=one.tells_in_clear,
            )
            for one in plan.devices
        ],
        left_out=[
            DeviceLeftOut(place=one.place, reason=one.reason, what=one.what, mend=one.mend) for one in plan.left_out
        ],
    )


def _status(context: ApiContext, principal: Principal) -> RotationStatus:
    standing = context.rotations.standing(principal.scope)
    with reading(context.stores.core) as session:
        newest = report.newest(session, principal.scope)
        rotation = session.get(PasswordRotation, newest) if newest else None
        devices = report.devices(session, principal.scope, newest) if newest else []
        return RotationStatus(
            running=standing.running,
            stopping=standing.stopping,
            ended=standing.ended,
            id=newest,
            started_us=rotation.started_us if rotation else None,
            started_by=rotation.started_by if rotation else None,
            devices=[
                DeviceInRotation(
                    rotation_id=one.rotation,
                    device=one.device,
                    username=one.username,
                    cameras=list(one.cameras),
                    camera_ids=list(one.camera_ids),
                    state=one.state,
                    cause=one.cause,
                    changed_us=one.changed_us,
                )
                for one in devices
            ],
        )

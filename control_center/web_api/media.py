"""`/media-tickets` and `/clip-tickets`: leave to see pictures, handed to the media server by the browser itself.

The media server has no database, so that the leave is decided and audited here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.alerts import directory
from control_center.alerts.models import Alert
from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.context import ApiContext, Context, Player, Watcher
from control_center.web_api.headers import live_origin
from control_center.web_api.why import Why
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import transaction
from foundation.errors import NotFound
from foundation.identifiers import Origin
from ingest.live import tickets
from ingest.live.leaves import ClipLeave, Holder, Leave, clip_leave, live_leave

router = APIRouter(tags=["media"])
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Time = Annotated[int, Field(ge=0, lt=1 << 59, description="Microseconds since 1970, UTC.")]


class MediaTicket(BaseModel):
    ticket: str = Field(description="To hand in at `session_url`, once.")
    session_url: str
    live_url: str
    clip_url: str
    expires_us: int = Field(description="The ticket is good until then, UTC microseconds.")


class WantedClip(Why):
    """At most 24 hours. Reason and case number where the policy asks for them: not for an alert's own pictures."""

    camera_id: Id
    stream: Literal["main", "sub", "audio"] = "main"
    start_us: Time
    end_us: Time
    alert_id: Id | None = None


def _asked_us(context: Context) -> int:
    return context.clock.now_us()


# Taken before the caller's rights are looked up: whoever loses them meanwhile is told to the media server with a later
# time, and the leave is over when it gets there.
AskedUs = Annotated[int, Depends(_asked_us)]


@router.post("/media-tickets")
def leave_to_watch(asked_us: AskedUs, principal: Watcher, context: Context, request: Request) -> MediaTicket:
    """Live pictures of all cameras in the caller's scope."""
    with transaction(context.stores.core) as session:
        cameras = session.scalars(select(Camera.id).where(principal.scope.covers(Camera.center_id))).all()
        leave = live_leave(
            context.clock, _holder(principal), cameras, issued_us=asked_us, until_us=principal.rights_until_us
        )
        audit.record(
            session,
            AuditAction.API_LIVE_LEAVE,
            origin=principal.origin,
            actor=principal.username,
            subject=principal.center_id,
            detail={"cameras": len(cameras), "ticket": leave.id, "session": principal.session_id},
            clock=context.clock,
        )
    return _ticket(context, request, leave)


@router.post("/clip-tickets")
def leave_to_play(
    asked_us: AskedUs, body: WantedClip, principal: Player, context: Context, request: Request
) -> MediaTicket:
    """What one stream of one camera recorded within a window."""
    with transaction(context.stores.core) as session:
        camera = session.scalar(
            select(Camera).where(Camera.id == body.camera_id, principal.scope.covers(Camera.center_id))
        )
        if camera is None:
            raise NotFound("there is no such camera here.", where=f"camera {body.camera_id}")
        purpose = _purpose(session, context, principal, body)
        leave = _clip_leave(context, principal, body, asked_us)
        _audit_clip(session, context, principal, camera, leave, purpose)
    return _ticket(context, request, leave)


def _purpose(session: Session, context: ApiContext, principal: Principal, body: WantedClip) -> Purpose:
    """Why the caller looks: for the alert, whose clip it is; else what they say, as the policy asks."""
    settings = context.settings.audit
    if body.alert_id is not None:
        alert = directory.find(session, principal.scope_of(Right.READ), body.alert_id)
        if _is_its_clip(alert, body):
            settings = settings.model_copy(update={"reason_for": [], "case_for": []})
    return access_policy.check("footage", body.reason, body.case_number, settings)


def _is_its_clip(alert: Alert, body: WantedClip) -> bool:
    start_us, end_us = alert.clip_start_us, alert.clip_end_us
    if start_us is None or end_us is None or alert.camera_id != body.camera_id or body.stream == "audio":
        return False
    return start_us <= body.start_us < body.end_us <= end_us


def _clip_leave(context: ApiContext, principal: Principal, body: WantedClip, asked_us: int) -> ClipLeave:
    """Good until the console would lock by itself if nobody touched it from now on."""
    return clip_leave(
        context.clock,
        _holder(principal),
        body.camera_id,
        body.stream,
        body.start_us,
        body.end_us,
        alert_id=body.alert_id,
        issued_us=asked_us,
        until_us=min(principal.rights_until_us, asked_us + context.entrance.rules.lock_after_us),
    )


def _audit_clip(
    session: Session, context: ApiContext, principal: Principal, camera: Camera, leave: ClipLeave, purpose: Purpose
) -> None:
    audit.record(
        session,
        AuditAction.API_CLIP_LEAVE,
        origin=Origin(camera.center_id, context.origin.node),
        actor=principal.username,
        subject=camera.id,
        detail={
            "camera_id": camera.id,
            "stream": leave.stream,
            "from_us": leave.start_us,
            "to_us": leave.end_us,
            "ticket": leave.id,
            "alert_id": leave.alert_id,
            "session": principal.session_id,
        },
        reason=purpose.reason,
        case_number=purpose.case_number,
        clock=context.clock,
    )


def _holder(principal: Principal) -> Holder:
    return Holder(principal.username, principal.account_id, principal.session_id)


def _ticket(context: ApiContext, request: Request, leave: Leave) -> MediaTicket:
    origin = live_origin(request, context.settings.live)
    return MediaTicket(
        ticket=tickets.issue(context.keyring, leave),
        session_url=f"{origin}/media/session",
        live_url=f"{origin.replace('http', 'ws', 1)}/media/live",
        clip_url=f"{origin}/media/clips",
        expires_us=leave.issued_us + tickets.TICKET_LIFE_US,
    )

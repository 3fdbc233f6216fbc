"""`/media-tickets`: leave to see pictures, handed to the media server by the browser itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select

from control_center.web_api.context import Context, Watcher
from control_center.web_api.headers import live_origin
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import transaction
from ingest.live import tickets

router = APIRouter(tags=["media"])


@router.post("/media-tickets")
def issue(principal: Watcher, context: Context, request: Request) -> dict[str, Any]:
    """For all cameras in the caller's scope. The media server has no database: the leave is audited here."""
    now_us = context.clock.now_us()
    with transaction(context.stores.core) as session:
        cameras = session.scalars(select(Camera.id).where(principal.scope.covers(Camera.center_id))).all()
        audit.record(
            session,
            AuditAction.API_FOOTAGE_READ,
            origin=principal.origin,
            actor=principal.username,
            subject=principal.center_id,
            detail={"cameras": len(cameras)},
            clock=context.clock,
        )
    ticket = tickets.issue(
        context.keyring,
        context.clock,
        principal.username,
        cameras,
        session_expires_us=principal.rights_until_us,
    )
    origin = live_origin(request, context.settings.live)
    return {
        "ticket": ticket,
        "session_url": f"{origin}/media/session",
        "live_url": f"{origin.replace('http', 'ws', 1)}/media/live",
        "clip_url": f"{origin}/media/clips",
        "expires_us": now_us + tickets.TICKET_LIFE_US,
    }

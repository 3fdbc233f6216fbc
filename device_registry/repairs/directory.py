"""Repair tickets as the API and the command line show them. Every query names the centers it may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from device_registry.models import Camera, Center
from device_registry.repairs.models import RUNNING, RepairPicture, RepairStep, RepairTicket
from foundation.errors import NotFound
from foundation.scope import Scope


def page(
    session: Session,
    scope: Scope,
    *,
    running: bool | None = None,
    camera_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Newest first, and the cursor of the next page; `running`: only those that are, or are not, closed."""
    query = _listed().where(scope.covers(RepairTicket.center_id))
    if running is not None:
        runs = RepairTicket.state.in_(RUNNING)
        query = query.where(runs if running else ~runs)
    if camera_id is not None:
        query = query.where(RepairTicket.camera_id == camera_id)
    if cursor is not None:
        query = query.where(RepairTicket.id < cursor)
    found = session.execute(query.order_by(RepairTicket.id.desc()).limit(limit + 1)).all()
    shown = [_view(*row) for row in found[:limit]]
    return shown, shown[-1]["id"] if len(found) > limit else None


def view(session: Session, scope: Scope, ticket_id: str) -> dict[str, Any]:
    """One ticket with its steps and what is told of its pictures."""
    session.flush()
    found = session.execute(
        _listed().where(RepairTicket.id == ticket_id, scope.covers(RepairTicket.center_id))
    ).one_or_none()
    if found is None:
        raise NotFound("there is no such repair ticket here.", where=f"ticket {ticket_id}")
    steps = session.scalars(select(RepairStep).where(RepairStep.ticket_id == ticket_id).order_by(RepairStep.number))
    pictures = session.scalars(
        select(RepairPicture)
        .where(RepairPicture.ticket_id == ticket_id)
        .order_by(RepairPicture.added_us, RepairPicture.id)
        .options(defer(RepairPicture.content))
    )
    return _view(*found) | {
        "steps": [{name: getattr(one, name) for name in ("at_us", "actor", "step", "text")} for one in steps],
        "pictures": [
            {name: getattr(one, name) for name in ("id", "kind", "media_type", "sha256", "added_us", "added_by")}
            for one in pictures
        ],
    }


def picture(session: Session, scope: Scope, ticket_id: str, picture_id: str) -> RepairPicture:
    query = (
        select(RepairPicture)
        .join(RepairTicket, RepairTicket.id == RepairPicture.ticket_id)
        .where(RepairPicture.id == picture_id, RepairTicket.id == ticket_id, scope.covers(RepairTicket.center_id))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound("there is no such picture here.", where=f"picture {picture_id}")
    return found


def _listed() -> Select[RepairTicket, str, str, str]:
    return (
        select(RepairTicket, Camera.name, Camera.code, Center.name)
        .join(Camera, Camera.id == RepairTicket.camera_id)
        .join(Center, Center.id == RepairTicket.center_id)
    )


def _view(ticket: RepairTicket, camera_name: str, camera_code: str, center_name: str) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "version": ticket.version,
        "state": ticket.state,
        "camera": {"id": ticket.camera_id, "code": camera_code, "name": camera_name},
        "center_id": ticket.center_id,
        "center_name": center_name,
        "fault": ticket.fault,
        "assigned_to": ticket.assigned_to,
        "opened_us": ticket.opened_us,
        "closed_us": ticket.closed_us,
        "work": ticket.work,
        "accepted_by": ticket.accepted_by,
    }

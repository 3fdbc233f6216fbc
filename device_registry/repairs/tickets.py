"""What is done with a repair ticket: each step is kept, audited and told in the caller's transaction.

    open → in_work → done | cancelled → (reopened) open

Done asks for what was done, at least one photo, and the signature of who accepted it, by name and as a picture. The
audit trail holds the SHA-256 of each picture, so that one put in its place later would not match.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from device_registry import cameras
from device_registry.models import Camera
from device_registry.repairs.models import RUNNING, PictureKind, RepairPicture, RepairStep, RepairTicket, Step
from device_registry.repairs.pictures import checked
from foundation import audit, outbox
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id
from foundation.scope import Scope

MAX_PICTURES: Final = 8
LONGEST: Final = 2000  # characters of what a person says
_NAME: Final = 200


class Tickets:
    """The steps that one person takes, within their scope. `source` is where they act: api or cli."""

    def __init__(self, session: Session, clock: Clock, scope: Scope, actor: str, action: AuditAction) -> None:
        self._session = session
        self._clock = clock
        self._scope = scope
        self._actor = actor
        self._action = action

    def open(self, camera_id: str, fault: str, assigned_to: str | None = None) -> RepairTicket:
        """Raises `NotFound` for a camera that is not there, `Conflict` if it has a ticket that runs."""
        camera = cameras.get(self._session, camera_id, self._scope, hold=True)
        fault = _said("fault", fault)
        self._refuse_second(camera)
        ticket = RepairTicket(
            id=new_id(self._clock),
            center_id=camera.center_id,
            node=camera.node,
            camera_id=camera.id,
            state="open",
            fault=fault,
            opened_us=self._clock.now_us(),
            version=0,
        )
        self._session.add(ticket)
        self._note(ticket, "opened", fault)
        if assigned_to is not None:
            self.assign(ticket, assigned_to)
        return ticket

    def get(self, ticket_id: str) -> RepairTicket:
        """Held for the transaction, so that two persons cannot take a step at once."""
        query = select(RepairTicket).where(RepairTicket.id == ticket_id, self._scope.covers(RepairTicket.center_id))
        ticket = self._session.scalar(query.with_for_update())
        if ticket is None:
            raise NotFound("there is no such repair ticket here.", where=f"ticket {ticket_id}")
        return ticket

    def assign(self, ticket: RepairTicket, to: str) -> None:
        _require_running(ticket)
        ticket.assigned_to = _said("assigned_to", to, _NAME)
        ticket.state = "in_work"
        self._note(ticket, "assigned", ticket.assigned_to)

    def remark(self, ticket: RepairTicket, text: str) -> None:
        _require_running(ticket)
        self._note(ticket, "noted", _said("text", text))

    def add_picture(self, ticket: RepairTicket, kind: PictureKind, content: bytes) -> RepairPicture:
        """Raises `InvalidInput` for what is no picture, `Conflict` if the ticket is closed or full."""
        _require_running(ticket)
        picture = checked(content)
        rows = select(func.count()).where(RepairPicture.ticket_id == ticket.id)
        if (self._session.scalar(rows) or 0) >= MAX_PICTURES:
            raise Conflict(f"the ticket has {MAX_PICTURES} pictures already.", where=f"ticket {ticket.id}")
        row = RepairPicture(
            id=new_id(self._clock),
            ticket_id=ticket.id,
            kind=kind,
            media_type=picture.media_type,
            sha256=hashlib.sha256(picture.content).hexdigest(),
            content=base64.b64encode(picture.content).decode(),
            added_us=self._clock.now_us(),
            added_by=self._actor,
        )
        self._session.add(row)
        self._note(ticket, "noted", f"{kind} {row.sha256}")
        return row

    def finish(self, ticket: RepairTicket, work: str, accepted_by: str) -> None:
        """Raises `Conflict` while a photo or the signature is missing."""
        _require_running(ticket)
        work, accepted_by = _said("work", work), _said("accepted_by", accepted_by, _NAME)
        kinds = set(self._session.scalars(select(RepairPicture.kind).where(RepairPicture.ticket_id == ticket.id)))
        for kind in ("photo", "signature"):
            if kind not in kinds:
                raise Conflict(f"the ticket has no {kind} yet.", where=f"ticket {ticket.id}", mend="Add it first.")
        ticket.work, ticket.accepted_by = work, accepted_by
        self._close(ticket, "done", f"{work} — {accepted_by}")

    def cancel(self, ticket: RepairTicket, why: str) -> None:
        _require_running(ticket)
        ticket.work = _said("why", why)
        self._close(ticket, "cancelled", ticket.work)

    def reopen(self, ticket: RepairTicket, why: str) -> None:
        if ticket.state in RUNNING:
            raise Conflict("the ticket is not closed.", where=f"ticket {ticket.id}")
        why = _said("why", why)
        self._refuse_second(cameras.get(self._session, ticket.camera_id, self._scope, hold=True))
        ticket.state, ticket.closed_us = "open", None
        self._note(ticket, "reopened", why)

    def _close(self, ticket: RepairTicket, state: Step, text: str) -> None:
        ticket.state = "done" if state == "done" else "cancelled"
        ticket.closed_us = self._clock.now_us()
        self._note(ticket, state, text)

    def _refuse_second(self, camera: Camera) -> None:
        running = select(RepairTicket.id).where(RepairTicket.camera_id == camera.id, RepairTicket.state.in_(RUNNING))
        if (known := self._session.scalar(running)) is not None:
            raise Conflict(
                "this camera has a repair ticket that is not closed.", where=f"ticket {known}", mend="Add to that one."
            )

    def _note(self, ticket: RepairTicket, step: Step, text: str) -> None:
        ticket.version += 1
        self._session.flush()
        number = (self._session.scalar(_newest.where(RepairStep.ticket_id == ticket.id)) or 0) + 1
        self._session.add(
            RepairStep(
                id=new_id(self._clock),
                ticket_id=ticket.id,
                number=number,
                at_us=self._clock.now_us(),
                actor=self._actor,
                step=step,
                text=text,
            )
        )
        self._session.flush()
        audit.record(
            self._session,
            self._action,
            origin=Origin(ticket.center_id, ticket.node),
            actor=self._actor,
            subject=ticket.id,
            detail={"camera_id": ticket.camera_id, "step": step, "text": text},
            clock=self._clock,
        )
        body = {"id": ticket.id, "camera_id": ticket.camera_id, "version": ticket.version, "state": ticket.state}
        outbox.append(
            self._session, ticket.center_id, outbox.CONSOLE, outbox.Lane.NORMAL, "repair.changed", body, self._clock
        )


_newest = select(func.max(RepairStep.number))


def _require_running(ticket: RepairTicket) -> None:
    if ticket.state not in RUNNING:
        raise Conflict("the ticket is closed.", where=f"ticket {ticket.id}", mend="Reopen it, or open another.")


def _said(what: str, text: str, longest: int = LONGEST) -> str:
    text = text.strip()
    if not 0 < len(text) <= longest or not text.replace("\n", "").isprintable():
        raise InvalidInput(
            f"this is empty, longer than {longest:,} characters or not printable.", where=what, mend="Mend the text."
        )
    return text

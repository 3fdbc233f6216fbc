"""`/repairs`: tickets for what is broken, with photos and the signature of who accepted the repair."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Final, Literal

import anyio
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from control_center.identity.principal import Principal
from control_center.web_api.conditional import etag, require_match
from control_center.web_api.context import ApiContext, CameraSeer, Context, Registrar, RowId
from control_center.web_api.guard import Body
from control_center.web_api.media import Id
from device_registry.repairs import directory
from device_registry.repairs.models import PictureKind, RepairTicket, State, Step
from device_registry.repairs.pictures import MAX_BYTES
from device_registry.repairs.tickets import Tickets
from foundation.audit import AuditAction
from foundation.database import reading, transaction
from foundation.errors import InvalidInput

router = APIRouter(tags=["repairs"])
_KINDS: Final = ("image/jpeg", "image/png")
# No ticket in the path: the guard knows paths as they stand.
BODIES: Final = {"/repair-pictures": Body(MAX_BYTES, frozenset(_KINDS))}
_PICTURE: Final = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS},
}
_SHOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in _KINDS}, "description": "The picture."}
}
Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=200)]


class RepairedCamera(BaseModel):
    id: str
    code: str
    name: str


class Repair(BaseModel):
    """A repair ticket."""

    id: str
    version: int
    state: State
    camera: RepairedCamera
    center_id: str
    center_name: str
    fault: str
    assigned_to: str | None
    opened_us: int
    closed_us: int | None
    work: str | None = Field(description="What was done, or why nothing was.")
    accepted_by: str | None = Field(description="Who signed for it.")


class RepairStepView(BaseModel):
    at_us: int
    actor: str
    step: Step
    text: str


class RepairPictureView(BaseModel):
    id: str
    kind: PictureKind
    media_type: str
    sha256: str = Field(description="Of the picture; the audit trail has it as well.")
    added_us: int
    added_by: str


class RepairDetail(Repair):
    steps: list[RepairStepView]
    pictures: list[RepairPictureView]


class RepairPage(BaseModel):
    items: list[Repair]
    next_cursor: str | None


class NewRepair(BaseModel):
    camera_id: Id
    fault: Text
    assigned_to: Name | None = None


class RepairChange(BaseModel):
    """One step: `assign` names whom in `text`, `finish` what was done, with `accepted_by`."""

    step: Literal["assign", "note", "finish", "cancel", "reopen"]
    text: Text
    accepted_by: Name | None = None


@router.get("/repairs")
def list_repairs(
    principal: CameraSeer,
    context: Context,
    running: bool | None = None,
    camera_id: Annotated[str | None, Query(max_length=36)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
) -> RepairPage:
    """Newest first."""
    with reading(context.stores.core) as session:
        items, next_cursor = directory.page(
            session, principal.scope, running=running, camera_id=camera_id, limit=limit, cursor=cursor
        )
    return RepairPage(items=[Repair(**one) for one in items], next_cursor=next_cursor)


@router.post("/repairs", status_code=201)
def open_repair(body: NewRepair, principal: Registrar, context: Context, response: Response) -> RepairDetail:
    """409 while the camera has one that is not closed."""
    with transaction(context.stores.core) as session:
        ticket = _tickets(session, context, principal).open(body.camera_id, body.fault, body.assigned_to)
        return _answer(session, principal, ticket.id, response)


@router.get("/repairs/{ticket_id}")
def read_repair(ticket_id: RowId, principal: CameraSeer, context: Context, response: Response) -> RepairDetail:
    with reading(context.stores.core) as session:
        return _answer(session, principal, ticket_id, response)


@router.post("/repairs/{ticket_id}/steps")
def take_step(
    ticket_id: RowId, body: RepairChange, request: Request, principal: Registrar, context: Context, response: Response
) -> RepairDetail:
    """With `If-Match`; 409 when the ticket's state does not allow it, or a photo or the signature is missing."""
    with transaction(context.stores.core) as session:
        tickets = _tickets(session, context, principal)
        ticket = tickets.get(ticket_id)
        require_match(request, ticket.version)
        _take(tickets, ticket, body)
        return _answer(session, principal, ticket_id, response)


def _take(tickets: Tickets, ticket: RepairTicket, body: RepairChange) -> None:
    if body.step == "finish":
        if body.accepted_by is None:
            raise InvalidInput("nobody is named who accepted the repair.", where="accepted_by", mend="Name them.")
        tickets.finish(ticket, body.text, body.accepted_by)
        return
    steps = {"assign": tickets.assign, "note": tickets.remark, "cancel": tickets.cancel, "reopen": tickets.reopen}
    steps[body.step](ticket, body.text)


@router.post("/repair-pictures", status_code=201, openapi_extra={"requestBody": _PICTURE})
async def add_picture(
    request: Request, principal: Registrar, context: Context, response: Response, ticket_id: Id, kind: PictureKind
) -> RepairDetail:
    """A JPEG or PNG of at most 2 MiB as the body. What it tells of place and device is left out."""
    content = await request.body()

    def add() -> RepairDetail:
        with transaction(context.stores.core) as session:
            tickets = _tickets(session, context, principal)
            tickets.add_picture(tickets.get(ticket_id), kind, content)
            return _answer(session, principal, ticket_id, response)

    return await anyio.to_thread.run_sync(add)


@router.get("/repairs/{ticket_id}/pictures/{picture_id}", response_class=Response, responses=_SHOWN)
def read_picture(ticket_id: RowId, picture_id: RowId, principal: CameraSeer, context: Context) -> Response:
    with reading(context.stores.core) as session:
        found = directory.picture(session, principal.scope, ticket_id, picture_id)
        return Response(base64.b64decode(found.content), media_type=found.media_type)


def _tickets(session: Session, context: ApiContext, principal: Principal) -> Tickets:
    return Tickets(session, context.clock, principal.scope, principal.username, AuditAction.API_REPAIR_STEP)


def _answer(session: Session, principal: Principal, ticket_id: str, response: Response) -> RepairDetail:
    found = directory.view(session, principal.scope, ticket_id)
    response.headers["ETag"] = etag(found["version"])
    return RepairDetail(**found)

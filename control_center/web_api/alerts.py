"""`/alerts`: the list, one in full, and its next step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from control_center.alerts import directory, steps
from control_center.alerts.flow import NOTE_LIMIT, Actor, AlertState
from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.alert_views import AlertDetail, AlertPage
from control_center.web_api.context import AskingReader, Context, Decider, Reader
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import transaction
from foundation.identifiers import Origin

router = APIRouter(prefix="/alerts", tags=["alerts"])
_UUID = r"^[0-9a-f-]{36}$"
AlertId = Annotated[str, Path(pattern=_UUID)]


class Transition(BaseModel):
    to: AlertState
    note: str = Field("", max_length=NOTE_LIMIT)
    version: int = Field(ge=1)


@router.get("", response_model=AlertPage)
async def list_alerts(
    asking: AskingReader,
    state: AlertState | None = None,
    kind: Literal["plate_hit", "record_hit"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=_UUID)] = None,
) -> Response:
    """Newest first."""

    def read(principal: Principal, rows: Connection) -> dict[str, object]:
        items, next_cursor = directory.page(
            rows, asking.context.catalogue, principal.scope, state=state, kind=kind, limit=limit, cursor=cursor
        )
        return {"items": items, "next_cursor": next_cursor}

    return await asking.answer(read)


@router.get("/{alert_id}", response_model=AlertDetail)
def read_alert(alert_id: AlertId, principal: Reader, context: Context) -> dict[str, Any]:
    """The reading is audited: it shows what is recorded of a person."""
    with transaction(context.stores.core) as session:
        alert = directory.find(session, principal.scope, alert_id)
        audit.record(
            session,
            AuditAction.API_ALERT_READ,
            origin=Origin(alert.center_id, alert.node),
            actor=principal.username,
            subject=alert.id,
            clock=context.clock,
        )
        return directory.detail(session, context.catalogue, alert)


@router.post("/{alert_id}/transitions", response_model=AlertDetail)
def transition(alert_id: AlertId, body: Transition, principal: Decider, context: Context) -> dict[str, Any]:
    """The next step, from the version that the caller saw; 409 when somebody was faster, or it is not allowed."""
    with transaction(context.stores.core) as session:
        alert = steps.transition(
            session,
            context.catalogue,
            context.clock,
            principal.scope,
            Actor(principal.account_id, principal.username, principal.scope_of(Right.OVERRULE)),
            alert_id,
            to=body.to,
            note=body.note,
            version=body.version,
        )
        return directory.detail(session, context.catalogue, alert)

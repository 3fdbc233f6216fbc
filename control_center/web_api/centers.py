"""`/centers` and `/overview`: the tree the caller sees, and their own center at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from control_center.alerts import directory
from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.answers import Cursor
from control_center.web_api.context import AskingEnterer, Context, Enterer
from device_registry import centers
from device_registry.centers import CenterRow
from device_registry.health.models import CameraHealth
from device_registry.health.verdict import NEVER_CHECKED, State
from device_registry.models import Camera, Center, Level
from device_registry.states import CameraState
from foundation.database import reading
from foundation.errors import InvalidInput
from foundation.paging import cursor_of, keys_of
from foundation.scope import Scope

router = APIRouter(tags=["centers"])


class CenterName(BaseModel):
    id: str
    code: str
    name: str
    level: Level


class CenterView(CenterName):
    parent_id: str | None


class CenterPage(BaseModel):
    items: list[CenterView]
    next_cursor: str | None


class CameraFigures(BaseModel):
    total: int
    recording: int
    health: dict[State, int] = Field(
        description="How many are in each state of health; a state that none has is left out."
    )


class AlertFigures(BaseModel):
    new: int


class HeldFigures(BaseModel):
    """Footage that evidence locks and open alerts hold on the disks of this machine."""

    model_config = ConfigDict(from_attributes=True)

    held_bytes: int
    held_share: float = Field(description="Of the disk that holds most of it, as a share of that disk.")
    held_alarm: bool = Field(description="A disk comes near `recorder.hold_quota`: from 80 % of it on.")
    full_held: bool = Field(description="A disk has no room and nothing but held footage; recording has stopped there.")
    holds_fault: bool = Field(description="A recorder cannot read what is held, and purges nothing.")


class Overview(BaseModel):
    center: CenterName
    cameras: CameraFigures
    alerts: AlertFigures
    storage: HeldFigures | None = Field(description="Null without the right to see cameras, or while nobody reports.")
    version: str
    time_us: int


@router.get("/centers", response_model=CenterPage)
async def list_centers(
    asking: AskingEnterer,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Cursor = None,
) -> Response:
    """The tree that the caller sees, depth first, siblings by code."""

    def read(principal: Principal, rows: Connection) -> dict[str, object]:
        items, next_cursor = _page(centers.tree_rows(rows, principal.scope), limit, cursor)
        return {"items": [_center(row, principal.scope) for row in items], "next_cursor": next_cursor}

    return await asking.answer(read)


@router.get("/overview", response_model=Overview)
def overview(principal: Enterer, context: Context) -> dict[str, Any]:
    """The caller's own center at a glance."""
    with reading(context.stores.core) as session:
        center = session.get_one(Center, principal.center_id)
        cameras = _cameras(session, principal.scope_of(Right.SEE_CAMERAS))
        new = directory.count_new(session, principal.scope_of(Right.READ))
    return {
        "center": {"id": center.id, "code": center.code, "name": center.name, "level": center.level},
        "cameras": cameras,
        "alerts": {"new": new},
        "storage": context.storage.held() if principal.scope_of(Right.SEE_CAMERAS) else None,
        "version": _version(),
        "time_us": context.clock.now_us(),
    }


@cache
def _version() -> str:
    return version("vedette")


def _page(tree: Sequence[CenterRow], limit: int, cursor: str | None) -> tuple[Sequence[CenterRow], str | None]:
    """What follows the center that the cursor names; it may have gone from sight meanwhile."""
    start = 0
    if cursor is not None:
        [last_id] = keys_of(cursor, 1)
        start = 1 + next((n for n, row in enumerate(tree) if row.id == last_id), -2)
        if start < 0:
            raise InvalidInput(
                "the center that the page before ended with is gone.", where="cursor", mend="Begin anew."
            )
    shown = tree[start : start + limit]
    return shown, cursor_of(shown[-1].id) if len(tree) > start + limit else None


def _center(row: CenterRow, scope: Scope) -> dict[str, Any]:
    # What lies above the caller's centers is not theirs to see.
    parent_id = row.parent_id if row.parent_id in scope else None
    return {"id": row.id, "parent_id": parent_id, "code": row.code, "name": row.name, "level": row.level}


def _cameras(session: Session, scope: Scope) -> dict[str, Any]:
    """All cameras in use, those of them that record, and how many have each health."""
    query = select(CameraHealth.state, func.count(), func.count().filter(CameraState.state == "recording"))
    query = query.select_from(Camera).outerjoin(CameraState, CameraState.camera_id == Camera.id)
    query = query.outerjoin(CameraHealth, CameraHealth.camera_id == Camera.id)
    query = query.where(scope.covers(Camera.center_id), Camera.disabled.is_(False)).group_by(CameraHealth.state)
    rows = session.execute(query).all()
    health: Counter[str] = Counter()
    for state, count, _ in rows:
        health[state or NEVER_CHECKED.state] += count
    return {"total": health.total(), "recording": sum(recording for *_, recording in rows), "health": health}

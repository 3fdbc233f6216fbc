"""`/evidence-locks`: footage kept as evidence; and `/cameras/ID/footage`: what of a span is recorded and locked.

A lock is what somebody asked for. Whether the recorders hold it, and what of its span there is at all, stands beside.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.evidence import directory, locks
from control_center.evidence.directory import State
from control_center.evidence.locks import By, Span
from control_center.evidence.models import EvidenceLock
from control_center.evidence.recorded import recorded
from control_center.identity.principal import Principal
from control_center.web_api.conditional import etag, require_match
from control_center.web_api.context import ApiContext, Context, Locker, Player, Releaser, RowId
from control_center.web_api.media import Id, Time
from control_center.web_api.why import Why
from device_registry.models import Camera
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import InvalidInput, NotFound

router = APIRouter(tags=["evidence"])
_DAY_US = 86_400 * US_PER_S


class RecordedSpan(BaseModel):
    """What this center's disks hold of a span, as far as it has been synced to them."""

    bytes: int = Field(description="Of the files of all streams that hold any of it.")
    covered_us: int = Field(description="How much of the span the main stream covers.")
    spans: list[tuple[int, int]] = Field(description="Where it does: start and end, UTC microseconds.")
    is_whole: bool = Field(description="False: a disk did not answer, and there may be more.")


class LockedCamera(BaseModel):
    id: str
    code: str
    name: str


class EvidenceLockView(BaseModel):
    """`requested` until the recorders have confirmed that they free none of it; then `held`."""

    id: str
    version: int
    state: State
    camera: LockedCamera
    center_id: str
    center_name: str
    start_us: int
    end_us: int
    reason: str
    case_number: str | None
    locked_us: int
    locked_by: str
    held_us: int | None = Field(description="When the recorders confirmed the span as it is now.")
    released_us: int | None
    released_by: str | None
    release_reason: str | None
    release_case_number: str | None
    recorded: RecordedSpan | None = Field(description="Null: the footage lies on another machine.")


class EvidenceLockPage(BaseModel):
    items: list[EvidenceLockView]
    next_cursor: str | None


class LockedSpan(BaseModel):
    id: str
    state: State
    start_us: int
    end_us: int


class CameraFootage(BaseModel):
    camera_id: str
    start_us: int
    end_us: int
    recorded: RecordedSpan | None
    locks: list[LockedSpan] = Field(description="Locks in force that touch the span; 200 at most.")


class NewLock(Why):
    camera_id: Id
    start_us: Time
    end_us: Time


class Extension(Why):
    """The wider span."""

    start_us: Time
    end_us: Time


@router.get("/evidence-locks")
def list_locks(
    principal: Player,
    context: Context,
    state: State | Literal["in_force"] | None = None,
    camera_id: Annotated[str | None, Query(max_length=36)] = None,
    case_number: Annotated[str | None, Query(max_length=access_policy.CASE_LIMIT)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
) -> EvidenceLockPage:
    """Newest first."""
    with reading(context.stores.core) as session:
        found, next_cursor = directory.page(
            session,
            principal.scope,
            state=state,
            camera_id=camera_id,
            case_number=case_number,
            limit=limit,
            cursor=cursor,
        )
    return EvidenceLockPage(items=[_shown(context, one) for one in found], next_cursor=next_cursor)


@router.post("/evidence-locks", status_code=201)
def lock_footage(body: NewLock, principal: Locker, context: Context, response: Response) -> EvidenceLockView:
    why = _why(context, body)
    span = Span(body.start_us, body.end_us)
    with transaction(context.stores.core) as session:
        lock_id = locks.place(session, context.clock, principal.scope, _by(principal), body.camera_id, span, why)
        found = directory.view(session, session.get_one(EvidenceLock, lock_id))
    return _answer(context, found, response)


@router.get("/evidence-locks/{lock_id}")
def read_lock(lock_id: RowId, principal: Player, context: Context, response: Response) -> EvidenceLockView:
    with reading(context.stores.core) as session:
        found = directory.view(session, directory.find(session, principal.scope, lock_id))
    return _answer(context, found, response)


@router.patch("/evidence-locks/{lock_id}")
def extend_lock(
    lock_id: RowId, body: Extension, request: Request, principal: Locker, context: Context, response: Response
) -> EvidenceLockView:
    """To a wider span, with `If-Match`. It is `requested` again until the recorders hold all of it."""
    why = _why(context, body)
    with transaction(context.stores.core) as session:
        lock = _matched(session, principal, lock_id, request)
        locks.extend(session, context.clock, lock, _by(principal), Span(body.start_us, body.end_us), why)
        found = directory.view(session, lock)
    return _answer(context, found, response)


@router.post("/evidence-locks/{lock_id}/release")
def release_lock(
    lock_id: RowId, body: Why, request: Request, principal: Releaser, context: Context, response: Response
) -> EvidenceLockView:
    """With `If-Match`. The lock stays on record; its footage is purged as any other."""
    why = _why(context, body)
    with transaction(context.stores.core) as session:
        lock = _matched(session, principal, lock_id, request)
        locks.release(session, context.clock, lock, _by(principal), why)
        found = directory.view(session, lock)
    return _answer(context, found, response)


@router.get("/cameras/{camera_id}/footage")
def camera_footage(
    camera_id: RowId,
    principal: Player,
    context: Context,
    start_us: Annotated[int | None, Query(ge=0, lt=1 << 59)] = None,
    end_us: Annotated[int | None, Query(ge=0, lt=1 << 59)] = None,
) -> CameraFootage:
    """What is recorded and locked within a span of at most 31 days, by default the last day. No picture is shown, so
    that no reason is asked for."""
    end_us = context.clock.now_us() if end_us is None else end_us
    start_us = max(end_us - _DAY_US, 0) if start_us is None else start_us
    if not 0 < end_us - start_us <= locks.LONGEST_US:
        raise InvalidInput(
            "the span is empty, or longer than 31 days.", where="end_us", mend="Ask for a shorter span, in order."
        )
    with reading(context.stores.core) as session:
        query = select(Camera.node).where(Camera.id == camera_id, principal.scope.covers(Camera.center_id))
        node = session.scalar(query)
        if node is None:
            raise NotFound("there is no such camera here.", where=f"camera {camera_id}")
        found, _ = directory.page(
            session, principal.scope, state="in_force", camera_id=camera_id, span=(start_us, end_us), limit=200
        )
    return CameraFootage(
        camera_id=camera_id,
        start_us=start_us,
        end_us=end_us,
        recorded=_recorded(context, node, camera_id, start_us, end_us),
        locks=[LockedSpan(**{name: one[name] for name in LockedSpan.model_fields}) for one in found],
    )


def _why(context: ApiContext, body: Why) -> Purpose:
    settings = context.settings.audit
    settings = settings.model_copy(update={"reason_for": [*settings.reason_for, "evidence"]})
    return access_policy.check("evidence", body.reason, body.case_number, settings)


def _by(principal: Principal) -> By:
    return By(principal.account_id, principal.username)


def _matched(session: Session, principal: Principal, lock_id: str, request: Request) -> EvidenceLock:
    lock = directory.find(session, principal.scope, lock_id, hold=True)
    require_match(request, lock.version)
    return lock


def _answer(context: ApiContext, found: dict[str, Any], response: Response) -> EvidenceLockView:
    response.headers["ETag"] = etag(found["version"])
    return _shown(context, found)


def _shown(context: ApiContext, found: dict[str, Any]) -> EvidenceLockView:
    """Looked up on the disks after the database has answered: a slow disk holds no transaction open."""
    span = (found["camera"]["id"], found["start_us"], found["end_us"])
    return EvidenceLockView(**found, recorded=_recorded(context, found["node"], *span))


def _recorded(context: ApiContext, node: str, camera_id: str, start_us: int, end_us: int) -> RecordedSpan | None:
    if node != context.origin.node:
        return None
    found = recorded(context.settings.footage_disks, camera_id, start_us, end_us)
    return RecordedSpan(bytes=found.size_bytes, covered_us=found.covered_us, spans=found.spans, is_whole=found.is_whole)

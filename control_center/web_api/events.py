"""`GET /events`: server-sent events (HTML standard, 9.2) out of the outbox's console streams, resumable by id."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from time import monotonic

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from control_center.identity.roles import Right
from control_center.web_api.context import ApiContext, Context, Enterer, signed_in
from control_center.web_api.live_events import BATCH
from foundation.errors import NotAuthenticated
from foundation.outbox import OutboxEvent
from foundation.scope import Scope

HEARTBEAT_S = 15.0
RETRY_MS = 2000

router = APIRouter(tags=["events"])


@router.get("/events")
async def events(request: Request, context: Context, principal: Enterer) -> StreamingResponse:
    newest = await context.feed.newest()
    asked = _position(request.headers.get("last-event-id"))
    # A position beyond the newest is from before a restore: there is nothing to resume.
    start = newest if asked is None or asked > newest else asked
    stream = context.feed.follow(principal.account_id, _stream(request, context, principal.scope_of(Right.READ), start))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(request: Request, context: ApiContext, scope: Scope, position: int) -> AsyncGenerator[bytes]:
    yield f"retry: {RETRY_MS}\nid: {position}\n\n".encode()
    newest = await context.feed.newest()
    checked_s = monotonic()
    while not context.feed.closing:
        # By the time that passed, not when nothing happens: in a busy center something always does.
        if monotonic() - checked_s >= HEARTBEAT_S:
            if not await run_in_threadpool(_still_signed_in, request, context):
                return
            checked_s = monotonic()
        found = await context.feed.read(scope, position)
        for event in found:
            position = event.position
            yield encode(event)
        if len(found) == BATCH:
            continue
        position = max(position, newest)  # the rest up to there is not for these consoles
        newest = await context.feed.wait(position, HEARTBEAT_S)
        if newest <= position:
            yield b": alive\n\n"


def encode(event: OutboxEvent) -> bytes:
    data = json.dumps(event.body, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.position}\nevent: {event.kind}\ndata: {data}\n\n".encode()


def _position(last_event_id: str | None) -> int | None:
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit():
        return None
    return int(last_event_id[:19])


def _still_signed_in(request: Request, context: ApiContext) -> bool:
    try:
        signed_in(request, context)
    except NotAuthenticated:
        return False
    return True

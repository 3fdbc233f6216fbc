"""`/events` and `/events/socket`: what changes, as server-sent events (HTML standard, 9.2) and over WebSocket
(RFC 6455).

Both resume by the position of the event that came last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.context import ApiContext, Context, Enterer, recognise
from control_center.web_api.event_ring import RESET
from control_center.web_api.live_events import EventFeed, Follower

HEARTBEAT_S = 15.0
SEND_S = 60.0  # who takes nothing for so long is cut off
RETRY_MS: Final = 2000
SESSION_OVER: Final = 4401  # close code: nobody is signed in any more
GOING_AWAY: Final = 1001

router = APIRouter(tags=["events"])
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="`id` of the event that came last.")]


@router.get("/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def events(request: Request, context: Context, principal: Enterer, last_event_id: LastEventId = None) -> Response:
    """Without an end. `alert.*`, `board.*`, `camera.*` as the caller's rights reach; `feed.reset`: fetch anew what is
    shown, because events may be missing, or what the caller may see has changed."""
    follower, is_whole = await _follower(request, context, principal, last_event_id)
    context.feed.require_room(principal)
    return _EventStream(context.feed, follower, is_whole=is_whole)


@router.websocket("/events/socket")
async def events_socket(
    socket: WebSocket, context: Context, principal: Enterer, last_event_id: Annotated[str | None, Query()] = None
) -> None:
    """The same as messages `{id, event, data}`. Closes with 4401 when the session ends."""
    follower, is_whole = await _follower(socket, context, principal, last_event_id)
    context.feed.require_room(principal)
    await socket.accept()
    with context.feed.following(follower):
        await _first_of(_tell_socket(socket, context.feed, follower, is_whole=is_whole), _until_gone(socket.receive))
        with suppress(RuntimeError, WebSocketDisconnect):  # gone already
            await socket.close(SESSION_OVER if follower.over else GOING_AWAY)


async def _follower(
    connection: HTTPConnection, context: ApiContext, principal: Principal, last_event_id: str | None
) -> tuple[Follower, bool]:
    position, is_whole = await context.feed.start_at(_position(last_event_id))

    def again() -> Principal:
        found = recognise(connection, context)
        found.require(Right.ENTER)
        return found

    return Follower(principal, again, position), is_whole


class _EventStream(Response):
    """Sends at the pace at which its consumer takes; ends when that one goes, or the session does."""

    def __init__(self, feed: EventFeed, follower: Follower, *, is_whole: bool) -> None:
        super().__init__(media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._feed = feed
        self._follower = follower
        self._is_whole = is_whole

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        with self._feed.following(self._follower):
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await _first_of(self._tell(send), _until_gone(receive))
            with suppress(OSError):
                await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        async def put(text: bytes) -> None:
            async with asyncio.timeout(SEND_S):
                await send({"type": "http.response.body", "body": text, "more_body": True})

        follower = self._follower
        await put(f"retry: {RETRY_MS}\nid: {follower.position}\n\n".encode())
        if not self._is_whole:
            await put(_sse_reset(follower))
        while not self._feed.closing and not follower.over:
            batch = await self._feed.next(follower, HEARTBEAT_S)
            if follower.has_new_sight:
                follower.has_new_sight = False
                await put(_sse_reset(follower))
            elif not follower.over and not self._feed.closing:
                await put(batch.sse or b": alive\n\n")


async def _tell_socket(socket: WebSocket, feed: EventFeed, follower: Follower, *, is_whole: bool) -> None:
    async def put(text: str) -> None:
        async with asyncio.timeout(SEND_S):
            await socket.send_text(text)

    if not is_whole:
        await put(_socket_reset(follower))
    while not feed.closing and not follower.over:
        batch = await feed.next(follower, HEARTBEAT_S)
        if follower.has_new_sight:
            follower.has_new_sight = False
            await put(_socket_reset(follower))
        for event in batch.events:
            await put(event.text)


def _sse_reset(follower: Follower) -> bytes:
    return f"id: {follower.position}\nevent: {RESET}\ndata: {{}}\n\n".encode()


def _socket_reset(follower: Follower) -> str:
    return f'{{"id":"{follower.position}","event":"{RESET}","data":{{}}}}'


async def _first_of(*steps: Awaitable[None]) -> None:
    """Until one of them is done; the others are cancelled. A connection that broke is an end like any other."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        with suppress(OSError, TimeoutError, RuntimeError, WebSocketDisconnect):
            task.result()


async def _until_gone(receive: Callable[[], Awaitable[object]]) -> None:
    """A follower has nothing to say; what it sends is dropped."""
    while not str((await receive())["type"]).endswith("disconnect"):  # type: ignore[index]
        pass


def _position(last_event_id: str | None) -> int | None:
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit():
        return None
    return int(last_event_id[:18])

"""The media server's routes: a session for a ticket, live pictures over WebSocket, clips over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from foundation.clock import US_PER_S, Clock
from foundation.errors import NotFound, VedetteError
from foundation.keyring import Keyring
from foundation.metrics import counter, gauge
from foundation.settings import Settings
from ingest.live.channel import Channels
from ingest.live.clips import ClipKey, ClipShelf, clip_response
from ingest.live.ended_watch import EndedWatch
from ingest.live.gate import OriginGate
from ingest.live.leaves import ClipLeave, LiveLeave
from ingest.live.media_sessions import COOKIE, MediaSessions, Viewing
from ingest.live.noting import Notes
from ingest.live.problems import problem
from ingest.live.read_spool import ReadSpool
from ingest.live.requests import TicketDesk, time_of
from ingest.live.tap_directory import TapDirectory
from ingest.live.tickets import TicketOffice
from ingest.live.viewer import Viewer
from ingest.live.while_allowed import WhileAllowed, first_of
from ingest.playback import clip
from ingest.tap import StreamKey

_LOOK_S: Final = 0.5  # how often it is asked whose sessions have ended
_TEND_S: Final = 1.0
_POLICY_VIOLATION: Final = 1008
_FAREWELL_S: Final = 2.0

_viewers = gauge("vedette_live_viewers", "Viewers of live pictures now.")
_skips = counter("vedette_live_skips_total", "Times that a slow viewer was moved on to a keyframe.")
_clips = counter("vedette_live_clips_total", "Answers with a clip or a part of one.")
_log = structlog.get_logger()


def create_app(settings: Settings, keyring: Keyring, clock: Clock) -> Starlette:
    server = MediaServer(settings, keyring, clock)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with server.running():
            yield

    return Starlette(
        routes=[
            Route("/media/session", server.open_session, methods=["POST"]),
            Route("/media/clips/{camera_id}/{stream}.mp4", server.serve_clip, methods=["GET", "HEAD"]),
            WebSocketRoute("/media/live/{camera_id}/{stream}", server.serve_live),
        ],
        middleware=[Middleware(OriginGate, console=settings.api)],
        exception_handlers={VedetteError: _answer_error, HTTPException: _answer_http_error},
        lifespan=lifespan,
    )


class MediaServer:
    def __init__(self, settings: Settings, keyring: Keyring, clock: Clock) -> None:
        self._clock = clock
        self._is_behind_tls = (settings.live.public_url or "").startswith("https:")
        self._desk = TicketDesk()
        self._tickets = TicketOffice(keyring, clock)
        self._ended = EndedWatch(settings.run_dir, clock)
        self._sessions = MediaSessions(clock, self._ended.is_over)
        self._spool = ReadSpool(settings.run_dir, clock)
        self._notes = Notes(self._spool, clock)
        self._channels = Channels(TapDirectory(settings.run_dir).find)
        disks = settings.footage_disks
        self._clips = ClipShelf(lambda key: clip(disks, key.camera_id, key.stream, key.start_us, key.end_us))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        # Apart from each other: a disk that hangs holds up the spool, and nobody's end.
        tasks = [
            asyncio.create_task(_again_and_again(self._end_what_is_over, _LOOK_S)),
            asyncio.create_task(_again_and_again(self._spool.tend, _TEND_S)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._spool.close()

    async def _end_what_is_over(self) -> None:
        self._ended.refresh()
        self._sessions.sweep()

    async def open_session(self, request: Request) -> Response:
        ticket = await self._desk.ticket_of(request)
        self._ended.refresh()
        leave = self._tickets.redeem(ticket)
        cookie, expires_us = self._sessions.admit(request.cookies, leave)
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=max(0, (expires_us - self._clock.now_us()) // US_PER_S),
            path="/media",
            secure=self._is_behind_tls or request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        _log.info("media_leave_taken", account=leave.holder.account, leave=leave.id, kind=type(leave).__name__)
        return response

    async def serve_clip(self, request: Request) -> ASGIApp:
        self._ended.refresh()
        camera_id, stream = request.path_params["camera_id"], request.path_params["stream"]
        start_us, end_us = time_of(request, "start_us"), time_of(request, "end_us")
        session, leave = self._sessions.clip_leave(request.cookies, camera_id, stream, start_us, end_us)
        with ExitStack() as shown:
            # Counted from here on, for finding the clip is work as well.
            viewing = shown.enter_context(self._sessions.showing(session, leave, camera_id))
            response = await self._clip_response(request, leave, start_us, end_us)
            return WhileAllowed(response, viewing, shown.pop_all())

    async def _clip_response(self, request: Request, leave: ClipLeave, start_us: int, end_us: int) -> Response:
        account, camera_id, stream = leave.holder.account, leave.camera_id, leave.stream
        range_header, head_only = request.headers.get("range"), request.method == "HEAD"
        key = ClipKey(leave.holder.account_id, camera_id, stream, start_us, end_us)
        found = await self._clips.get(key, range_header)
        _clips.inc()
        _log.info("clip_served", account=account, camera_id=camera_id, stream=stream, start_us=start_us)
        if not head_only:
            await self._notes.clip_played(leave, start_us, end_us)
        return clip_response(found, range_header, request.headers.get("if-range"), head_only=head_only)

    async def serve_live(self, socket: WebSocket) -> None:
        key: StreamKey = (socket.path_params["camera_id"], socket.path_params["stream"])
        with ExitStack() as shown:
            try:
                leave, viewing = self._begin_live(socket, key, shown)
            except VedetteError as error:
                await socket.send_denial_response(problem(error))
                return
            await socket.accept()
            begun = await self._notes.live_begins(leave, key)
            try:
                await self._show(socket, key, viewing)
            finally:
                self._notes.live_ended(begun)

    def _begin_live(self, socket: WebSocket, key: StreamKey, shown: ExitStack) -> tuple[LiveLeave, Viewing]:
        self._ended.refresh()
        session, leave = self._sessions.live_leave(socket.cookies, key[0])
        if not self._channels.is_known(key):
            raise NotFound("this stream is not recorded here.", where=f"camera {key[0]}")
        return leave, shown.enter_context(self._sessions.showing(session, leave, key[0]))

    async def _show(self, socket: WebSocket, key: StreamKey, viewing: Viewing) -> None:
        """Until the viewer goes or the leave is over."""
        account = viewing.leave.holder.account
        viewer = self._channels.join(key)
        _viewers.inc()
        _log.info("viewer_joined", account=account, camera_id=key[0], stream=key[1])
        try:
            await first_of(_send(socket, viewer), _until_gone(socket), viewing.over.wait())
            if viewing.over.is_set():
                with suppress(TimeoutError):  # who does not read does not hear of it either
                    await asyncio.wait_for(socket.close(_POLICY_VIOLATION, "the leave to watch is over"), _FAREWELL_S)
        finally:
            _viewers.dec()
            _skips.inc(viewer.skips)
            await self._channels.leave(key, viewer)
            _log.info("viewer_left", account=account, camera_id=key[0], stream=key[1], skips=viewer.skips)


async def _again_and_again(step: Callable[[], Awaitable[None]], pause_s: float) -> None:
    while True:
        try:
            await step()
        except Exception:  # noqa: BLE001 - a fault once must not end what ends the viewings of others
            _log.exception("media_step_failed")
        await asyncio.sleep(pause_s)


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        message = await viewer.next()
        if isinstance(message, str):
            await socket.send_text(message)
        else:
            await socket.send_bytes(message)


async def _until_gone(socket: WebSocket) -> None:
    """A viewer has nothing to say; what it sends is read, so that its closing is seen, and dropped."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, VedetteError)
    return problem(error)


async def _answer_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(VedetteError(f"{error.detail}."), error.status_code)

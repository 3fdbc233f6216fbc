"""The media server's routes: a session for a ticket, live pictures over WebSocket, clips over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput, NotFound, VedetteError
from foundation.keyring import Keyring
from foundation.metrics import counter, gauge
from foundation.settings import Settings
from ingest.live.channel import Channels
from ingest.live.clips import ClipKey, ClipShelf, clip_response
from ingest.live.gate import OriginGate
from ingest.live.media_sessions import COOKIE, MediaSessions
from ingest.live.problems import problem
from ingest.live.tap_directory import TapDirectory
from ingest.live.tickets import Grant, TicketOffice
from ingest.live.viewer import Viewer
from ingest.playback import clip
from ingest.tap import StreamKey

_MAX_TICKET_BYTES: Final = 4 << 20  # names each camera of the scope
_POLICY_VIOLATION: Final = 1008
_GOING_AWAY: Final = 1001

_viewers = gauge("vedette_live_viewers", "Viewers of live pictures now.")
_skips = counter("vedette_live_skips_total", "Times that a slow viewer was moved on to a keyframe.")
_clips = counter("vedette_live_clips_total", "Answers with a clip or a part of one.")
_log = structlog.get_logger()


def create_app(settings: Settings, keyring: Keyring, clock: Clock) -> Starlette:
    server = MediaServer(settings, keyring, clock)
    return Starlette(
        routes=[
            Route("/media/session", server.open_session, methods=["POST"]),
            Route("/media/clips/{camera_id}/{stream}.mp4", server.serve_clip, methods=["GET", "HEAD"]),
            WebSocketRoute("/media/live/{camera_id}/{stream}", server.serve_live),
        ],
        middleware=[Middleware(OriginGate, console=settings.api)],
        exception_handlers={VedetteError: _answer_error, HTTPException: _answer_http_error},
    )


class MediaServer:
    def __init__(self, settings: Settings, keyring: Keyring, clock: Clock) -> None:
        self._clock = clock
        self._tickets = TicketOffice(keyring, clock)
        self._sessions = MediaSessions(clock)
        self._channels = Channels(TapDirectory(settings.run_dir).find)
        disks = settings.footage_disks
        self._clips = ClipShelf(lambda key: clip(disks, key.camera_id, key.stream, key.start_us, key.end_us))

    async def open_session(self, request: Request) -> Response:
        grant = self._tickets.redeem(await _ticket(request))
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            self._sessions.open(grant),
            max_age=max(0, (grant.expires_us - self._clock.now_us()) // US_PER_S),
            path="/media",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        _log.info("media_session_opened", account=grant.account, cameras=len(grant.cameras))
        return response

    async def serve_clip(self, request: Request) -> Response:
        camera_id, stream = request.path_params["camera_id"], request.path_params["stream"]
        grant = self._sessions.grant_for(request.cookies, camera_id)
        start_us, end_us = _time(request, "start_us"), _time(request, "end_us")
        range_header = request.headers.get("range")
        key = ClipKey(grant.account, camera_id, stream, start_us, end_us)
        found = await self._clips.get(key, range_header)
        _clips.inc()
        _log.info("clip_served", account=grant.account, camera_id=camera_id, stream=stream, start_us=start_us)
        if_range, head_only = request.headers.get("if-range"), request.method == "HEAD"
        return clip_response(found, range_header, if_range, head_only=head_only)

    async def serve_live(self, socket: WebSocket) -> None:
        key: StreamKey = (socket.path_params["camera_id"], socket.path_params["stream"])
        try:
            grant = self._sessions.grant_for(socket.cookies, key[0])
            if not self._channels.is_known(key):
                raise NotFound("this stream is not recorded here.", where=f"camera {key[0]}")
        except VedetteError as error:
            await socket.send_denial_response(problem(error))
            return
        await socket.accept()
        viewer = self._channels.join(key)
        _viewers.inc()
        _log.info("viewer_joined", account=grant.account, camera_id=key[0], stream=key[1])
        try:
            await self._show(socket, viewer, grant)
        finally:
            _viewers.dec()
            _skips.inc(viewer.skips)
            await self._channels.leave(key, viewer)
            _log.info("viewer_left", account=grant.account, camera_id=key[0], stream=key[1], skips=viewer.skips)

    async def _show(self, socket: WebSocket, viewer: Viewer, grant: Grant) -> None:
        """Until the viewer goes or the session ends."""
        tasks = [asyncio.create_task(_send(socket, viewer)), asyncio.create_task(_until_gone(socket))]
        left_s = (grant.expires_us - self._clock.now_us()) / US_PER_S
        try:
            done, _ = await asyncio.wait(tasks, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not done:
            await socket.close(_POLICY_VIOLATION, "the media session has ended")


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


async def _ticket(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_TICKET_BYTES:
            raise InvalidInput("the request is too large.", mend="Send the ticket alone.")
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, KeyError, TypeError, RecursionError):
        ticket = None
    if not isinstance(ticket, str):
        raise InvalidInput("the body is not a JSON object with a ticket.", mend='Send {"ticket": "..."}.')
    return ticket


def _time(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput("this is not a time in microseconds.", where=name, mend="Give microseconds since 1970, UTC.")
    return int(text)


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, VedetteError)
    return problem(error)


async def _answer_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(VedetteError(f"{error.detail}."), error.status_code)

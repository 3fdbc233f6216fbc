"""A client's RTSP connection: requests, session, digest sign-in (RFC 2326)."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

import structlog

from foundation.clock import Clock
from simulator.virtual_camera.counts import ClientCounts
from simulator.virtual_camera.digest import Credentials, Verdict, challenges, verify
from simulator.virtual_camera.live_stream import MAX_CLIENT_BACKLOG, LiveStream, Player
from simulator.virtual_camera.rtsp_messages import MalformedRequest, Request, RequestReader, format_response
from simulator.virtual_camera.sdp import TRACK

_log = structlog.get_logger()
_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?$")
_SERVER = "Vedette virtual camera"
Headers = list[tuple[str, str]]


class Refused(Exception):
    """The request is answered with this status."""

    def __init__(self, status: int, headers: Headers | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers or []


class Connection(asyncio.Protocol):
    """At most one session, over this connection alone; a session that hears nothing for its timeout ends."""

    def __init__(
        self,
        streams: Mapping[str, LiveStream],
        credentials: Credentials | None,
        clock: Clock,
        session_timeout_s: float,
        open_connections: set[Connection],
    ) -> None:
        self._streams = streams
        self._credentials = credentials
        self._clock = clock
        self._timeout_s = session_timeout_s
        self._open = open_connections
        self.ended = asyncio.get_running_loop().create_future()
        self._reader = RequestReader()
        self._nonce = secrets.token_hex(16)
        self._transport: asyncio.Transport
        self._heard_us = clock.monotonic_us()
        self._session: str | None = None
        self._stream: LiveStream | None = None
        self._player: Player | None = None
        self._counts: ClientCounts | None = None
        self._playing = False
        self._hung = False
        self._hang_timer: asyncio.TimerHandle | None = None
        self._methods: dict[str, Callable[[Request], bytes]] = {
            "OPTIONS": self._options,
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "GET_PARAMETER": self._get_parameter,
            "TEARDOWN": self._teardown,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._open.add(self)
        # Media may fill the buffer up to its own bound; past that the client no longer reads its answers either.
        self._transport.set_write_buffer_limits(high=4 * MAX_CLIENT_BACKLOG)

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_session()
        self._open.discard(self)
        self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._heard_us = self._clock.monotonic_us()
        if self._hung:
            return
        try:
            for request in self._reader.feed(data):
                self._transport.write(self._answer(request))
        except MalformedRequest:
            self._transport.write(format_response(400, [("Server", _SERVER)]))
            self._transport.close()

    def end_if_idle(self, now_us: int) -> None:
        """A hung camera keeps its connections; any other forgets a client it hears nothing of."""
        if not self._hung and now_us - self._heard_us > self._timeout_s * 1_000_000:
            _log.info("virtual_camera_session_timed_out", path=self._stream and self._stream.name)
            self.abort()

    def abort(self) -> None:
        self._transport.abort()

    def _answer(self, request: Request) -> bytes:
        try:
            if request.version != "RTSP/1.0":
                raise Refused(505)
            if "require" in request.headers:
                raise Refused(551, [("Unsupported", request.headers["require"])])
            method = self._methods.get(request.method)
            if method is None:
                raise Refused(501, [("Public", ", ".join(self._methods))])
            return method(request)
        except Refused as refused:
            return self._respond(request, refused.status, refused.headers)

    def _respond(self, request: Request, status: int, headers: Headers | None = None, body: str = "") -> bytes:
        first = [("CSeq", request.headers.get("cseq", "0")), ("Server", _SERVER)]
        return format_response(status, first + (headers or []), body)

    def _options(self, request: Request) -> bytes:
        return self._respond(request, 200, [("Public", ", ".join(self._methods))])

    def _describe(self, request: Request) -> bytes:
        stream, is_track = self._find(request)
        self._authenticate(request, stream)
        if stream.faults.redirect is not None:
            raise Refused(302, [("Location", stream.faults.redirect)])
        if is_track:
            raise Refused(404)
        accepted = request.headers.get("accept", "*/*")
        if "application/sdp" not in accepted and "*" not in accepted:
            raise Refused(406)
        headers = [("Content-Base", f"{request.uri.rstrip('/')}/"), ("Content-Type", "application/sdp")]
        return self._respond(request, 200, headers, stream.description)

    def _setup(self, request: Request) -> bytes:
        stream, is_track = self._find(request)
        self._authenticate(request, stream)
        if not is_track:
            raise Refused(459)
        if self._session is not None and (self._playing or request.headers.get("session") is None):
            raise Refused(455)
        self._check_session(request)
        channel = _channel(request.headers.get("transport", ""))
        self._begin_session(stream, channel)
        transport = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        return self._respond(request, 200, [("Transport", transport), self._session_header()])

    def _play(self, request: Request) -> bytes:
        player, stream = self._in_session(request)
        headers = [self._session_header(), ("Range", "npt=now-")]
        if not self._playing and not stream.faults.mute:
            sequence, timestamp = stream.join(player)
            track = f"{_aggregate(request.uri)}/{TRACK}"
            headers.append(("RTP-Info", f"url={track};seq={sequence};rtptime={timestamp}"))
        self._playing = True
        if stream.faults.hang_after_s is not None and self._hang_timer is None:
            loop = asyncio.get_running_loop()
            self._hang_timer = loop.call_later(stream.faults.hang_after_s, self._hang)
        return self._respond(request, 200, headers)

    def _pause(self, request: Request) -> bytes:
        player, stream = self._in_session(request)
        stream.leave(player)
        self._playing = False
        return self._respond(request, 200, [self._session_header()])

    def _get_parameter(self, request: Request) -> bytes:
        """A keep-alive: no parameter has a value here (RFC 2326, section 10.8)."""
        if "session" not in request.headers:
            return self._respond(request, 200)
        self._in_session(request)
        return self._respond(request, 200, [self._session_header()])

    def _teardown(self, request: Request) -> bytes:
        self._in_session(request)
        self._end_session()
        return self._respond(request, 200)

    def _find(self, request: Request) -> tuple[LiveStream, bool]:
        """The stream that the URL names, and whether the URL is its track's."""
        try:
            path = unquote(urlsplit(request.uri).path).strip("/")
        except ValueError as error:
            raise Refused(400) from error
        name = path.removesuffix(f"/{TRACK}")
        if name not in self._streams:
            raise Refused(404)
        return self._streams[name], name != path

    def _authenticate(self, request: Request, stream: LiveStream) -> None:
        refuse = stream.faults.refuse_password
        if self._credentials is None and not refuse:
            return
        verdict = Verdict.REFUSED
        if self._credentials is not None and not refuse:
            verdict = verify(
                request.headers.get("authorization", ""),
                method=request.method,
                uri=request.uri,
                credentials=self._credentials,
                nonce=self._nonce,
            )
        if verdict is not Verdict.ACCEPTED:
            offers = challenges(self._nonce, stale=verdict is Verdict.STALE)
            raise Refused(401, [("WWW-Authenticate", offer) for offer in offers])

    def _in_session(self, request: Request) -> tuple[Player, LiveStream]:
        self._check_session(request)
        if self._player is None or self._stream is None:
            raise Refused(454 if "session" in request.headers else 455)
        self._authenticate(request, self._stream)
        return self._player, self._stream

    def _check_session(self, request: Request) -> None:
        given = request.headers.get("session")
        if given is not None and given.partition(";")[0].strip() != self._session:
            raise Refused(454)

    def _session_header(self) -> tuple[str, str]:
        return "Session", f"{self._session};timeout={max(1, int(self._timeout_s))}"

    def _begin_session(self, stream: LiveStream, channel: int) -> None:
        if self._session is None:
            self._session = secrets.token_hex(8)
            self._counts = stream.open_client(str(self._transport.get_extra_info("peername")))
        elif stream is not self._stream:
            raise Refused(455)
        assert self._counts is not None
        self._stream = stream
        self._player = Player(self._transport, channel, self._counts)

    def _end_session(self) -> None:
        if self._hang_timer is not None:
            self._hang_timer.cancel()
            self._hang_timer = None
        if self._stream is not None and self._player is not None:
            self._stream.leave(self._player)
            self._stream.end_client(self._player.counts)
        self._session = self._stream = self._player = self._counts = None
        self._playing = False

    def _hang(self) -> None:
        self._hung = True
        if self._stream is not None and self._player is not None:
            self._stream.leave(self._player)


def _aggregate(uri: str) -> str:
    return uri.rstrip("/").removesuffix(f"/{TRACK}")


def _channel(transport: str) -> int:
    """The RTP channel of the first offer for TCP; an offer without channels gets 0-1."""
    for offer in transport.split(","):
        profile, *parameters = (part.strip() for part in offer.split(";"))
        if profile.upper() == "RTP/AVP/TCP":
            asked = next((found for part in parameters if (found := _INTERLEAVED.match(part))), None)
            channel = int(asked[1]) if asked else 0
            if channel < 255 and (asked is None or asked[2] is None or int(asked[2]) == channel + 1):
                return channel
    raise Refused(461)

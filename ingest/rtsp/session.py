"""One RTSP session: DESCRIBE, SETUP and PLAY of the first video track, then access units until something fails.

Where sound is wanted the first audio track comes with it, and can neither end the session nor keep it from starting.

Faults: `StreamAuthFailed`, `StreamRefused`, `StreamSilent`, and `StreamError` for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from foundation.clock import US_PER_S, Clock
from foundation.errors import StreamError, StreamRefused, StreamSilent
from foundation.http_auth import Credentials
from ingest.rtsp.assembler import Assembler, StreamEvent
from ingest.rtsp.audio import AudioEvent, AudioReceiver
from ingest.rtsp.connection import UDP_ONLY, Connection, refusal
from ingest.rtsp.depacketizer import Depacketizer
from ingest.rtsp.message import Message, Received
from ingest.rtsp.polling import next_poll
from ingest.rtsp.sdp import SessionDescription, VideoTrack, first_audio, first_video, parse_sdp
from ingest.rtsp.timeline import Timeline, UtcLine
from ingest.rtsp.url import base_url, check_redirect, control_url, endpoint

SILENCE_US = 5 * US_PER_S
_NO_PICTURE_US = 60 * US_PER_S  # the first keyframe, or the next one after a loss, is never so far
_NO_KEYFRAME_US = 600 * US_PER_S  # nor are two of them: a segment ends at a keyframe, and retention takes whole ones
_MUCH_BYTES = 128 << 10
_DEFAULT_TIMEOUT_S = 60
_MAX_REDIRECTS = 3
_VIDEO_CHANNEL, _AUDIO_CHANNEL = 0, 2  # as asked for; the device may choose others
_RTCP_BYE = 203
_INTERLEAVED = re.compile(r"interleaved\s*=\s*(\d{1,3})")
_TIMEOUT = re.compile(r";\s*timeout\s*=\s*(\d{1,6})")

SessionEvent = StreamEvent | AudioEvent
_MakeReceiver = Callable[..., AudioReceiver]


class _AudioBroke(Exception):
    """Asking for the sound broke what would have worked without."""

    def __init__(self, fault: StreamError) -> None:
        super().__init__(str(fault))
        self.fault = fault


class RtspSession:
    """Opened by `RtspSession.open`; `read` gives the next batch, at most 100 ms old."""

    def __init__(self, connection: Connection, clock: Clock, timeline: Timeline) -> None:
        self._connection = connection
        self._clock = clock
        self._timeline = timeline
        self._url = ""
        self._session_id: str | None = None
        self._timeout_s = _DEFAULT_TIMEOUT_S
        self._keep_alive_method = "OPTIONS"
        self._keep_alive_us = 0
        self._renewed = False  # the answer to the device's challenge, since the last keep-alive
        self._track: VideoTrack
        self._channel = _VIDEO_CHANNEL
        self.audio: AudioReceiver | None = None
        self.audio_fault: StreamError | None = None  # why the sound that was wanted is not there
        self._depacketizer: Depacketizer
        self._assembler: Assembler
        self._packet_us = 0
        self._picture_us = 0
        self._keyframe_us = 0
        self._read_bytes = 0

    @classmethod
    async def open(
        cls,
        url: str,
        credentials: Credentials | None,
        *,
        clock: Clock,
        utc: UtcLine,
        floor_us: int = 0,
        tls_sha256: str | None = None,
        audio_floor_us: int | None = None,
    ) -> RtspSession:
        """Connect and start playing; capture times start no earlier than `floor_us`.

        Sound is asked for where `audio_floor_us` is given, which is the same for its own times.
        """
        connect = partial(cls._connect, url, credentials, tls_sha256, clock, utc, floor_us)
        if audio_floor_us is None:
            return await connect()
        try:
            return await connect(partial(AudioReceiver, utc=utc, floor_us=audio_floor_us))
        except _AudioBroke as broke:
            session = await connect()
            session.audio_fault = broke.fault
            return session

    @classmethod
    async def _connect(
        cls,
        url: str,
        credentials: Credentials | None,
        tls_sha256: str | None,
        clock: Clock,
        utc: UtcLine,
        floor_us: int,
        make_receiver: _MakeReceiver | None = None,
    ) -> RtspSession:
        for _ in range(_MAX_REDIRECTS):
            peer = endpoint(url)
            connection = await Connection.open(peer, credentials, tls_sha256)
            session = cls(connection, clock, Timeline(utc, floor_us))
            try:
                elsewhere = await session._start(url, make_receiver)
            except BaseException:
                connection.close()
                raise
            if elsewhere is None:
                return session
            connection.close()
            check_redirect(peer, elsewhere)
            url = elsewhere
        raise StreamRefused("the device redirects in a circle.", where=connection.peer)

    @property
    def tls_sha256(self) -> str | None:
        """Fingerprint of the certificate that the device showed."""
        return self._connection.tls_sha256

    @property
    def losses(self) -> int:
        return self._depacketizer.losses

    async def read(self, *, watched: bool = True) -> list[SessionEvent]:
        """Wait for the next poll and return what it brought, which may be nothing.

        The poll of a stream that nobody watches comes later, unless it sends so much that the system's memory for what
        is not read yet might run full.
        """
        await next_poll(unwatched=not watched and self._read_bytes < _MUCH_BYTES)
        received = self._connection.receive()
        self._read_bytes = len(received.data)
        now_us = self._clock.monotonic_us()
        for message in received.messages:
            self._on_message(message)
        events = self._take(received, now_us)
        self._check_silence(now_us, bool(events))
        if self.audio is not None:
            events += self.audio.take(received, now_us)
        if now_us >= self._keep_alive_us:
            self._keep_alive(now_us)
        return events

    async def close(self) -> None:
        with suppress(StreamError):
            self._send("TEARDOWN")
        self._connection.close()

    async def _start(self, url: str, make_receiver: _MakeReceiver | None) -> str | None:
        """Everything up to PLAY; returns a URL instead when the device redirects there."""
        options = await self._connection.request("OPTIONS", url)
        if "GET_PARAMETER" in (options.get("public") or "").upper():
            self._keep_alive_method = "GET_PARAMETER"
        described = await self._connection.request("DESCRIBE", url, {"Accept": "application/sdp"})
        location = described.get("location")
        if 300 <= described.status < 400 and location:
            return location
        self._require(described, "DESCRIBE")
        description = parse_sdp(described.body)
        self._track = first_video(description)
        base = base_url(url, described)
        self._channel = await self._setup(control_url(base, self._track.control), _VIDEO_CHANNEL)
        if make_receiver is not None:
            await self._setup_audio(description, base, make_receiver)
        self._url = control_url(base, description.control)
        self._depacketizer = Depacketizer(self._track.codec, self._track.payload_type)
        self._assembler = Assembler(self._track.codec, self._track.parameter_sets, self._timeline)
        await self._play()
        self._packet_us = self._picture_us = self._keyframe_us = self._clock.monotonic_us()
        self._keep_alive_us = self._packet_us + self._timeout_s * US_PER_S // 2
        return None

    async def _setup(self, url: str, wanted_channel: int) -> int:
        """Returns the channel that the device chose for the track."""
        transport = {"Transport": f"RTP/AVP/TCP;unicast;interleaved={wanted_channel}-{wanted_channel + 1}"}
        reply = await self._connection.request(
            "SETUP", url, self._headers(**transport) if self._session_id else transport
        )
        self._require(reply, "SETUP")
        session = reply.get("session") or ""
        self._session_id = self._session_id or session.partition(";")[0].strip()
        if not self._session_id or not self._session_id.isprintable():
            raise StreamRefused("the device answered SETUP without a session.", where=self._connection.peer)
        if timeout := _TIMEOUT.search(session):
            self._timeout_s = min(max(int(timeout[1]), 10), 3600)
        chosen = reply.get("transport") or ""
        if "RTP/AVP/TCP" not in chosen.upper():
            raise StreamRefused("the device does not send over TCP.", where=self._connection.peer, mend=UDP_ONLY)
        channel = _INTERLEAVED.search(chosen)
        return int(channel[1]) if channel else wanted_channel

    async def _setup_audio(self, description: SessionDescription, base: str, make_receiver: _MakeReceiver) -> None:
        """A device that has no sound to give, or refuses it, still gives its pictures."""
        try:
            track = first_audio(description)
            channel = await self._setup(control_url(base, track.control), _AUDIO_CHANNEL)
            if abs(channel - self._channel) < 2:
                raise StreamRefused("the device gives sound and pictures the same channels.")
        except StreamRefused as refused:
            self.audio_fault = refused
        except StreamError as error:
            raise _AudioBroke(error) from error
        else:
            self.audio = make_receiver(track, channel)

    async def _play(self) -> None:
        try:
            self._require(await self._connection.request("PLAY", self._url, self._headers(Range="npt=0.000-")), "PLAY")
        except StreamError as error:
            if self.audio is None:
                raise
            raise _AudioBroke(error) from error

    def _require(self, reply: Message, method: str) -> None:
        if reply.status != 200:
            raise refusal(reply, method, self._connection.peer)

    def _headers(self, **more: str) -> dict[str, str]:
        return {"Session": self._session_id or "", **more}

    def _send(self, method: str) -> None:
        self._connection.send(method, self._url, self._headers())

    def _take(self, received: Received, now_us: int) -> list[SessionEvent]:
        events: list[SessionEvent] = []
        packets = self._depacketizer.packets
        for picture in self._depacketizer.feed(received.data, received.packets.get(self._channel, ())):
            if picture.is_keyframe:
                self._keyframe_us = now_us
            events += self._assembler.add(picture, now_us)
        if self._depacketizer.packets != packets:
            self._packet_us = now_us
        for start, stop in received.packets.get(self._channel + 1, ()):
            if _is_goodbye(received.data[start:stop]):
                raise StreamError("the device ended the stream.", where=self._connection.peer)
        return events

    def _on_message(self, message: Message) -> None:
        """A reply to a keep-alive, as nothing else is asked while playing; requests of the device are ignored."""
        if message.status == 401:
            self._connection.authenticate(message, may_be_stale=not self._renewed)
            self._renewed = True
            self._send(self._keep_alive_method)
        elif message.status == 454:
            raise StreamError("the device forgot the session.", where=self._connection.peer)
        elif message.status >= 400:
            self._keep_alive_method = "OPTIONS"

    def _keep_alive(self, now_us: int) -> None:
        self._keep_alive_us = now_us + self._timeout_s * US_PER_S // 2
        self._renewed = False
        self._send(self._keep_alive_method)

    def _check_silence(self, now_us: int, pictures: bool) -> None:
        if pictures:
            self._picture_us = now_us
        if now_us - self._packet_us >= SILENCE_US:
            raise StreamSilent("the camera sent no video for 5 s.", where=self._connection.peer)
        if now_us - self._picture_us >= _NO_PICTURE_US:
            raise StreamSilent("the camera sends packets, but no whole keyframe in 60 s.", where=self._connection.peer)
        if now_us - self._keyframe_us >= _NO_KEYFRAME_US:
            raise StreamError("the camera sent no keyframe for 10 minutes.", where=self._connection.peer)


def _is_goodbye(data: memoryview) -> bool:
    """Whether an RTCP compound packet (RFC 3550, section 6) holds a BYE."""
    at = 0
    while at + 4 <= len(data):
        if data[at + 1] == _RTCP_BYE:
            return True
        at += 4 + 4 * (data[at + 2] << 8 | data[at + 3])
    return False

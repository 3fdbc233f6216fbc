"""The recorder's side of a stream that a child process receives; in shape an `RtspSession`.

The child is believed as little as a camera: its frames go through the checks that a camera's packets go through.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import get_args

from foundation.clock import US_PER_S, Clock
from foundation.errors import StreamError, StreamRefused, StreamSilent
from foundation.http_auth import Credentials
from foundation.nal import Codec, is_parameter_set
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.fallback.faults import ending_fault
from ingest.fallback.preflight import login, preflight
from ingest.fallback.wire import Order
from ingest.rtsp.assembler import MAX_SET_BYTES, MAX_SETS, Assembler, StreamEvent
from ingest.rtsp.depacketizer import MAX_PICTURE_BYTES, Picture
from ingest.rtsp.polling import next_poll
from ingest.rtsp.session import SILENCE_US
from ingest.rtsp.timeline import Timeline, UtcLine
from ingest.tap import FrameReader, TapEvent

_START_US = 20 * US_PER_S  # Python and FFmpeg on a busy machine, then two waits of the child's for the camera
_NO_PICTURE_US = 60 * US_PER_S  # these two as in a session over TCP
_NO_KEYFRAME_US = 600 * US_PER_S
_READ_BYTES = 64 << 10
_READS_PER_POLL = 16
_SEND_BUFFER_BYTES = 1 << 20  # what comes between two polls; the kernel grants what it allows
_LEAVE_S = 1.5  # a little more than the child takes to end by itself
_LEAVE_POLL_S = 0.02
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # settings in the environment may hold passwords


class FallbackSession:
    """Opened by `FallbackSession.open`; `read` gives the next batch. `close` always, for it ends the child."""

    def __init__(
        self, process: subprocess.Popen[bytes], sock: socket.socket, peer: str, clock: Clock, timeline: Timeline
    ) -> None:
        self._process = process
        self._socket = sock
        self._peer = peer
        self._clock = clock
        self._timeline = timeline
        self._frames = FrameReader([("", "")])
        self._assembler: Assembler | None = None
        self._sets: tuple[bytes, ...] = ()  # to come with the next picture
        self._heard_us = self._picture_us = self._keyframe_us = clock.monotonic_us()
        self.losses = 0
        self.tls_sha256: str | None = None  # an encrypted stream never comes this way
        self.audio = None
        self.audio_fault = StreamRefused("sound is recorded over TCP only.", where=peer)

    @classmethod
    async def open(
        cls, url: str, credentials: Credentials | None, *, clock: Clock, utc: UtcLine, floor_us: int = 0
    ) -> FallbackSession:
        """Ask the camera what it offers, and start the child; capture times start no earlier than `floor_us`."""
        signing_in = login(credentials)
        url, peer = await preflight(url, credentials)
        process, sock = _start(Order(url, signing_in), peer)
        return cls(process, sock, peer, clock, Timeline(utc, floor_us))

    async def read(self, *, watched: bool = True) -> list[StreamEvent]:
        """Wait for the next poll and return what it brought, which may be nothing."""
        await next_poll(unwatched=not watched)
        now_us = self._clock.monotonic_us()
        events: list[StreamEvent] = []
        for chunk in self._chunks():
            if chunk:
                for frame in self._frames.feed(chunk):
                    events += self._take(frame, now_us)
            elif not events:  # else they come first, and the end with the next poll
                raise ending_fault(await self._leave(), self._peer)
        self._check_silence(now_us, pictures=bool(events))
        return events

    async def close(self) -> None:
        self._socket.close()  # tells the child to take leave of the camera, and to end
        await self._leave()

    def _chunks(self) -> Iterator[bytes]:
        """What has come; an empty chunk when the child has gone."""
        for _ in range(_READS_PER_POLL):
            try:
                chunk = self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:
                chunk = b""
            yield chunk
            if len(chunk) < _READ_BYTES:
                return

    def _take(self, frame: TapEvent, now_us: int) -> list[StreamEvent]:
        self._heard_us = now_us
        if frame.parameters is not None:
            self._learn(frame.parameters)
            return []
        if frame.unit is None or not frame.unit.data:
            return []
        if self._assembler is None or not _is_sample(frame.unit.data):
            raise StreamError("the process that receives the stream sends what is no picture.", where=self._peer)
        if frame.unit.is_keyframe:
            self._keyframe_us = now_us
        return self._assembler.add(self._picture(frame.unit), now_us)

    def _learn(self, parameters: CodecParameters) -> None:
        if parameters.codec not in get_args(Codec):
            raise StreamError("the process that receives the stream names an unknown codec.", where=self._peer)
        sets = tuple(
            one
            for one in parameters.parameter_sets
            if 0 < len(one) <= MAX_SET_BYTES and is_parameter_set(parameters.codec, one)
        )
        if self._assembler is None:
            self._assembler = Assembler(parameters.codec, sets, self._timeline)
        self._sets = (*self._sets, *sets)[-MAX_SETS:]  # a picture may name one of them, and be dropped

    def _picture(self, unit: AccessUnit) -> Picture:
        self.losses += unit.gap_before
        sets, self._sets = self._sets, ()
        return Picture(unit.rtp_time & 0xFFFF_FFFF, unit.data, sets, unit.is_keyframe, unit.gap_before)

    def _check_silence(self, now_us: int, *, pictures: bool) -> None:
        if pictures:
            self._picture_us = now_us
        if self._assembler is None:
            if now_us - self._heard_us >= _START_US:
                raise StreamSilent("the stream did not start within 20 s.", where=self._peer)
        elif now_us - self._heard_us >= SILENCE_US:
            raise StreamSilent("the camera sent no video for 5 s.", where=self._peer)
        if now_us - self._picture_us >= _NO_PICTURE_US:
            raise StreamSilent("the camera sends packets, but no whole keyframe in 60 s.", where=self._peer)
        if now_us - self._keyframe_us >= _NO_KEYFRAME_US:
            raise StreamError("the camera sent no keyframe for 10 minutes.", where=self._peer)

    async def _leave(self) -> int:
        """Wait for the child's end, and bring it about if it does not come. Its exit status."""
        try:
            async with asyncio.timeout(_LEAVE_S):
                while self._process.poll() is None:  # noqa: ASYNC110, what tells of a child's end costs a thread
                    await asyncio.sleep(_LEAVE_POLL_S)
        except TimeoutError:
            pass
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        return self._process.returncode


def _start(order: Order, peer: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.setblocking(False)
        ours.send(order.encode())
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        command = [sys.executable, "-m", "ingest.fallback"]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL, env=environment
            )
        except OSError as error:
            ours.close()
            raise StreamError(f"no process can be started to receive it: {error.strerror}.", where=peer) from error
    return process, ours


def _is_sample(data: bytes) -> bool:
    """Whether these are NAL units, each after its length, and no more of them than a camera's packets may bring."""
    at = 0
    while at + 4 < len(data) <= MAX_PICTURE_BYTES:
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4 + length
        if not length or at >= len(data):
            break
    return at == len(data)

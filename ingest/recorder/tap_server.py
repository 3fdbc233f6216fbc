"""The recorder's side of the tap: each unit goes to whoever asked for its stream, and nobody is waited for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import cast

import structlog

from foundation.errors import InvalidInput, ResourceError
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.recorder import metrics
from ingest.tap import MAX_REQUEST_BYTES, StreamKey, decode_request, encode_parameters, encode_unit

MAX_STREAMS = 0xFFFF
_MAX_KEPT_BYTES = 8 << 20  # of the units since the last keyframe, per stream
_BASE_BYTES = 4 << 20  # that may wait for a subscriber, and so much more for each of its streams
_BYTES_PER_STREAM = 512 << 10
_MOST_BYTES = 64 << 20
_log = structlog.get_logger()


class _Subscription:
    """One stream of one subscriber."""

    __slots__ = ("_awaiting_keyframe", "_index", "_lost", "_owed", "subscriber")

    def __init__(self, subscriber: _Subscriber, index: int) -> None:
        self.subscriber = subscriber
        self._index = index
        self._awaiting_keyframe = False
        self._lost = False
        self._owed: CodecParameters | None = None  # goes with the next unit, so that the bound holds for it too

    def await_keyframe(self) -> None:
        self._awaiting_keyframe = True

    def parameters(self, parameters: CodecParameters) -> None:
        self._owed = parameters

    def unit(self, unit: AccessUnit) -> None:
        if self._awaiting_keyframe and not unit.is_keyframe:
            metrics.TAP_SKIPPED.inc(self._lost)
            return
        if self.subscriber.is_full(len(unit.data)):
            metrics.TAP_SKIPPED.inc()
            self._awaiting_keyframe = self._lost = True
            return
        if self._owed is not None:
            self.subscriber.write(encode_parameters(self._index, self._owed))
            self._owed = None
        self.subscriber.write(encode_unit(self._index, unit, gap=self._lost))
        self._awaiting_keyframe = self._lost = False


class _Channel:
    """One stream: its parameters, its units since the last keyframe, its subscriptions."""

    def __init__(self) -> None:
        self.parameters: CodecParameters | None = None
        self.subscriptions: list[_Subscription] = []
        self._kept: list[AccessUnit] = []
        self._kept_bytes = 0

    def set_parameters(self, parameters: CodecParameters) -> None:
        self.parameters = parameters
        self._forget()
        for subscription in self.subscriptions:
            subscription.parameters(parameters)

    def add_unit(self, unit: AccessUnit) -> None:
        if unit.is_keyframe:
            self._forget()
        if unit.is_keyframe or self._kept:
            self._kept.append(unit)
            self._kept_bytes += len(unit.data)
        if self._kept_bytes > _MAX_KEPT_BYTES:
            self._forget()
        for subscription in self.subscriptions:
            subscription.unit(unit)

    def attach(self, subscription: _Subscription) -> None:
        self.subscriptions.append(subscription)
        if self.parameters is not None:
            subscription.parameters(self.parameters)
        for unit in self._kept:
            subscription.unit(unit)
        if not self._kept:
            subscription.await_keyframe()

    def end(self) -> None:
        self.parameters = None
        self._forget()

    def _forget(self) -> None:
        self._kept = []
        self._kept_bytes = 0


class _Subscriber(asyncio.Protocol):
    def __init__(self, server: TapServer) -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._request = bytearray()
        self._bound = _BASE_BYTES
        self._streams: list[StreamKey] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.subscribers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.subscribers.discard(self)
        for key in self._streams or ():
            self._server.detach(key, self)

    def data_received(self, data: bytes) -> None:
        if self._streams is not None:
            return
        self._request += data
        line, newline, _ = self._request.partition(b"\n")
        if newline:
            self._attach(bytes(line))
        elif len(self._request) > MAX_REQUEST_BYTES:
            self._refuse("the request is too long.")

    def is_full(self, size: int) -> bool:
        waiting = self._transport.get_write_buffer_size()
        return waiting > 0 and waiting + size > self._bound

    def write(self, frame: bytes) -> None:
        self._transport.write(frame)

    def close(self) -> None:
        """At once: one that does not read must not hold up the recorder's end."""
        self._transport.abort()

    def _attach(self, line: bytes) -> None:
        try:
            streams = decode_request(line)
        except InvalidInput as error:
            self._refuse(error.what)
            return
        if len(streams) > MAX_STREAMS:
            self._refuse("the request names too many streams.")
            return
        self._streams = streams
        self._bound = min(_BASE_BYTES + len(streams) * _BYTES_PER_STREAM, _MOST_BYTES)
        for index, key in enumerate(streams):
            self._server.attach(key, _Subscription(self, index))

    def _refuse(self, cause: str) -> None:
        _log.warning("tap_request_refused", cause=cause)
        self._streams = []
        self._transport.close()


class TapServer:
    """Belongs to the recorder's event loop."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._channels: defaultdict[StreamKey, _Channel] = defaultdict(_Channel)
        self._server: asyncio.Server | None = None
        self.subscribers: set[_Subscriber] = set()

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_unix_server(lambda: _Subscriber(self), str(self._socket))
            self._socket.chmod(0o600)
        except OSError as error:
            raise ResourceError(
                f"the tap's socket cannot be made: {error.strerror or error}.",
                where=str(self._socket),
                mend="Name a data folder with a shorter path, or check its permissions.",
            ) from error

    async def close(self) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._socket.unlink(missing_ok=True)

    def is_watched(self, key: StreamKey) -> bool:
        """Whether somebody gets the stream's units as they come."""
        channel = self._channels.get(key)
        return channel is not None and bool(channel.subscriptions)

    def parameters(self, key: StreamKey, parameters: CodecParameters) -> None:
        self._channels[key].set_parameters(parameters)

    def unit(self, key: StreamKey, unit: AccessUnit) -> None:
        self._channels[key].add_unit(unit)

    def end(self, key: StreamKey) -> None:
        """The stream pauses; who subscribes now gets nothing old."""
        channel = self._channels[key]
        channel.end()
        self._drop_if_unused(key)

    def attach(self, key: StreamKey, subscription: _Subscription) -> None:
        self._channels[key].attach(subscription)

    def detach(self, key: StreamKey, subscriber: _Subscriber) -> None:
        channel = self._channels[key]
        channel.subscriptions = [one for one in channel.subscriptions if one.subscriber is not subscriber]
        self._drop_if_unused(key)

    def _drop_if_unused(self, key: StreamKey) -> None:
        channel = self._channels[key]
        if not channel.subscriptions and channel.parameters is None:
            del self._channels[key]

"""The tap: a recorder's access units over a Unix socket, for live view and analysis.

The subscriber sends one JSON line, `{"streams": [["CAMERA_ID", "main"], ...]}`, and then only reads frames:
`>I` length of the rest, `>B` kind, `>H` index into the streams asked for, body. A slow subscriber loses whole units
up to the next keyframe, which then says `gap_before`. The iteration ends when the recorder goes, or is not there.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket as sockets
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from foundation.errors import InvalidInput, StreamError
from ingest.access_unit import AccessUnit, CodecParameters

KIND_PARAMETERS, KIND_UNIT = 1, 2
FLAG_KEYFRAME, FLAG_GAP = 1, 2
MAX_FRAME_BYTES = 32 << 20
MAX_REQUEST_BYTES = 4 << 20

_FRAME = struct.Struct(">IBH")
_UNIT = struct.Struct(">qqB")
_UNIT_FRAME = struct.Struct(">IBHqqB")
_LENGTH_BYTES = 4
_READ_BYTES = 1 << 18

StreamKey = tuple[str, str]  # camera id, stream name


class TapEvent(NamedTuple):
    camera_id: str
    stream: str
    parameters: CodecParameters | None
    unit: AccessUnit | None


async def subscribe(socket: Path, streams: Sequence[StreamKey]) -> AsyncIterator[TapEvent]:
    """Events of the streams as they come, starting with the parameters and units since the last keyframe."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket), limit=1 << 20)
    except OSError:
        return
    try:
        writer.write(encode_request(streams))
        await writer.drain()
        frames = FrameReader(streams)
        while chunk := await reader.read(_READ_BYTES):
            for event in frames.feed(chunk):
                yield event
    except (ConnectionError, BrokenPipeError):
        return
    finally:
        writer.close()


class BlockingTap:
    """The same for a thread. `close` may be called from another thread and ends the iteration."""

    def __init__(self, socket: Path, streams: Sequence[StreamKey]) -> None:
        self._streams = list(streams)
        self._path = socket
        self._socket = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)

    def __iter__(self) -> Iterator[TapEvent]:
        try:
            self._socket.connect(str(self._path))
            self._socket.sendall(encode_request(self._streams))
            frames = FrameReader(self._streams)
            while chunk := self._socket.recv(_READ_BYTES):
                yield from frames.feed(chunk)
        except OSError:
            return
        finally:
            self._socket.close()

    def close(self) -> None:
        try:
            self._socket.shutdown(sockets.SHUT_RDWR)
        except OSError:
            pass  # never connected, or gone already
        self._socket.close()


class FrameReader:
    """Cuts the byte stream into frames; holds at most one frame that is not whole.

    Raises `StreamError` for bytes that no recorder sends.
    """

    def __init__(self, streams: Sequence[StreamKey]) -> None:
        self._streams = list(streams)
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> list[TapEvent]:
        self._pending += chunk
        events: list[TapEvent] = []
        at = 0
        while len(self._pending) - at >= _FRAME.size:
            length, kind, index = _FRAME.unpack_from(self._pending, at)
            if length > MAX_FRAME_BYTES or index >= len(self._streams):
                raise _senseless()
            end = at + _LENGTH_BYTES + length
            if end > len(self._pending):
                break
            body = bytes(memoryview(self._pending)[at + _FRAME.size : end])
            try:
                events.append(_decode(self._streams[index], kind, body))
            except (ValueError, TypeError, KeyError, RecursionError, struct.error) as error:
                raise _senseless() from error
            at = end
        del self._pending[:at]
        return events


def _senseless() -> StreamError:
    return StreamError("a frame came that makes no sense.", where="tap")


def _decode(key: StreamKey, kind: int, body: bytes) -> TapEvent:
    camera_id, stream = key
    if kind == KIND_PARAMETERS:
        return TapEvent(camera_id, stream, parameters_from_json(json.loads(body)), None)
    if kind != KIND_UNIT:
        raise ValueError(kind)
    start_us, rtp_time, flags = _UNIT.unpack_from(body)
    unit = AccessUnit(start_us, rtp_time, bool(flags & FLAG_KEYFRAME), bool(flags & FLAG_GAP), body[_UNIT.size :])
    return TapEvent(camera_id, stream, None, unit)


def encode_request(streams: Sequence[StreamKey]) -> bytes:
    return json.dumps({"streams": [list(key) for key in streams]}).encode() + b"\n"


def decode_request(line: bytes) -> list[StreamKey]:
    """The streams asked for; `InvalidInput` for anything that is not such a request."""
    try:
        return [(str(camera_id), str(stream)) for camera_id, stream in json.loads(line)["streams"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidInput("the request is not a JSON object with a list of streams.", where="tap") from error


def encode_parameters(index: int, parameters: CodecParameters) -> bytes:
    body = json.dumps(parameters_to_json(parameters)).encode()
    return _FRAME.pack(_FRAME.size - _LENGTH_BYTES + len(body), KIND_PARAMETERS, index) + body


def encode_unit(index: int, unit: AccessUnit, *, gap: bool) -> bytes:
    flags = FLAG_KEYFRAME * unit.is_keyframe | FLAG_GAP * (gap or unit.gap_before)
    length = _UNIT_FRAME.size - _LENGTH_BYTES + len(unit.data)
    return _UNIT_FRAME.pack(length, KIND_UNIT, index, unit.start_us, unit.rtp_time, flags) + unit.data


def parameters_to_json(parameters: CodecParameters) -> dict[str, Any]:
    return {
        "codec": parameters.codec,
        "parameter_sets": [base64.b64encode(one).decode() for one in parameters.parameter_sets],
        "width": parameters.width,
        "height": parameters.height,
        "rfc6381": parameters.rfc6381,
    }


def parameters_from_json(fields: dict[str, Any]) -> CodecParameters:
    return CodecParameters(
        codec=fields["codec"],
        parameter_sets=tuple(base64.b64decode(one) for one in fields["parameter_sets"]),
        width=fields["width"],
        height=fields["height"],
        rfc6381=fields["rfc6381"],
    )

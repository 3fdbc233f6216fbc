"""RTSP messages and interleaved packets on one connection (RFC 2326, sections 4, 7 and 10.12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from foundation.errors import StreamError

MAX_HEAD_BYTES = 16 << 10
MAX_BODY_BYTES = 256 << 10
INTERLEAVED_HEADER_BYTES = 4
_DOLLAR = 0x24
_INTERLEAVED = struct.Struct(">BBH").unpack_from

Span = tuple[int, int]  # start and stop of an interleaved packet's payload


@dataclass(slots=True, frozen=True)
class Message:
    """A reply or, from some servers, a request: its first line, its headers with names in lower case, its body."""

    start_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def status(self) -> int:
        """The status code of a reply; 0 for a request."""
        parts = self.start_line.split(None, 2)
        is_reply = len(parts) > 1 and parts[0].startswith("RTSP/") and parts[1].isascii() and parts[1].isdigit()
        return int(parts[1][:4]) if is_reply else 0

    @property
    def reason(self) -> str:
        parts = self.start_line.split(None, 2)
        return "".join(c for c in parts[2][:80] if c.isprintable()) if len(parts) > 2 else ""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


@dataclass(slots=True)
class Received:
    """What one read brought. Packets are places in `data` and not objects: there are hundreds a second and camera.

    `data` is good until the next read of any connection, which may use the same memory.
    """

    data: memoryview
    packets: dict[int, list[Span]] = field(default_factory=dict)  # by interleaved channel, in order
    messages: list[Message] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.messages) + sum(map(len, self.packets.values()))


class MessageParser:
    """Finds packets and messages in what was read; keeps at most one of them that is not whole.

    Raises `StreamError` for bytes that are neither, and for a message that is larger than any honest one.
    """

    def __init__(self) -> None:
        self.pending = b""  # to stand before what is read next

    def feed(self, chunk: bytes) -> Received:
        return self.parse(memoryview(self.pending + chunk))

    def feed_before(self, packets: bytes) -> Received:
        """Whole packets that came earlier than what is pending, which stays so."""
        pending, self.pending = self.pending, b""
        received = self.feed(packets)
        self.pending = pending
        return received

    def parse(self, data: memoryview) -> Received:
        """Of bytes that begin with the pending ones."""
        received = Received(data)
        at, end = 0, len(data)
        channel, spans = -1, []
        while end - at >= INTERLEAVED_HEADER_BYTES:
            mark, packet_channel, length = _INTERLEAVED(data, at)
            if mark == _DOLLAR:
                stop = at + INTERLEAVED_HEADER_BYTES + length
                if stop > end:
                    break
                if packet_channel != channel:
                    channel, spans = packet_channel, received.packets.setdefault(packet_channel, [])
                spans.append((at + INTERLEAVED_HEADER_BYTES, stop))
                at = stop
            elif mark in b"\r\n":
                at += 1
            else:
                parsed = _parse_message(data, at)
                if parsed is None:
                    break
                message, at = parsed
                received.messages.append(message)
        self.pending = bytes(data[at:])
        return received


def _parse_message(data: memoryview, at: int) -> tuple[Message, int] | None:
    if not 65 <= data[at] <= 90:
        raise StreamError("the device sent bytes that are neither RTSP nor an interleaved packet.")
    head, end_mark, _ = bytes(data[at : at + MAX_HEAD_BYTES]).partition(b"\r\n\r\n")
    if not end_mark:
        if len(data) - at >= MAX_HEAD_BYTES:
            raise StreamError(f"the device sent a message head of more than {MAX_HEAD_BYTES} bytes.")
        return None
    start_line, *lines = head.decode("utf-8", "replace").split("\r\n")
    headers = tuple(_header(line) for line in lines if ":" in line)
    length = next((value for name, value in headers if name == "content-length"), "0")
    if not (length.isascii() and length.isdigit() and len(length) < 8 and int(length) <= MAX_BODY_BYTES):
        raise StreamError("the device sent a message body of an impossible length.")
    body = at + len(head) + 4
    stop = body + int(length)
    if stop > len(data):
        return None
    return Message(start_line, headers, bytes(data[body:stop])), stop


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def format_request(method: str, uri: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {uri} RTSP/1.0", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()

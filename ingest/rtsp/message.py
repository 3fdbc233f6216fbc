"""RTSP messages and interleaved packets on one connection (RFC 2326, sections 4, 7 and 10.12)."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.errors import StreamError

MAX_HEAD_BYTES = 16 << 10
MAX_BODY_BYTES = 256 << 10
_DOLLAR = 0x24

Packet = tuple[int, bytes]  # interleaved channel, RTP or RTCP packet


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


class MessageParser:
    """Cuts what was read into packets and messages; keeps at most one of them that is not whole.

    Raises `StreamError` for bytes that are neither, and for a message that is larger than any honest one.
    """

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, chunk: bytes) -> list[Packet | Message]:
        data = self._pending + chunk if self._pending else chunk
        items: list[Packet | Message] = []
        at, end = 0, len(data)
        while end - at >= 4:
            if data[at] == _DOLLAR:
                stop = at + 4 + (data[at + 2] << 8 | data[at + 3])
                if stop > end:
                    break
                items.append((data[at + 1], data[at + 4 : stop]))
                at = stop
            elif data[at] in b"\r\n":
                at += 1
            else:
                parsed = _parse_message(data, at)
                if parsed is None:
                    break
                message, at = parsed
                items.append(message)
        self._pending = data[at:]
        return items


def _parse_message(data: bytes, at: int) -> tuple[Message, int] | None:
    if not 65 <= data[at] <= 90:
        raise StreamError("the device sent bytes that are neither RTSP nor an interleaved packet.")
    head_end = data.find(b"\r\n\r\n", at, at + MAX_HEAD_BYTES)
    if head_end < 0:
        if len(data) - at >= MAX_HEAD_BYTES:
            raise StreamError(f"the device sent a message head of more than {MAX_HEAD_BYTES} bytes.")
        return None
    start_line, *lines = data[at:head_end].decode("utf-8", "replace").split("\r\n")
    headers = tuple(_header(line) for line in lines if ":" in line)
    length = next((value for name, value in headers if name == "content-length"), "0")
    if not (length.isascii() and length.isdigit() and len(length) < 8 and int(length) <= MAX_BODY_BYTES):
        raise StreamError("the device sent a message body of an impossible length.")
    body = head_end + 4
    stop = body + int(length)
    if stop > len(data):
        return None
    return Message(start_line, headers, data[body:stop]), stop


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def format_request(method: str, uri: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {uri} RTSP/1.0", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()

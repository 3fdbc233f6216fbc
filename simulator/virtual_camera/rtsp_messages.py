"""RTSP requests in and responses out (RFC 2326), and the interleaved frames between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
_DOLLAR = 0x24
_REASONS = {
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    505: "RTSP Version Not Supported",
    551: "Option not supported",
}


class MalformedRequest(Exception):
    """What came is no RTSP request; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str
    version: str
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


class RequestReader:
    """Takes bytes as they come and gives whole requests; the client's RTCP is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Request]:
        self._buffer += data
        while self._buffer:
            if self._buffer[0] == _DOLLAR:
                if not self._skip_interleaved():
                    return
            elif self._buffer[0] in b"\r\n":
                del self._buffer[0]  # a client may send empty lines between requests
            elif (request := self._take_request()) is not None:
                yield request
            else:
                return

    def _skip_interleaved(self) -> bool:
        end = 4 + int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < max(4, end):
            return False
        del self._buffer[:end]
        return True

    def _take_request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEAD)
        if end < 0:
            if len(self._buffer) >= MAX_HEAD:
                raise MalformedRequest("the head of a request is too long")
            return None
        request = _parse_head(bytes(self._buffer[:end]))
        size = end + 4 + _content_length(request)
        if len(self._buffer) < size:
            return None
        del self._buffer[:size]
        return request


def _parse_head(head: bytes) -> Request:
    first, *rest = head.decode("utf-8", "replace").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[0].isascii() or not words[2].startswith("RTSP/"):
        raise MalformedRequest("the first line is no RTSP request")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedRequest("a header has no colon")
        headers[name.strip().lower()] = value.strip()
    return Request(words[0], words[1], words[2], headers)


def _content_length(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > MAX_BODY:
        raise MalformedRequest("the body of a request is too long")
    return int(text)


def format_response(status: int, headers: Iterable[tuple[str, str]], body: str = "") -> bytes:
    reason = _REASONS.get(status) or HTTPStatus(status).phrase
    lines = [f"RTSP/1.0 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    content = body.encode()
    if content:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode() + content

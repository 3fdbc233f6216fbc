"""The exchange of `exchange.py` where many devices answer slowly at once: each holds a connection, and no thread."""

from __future__ import annotations

import asyncio
import hashlib
import io
import ssl
from collections.abc import Awaitable, Callable, Mapping
from http.client import HTTPException, HTTPMessage, parse_headers
from typing import Any

from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import OPEN_S, Answer, check_pin, reason_of, tls_context
from device_registry.onvif.faults import AnswerRefused, DeviceSilent, DeviceUnreachable

MAX_ANSWER_BYTES = 1 << 20  # a thousand devices may answer at the same time
_HEAD_BYTES = 64 << 10
_READ_BYTES = 16 << 10

AsyncExchange = Callable[[Endpoint, bytes, Mapping[str, str], float], Awaitable[Answer]]


async def post(endpoint: Endpoint, body: bytes, headers: Mapping[str, str], answer_s: float) -> Answer:
    """Send `body` and read the answer, whatever its status; a redirect is told, never followed.

    Raises `DeviceUnreachable` (no connection in 5 s), `DeviceSilent` (no whole answer in `answer_s` more) or
    `AnswerRefused` (no HTTP, or more than 1 MiB).
    """
    reader, writer = await _dialled(endpoint)
    try:
        check_pin(_certificate_sha256(writer), endpoint)
        async with asyncio.timeout(answer_s):
            writer.write(_head(endpoint, body, headers) + body)
            await writer.drain()
            return await _answer(reader, writer)
    except TimeoutError:
        raise DeviceSilent(
            f"connected, but the answer was not whole after {answer_s:g} s.",
            where=str(endpoint),
            mend="Restart the camera; check the port.",
        ) from None
    except _TooLarge:
        raise AnswerRefused(
            f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB.", where=str(endpoint), mend="Is this a camera?"
        ) from None
    except (HTTPException, ValueError) as error:
        raise AnswerRefused(
            f"what answers there does not speak HTTP ({type(error).__name__}).",
            where=str(endpoint),
            mend="Name the port of the camera's web page, not that of its streams.",
        ) from error
    except (OSError, EOFError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it was closed"
        raise AnswerRefused(
            f"the connection broke: {reason}.", where=str(endpoint), mend="Try again; check the port."
        ) from error
    finally:
        writer.transport.abort()


async def _dialled(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    tls: dict[str, Any] = {"ssl": tls_context(), "server_hostname": ""} if endpoint.scheme == "https" else {}
    try:
        async with asyncio.timeout(OPEN_S):
            return await asyncio.open_connection(endpoint.address, endpoint.port, limit=_HEAD_BYTES, **tls)
    except OSError as error:  # TimeoutError is one
        raise DeviceUnreachable(
            f"no connection: {reason_of(error)}.", where=str(endpoint), mend="Check power, cable, address and port."
        ) from error


def _head(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> bytes:
    fixed = {"Host": endpoint.authority, "Connection": "close", "Content-Length": str(len(body))}
    lines = [f"POST {endpoint.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (fixed | dict(headers)).items())]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


class _TooLarge(Exception):
    pass


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    status, headers = await _heading(reader)
    while 100 <= status < 200:
        status, headers = await _heading(reader)
    return Answer(
        status=status,
        content_type=headers.get("Content-Type", ""),
        challenges=tuple(headers.get_all("WWW-Authenticate") or ()),
        location=headers.get("Location"),
        date=headers.get("Date"),
        body=await _body(reader, headers),
        tls_sha256=_certificate_sha256(writer),
    )


async def _heading(reader: asyncio.StreamReader) -> tuple[int, HTTPMessage]:
    first = (await _line(reader)).split(maxsplit=2)
    if len(first) < 2 or not first[0].startswith(b"HTTP/"):
        raise HTTPException
    status = int(first[1])
    head = b""
    while (line := await _line(reader)) not in (b"\r\n", b"\n"):
        head += line
        if len(head) > _HEAD_BYTES:
            raise _TooLarge
    return status, parse_headers(io.BytesIO(head + b"\r\n"))


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()  # a ValueError if it is longer than the reader's limit
    if not line.endswith(b"\n"):
        raise EOFError
    return line


async def _body(reader: asyncio.StreamReader, headers: HTTPMessage) -> bytes:
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return await _chunks(reader)
    told = headers.get("Content-Length")
    if told is not None:
        return await _exactly(reader, int(told))
    body = b""
    while part := await reader.read(_READ_BYTES):
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise _TooLarge
    return body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await _line(reader)).partition(b";")[0], 16):
        body += await _exactly(reader, size)
        await _line(reader)
        if len(body) > MAX_ANSWER_BYTES:
            raise _TooLarge
    return body


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    if not 0 <= size <= MAX_ANSWER_BYTES:
        raise _TooLarge
    return await reader.readexactly(size)  # an EOFError if it is cut short


def _certificate_sha256(writer: asyncio.StreamWriter) -> str | None:
    tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    return None if tls is None else hashlib.sha256(tls.getpeercert(binary_form=True) or b"").hexdigest()

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.onvif.async_exchange import MAX_ANSWER_BYTES, post
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.faults import AnswerRefused, DeviceSilent, DeviceUnreachable
from foundation.errors import DeviceError

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[Endpoint]:
    serving: list[asyncio.Task[None] | None] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(served, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Endpoint("http", "camera", port, "/onvif/x?y", "127.0.0.1")
    finally:
        listening.close()
        await asyncio.wait([task for task in serving if task] or [asyncio.ensure_future(asyncio.sleep(0))])
        for _ in range(3):
            await asyncio.sleep(0)  # sockets are closed in the loop's next round


def saying(*parts: bytes) -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return serve


async def answered(*parts: bytes, answer_s: float = 60.0) -> bytes:
    async with server(saying(*parts)) as endpoint:
        return (await post(endpoint, b"question", {}, answer_s)).body


@pytest.mark.parametrize(
    "parts",
    [
        (OK, b"Content-Length: 6\r\n\r\n", b"answer"),
        (OK, b"Content-Length: 6\r\n\r\nanswer and what comes after"),
        (OK, b"\r\nans", b"wer"),
        (OK, b"Transfer-Encoding: chunked\r\n\r\n3\r\nans\r\n3;x=y\r\nwer\r\n0\r\n\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", OK, b"Content-Length: 6\r\n\r\nanswer"),
        (b"HTTP/1.0 500\nContent-Length: 6\n\nanswer",),
    ],
    ids=["length", "longer", "to the end", "chunked", "continue", "bare"],
)
async def test_an_answer_is_read_in_the_ways_that_devices_write_it(parts: tuple[bytes, ...]) -> None:
    assert await answered(*parts) == b"answer"


async def test_the_request_is_whole() -> None:
    seen = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readexactly(8))
        writer.write(
            b'HTTP/1.1 401 no\r\nWWW-Authenticate: Digest realm="r"\r\nDate: today\r\nContent-Length: 0\r\n\r\n'
        )

    async with server(serve) as endpoint:
        answer = await post(endpoint, b"question", {"A": "b"}, 60.0)
    assert seen == [b"question"]
    assert (answer.status, answer.challenges, answer.date, answer.body) == (401, ('Digest realm="r"',), "today", b"")


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ((b"SSH-2.0-OpenSSH_9\r\n",), "no HTTP|not speak HTTP|broke"),
        ((b"",), "broke"),
        ((OK, b"Content-Length: 9\r\n\r\nanswer"), "broke"),
        ((OK, b"Content-Length: much\r\n\r\n"), "not speak HTTP"),
        ((OK, b"Content-Length: -1\r\n\r\n"), "larger"),
        ((OK, b"Content-Length: 99999999999\r\n\r\n"), "larger"),
        ((OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "not speak HTTP"),
        ((OK, b"Transfer-Encoding: chunked\r\n\r\n", *[b"40000\r\n" + b"x" * 0x40000 + b"\r\n"] * 5), "larger"),
        ((OK, b"\r\n", *[b"x" * 65536] * (MAX_ANSWER_BYTES // 65536 + 1)), "larger"),
        ((OK, *[b"X: " + b"x" * 8000 + b"\r\n"] * 9, b"\r\n"), "larger"),
        ((OK, b"X: " + b"x" * 200_000), "not speak HTTP"),
    ],
    ids=["ssh", "nothing", "short", "word", "minus", "huge", "chunk", "chunks", "endless", "head", "line"],
)
async def test_what_is_no_answer_is_refused(parts: tuple[bytes, ...], what: str) -> None:
    with pytest.raises(AnswerRefused, match=what):
        await answered(*parts)


async def test_a_device_that_never_answers_is_silent() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.2)

    async with server(serve) as endpoint:
        with pytest.raises(DeviceSilent):
            await post(endpoint, b"question", {}, 0.05)


async def test_nothing_that_listens_is_unreachable() -> None:
    async with server(saying()) as endpoint:
        pass
    with pytest.raises(DeviceUnreachable):
        await post(endpoint, b"question", {}, 60.0)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda rest: OK + rest))
def test_whatever_a_device_says_is_an_answer_or_an_error(said: bytes) -> None:
    with suppress(DeviceError):
        assert len(asyncio.run(answered(said))) <= len(said)

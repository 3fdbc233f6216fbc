"""A camera behind a bad line: passes a connection on to a good camera, and cuts it after a few seconds."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

SHORTEST_S, LONGEST_S = 1.0, 6.0


@contextmanager
def flapping(port: int) -> Iterator[int]:
    """The port of the bad line to the camera at `port`, in a thread of its own."""
    started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(port, started)), daemon=True)
    thread.start()
    own, loop, stop = started.result(10)
    try:
        yield own
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


async def _serve(port: int, started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    chance = random.Random(5)

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(chance.uniform(SHORTEST_S, LONGEST_S)):
                await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        for one in (writer, far_writer):
            one.transport.abort()

    server = await asyncio.start_server(line, "127.0.0.1", 0)
    stop = asyncio.Event()
    started.set_result((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), stop))
    await stop.wait()
    server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()

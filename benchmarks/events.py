"""200 consoles follow what changes: 50 events a second for 20 s and more, none lost, none doubled, in order.

    python -m benchmarks.events --consoles 200 --rate 50 --seconds 20

Each console is one connection of one of 20 accounts, all signed in for the whole city: first as server-sent events,
then over WebSocket. The server is a process of its own; its CPU time is counted, all threads and the kernel's share
included. The events are about 600 bytes long, each a transaction of its own in the SQLite store, written by another
process as the center's matching does.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks._api_center import sessions_for, stock
from benchmarks.api import Server, vedette
from foundation import outbox
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.settings import Settings

PER_ACCOUNT = 10
PADDING = "x" * 500


@dataclass
class Console:
    """What one connection received: the numbers in order, and how late each was."""

    numbers: list[int] = field(default_factory=list)
    delays_ms: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)

    def take(self, text: bytes) -> None:
        body = json.loads(text)
        data = body.get("data", body)
        self.numbers.append(data["n"])
        self.written.append(data["at"])
        self.delays_ms.append(1000 * (time.time() - data["at"]))


async def follow_sse(port: int, cookie: str, console: Console, ready: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    while True:
        line = await reader.readline()
        if not line:
            raise ConnectionError("the server closed an event stream")
        if line.startswith(b"retry:"):
            ready.set()
        elif line.startswith(b"data: "):
            console.take(line[6:])


async def follow_socket(port: int, cookie: str, console: Console, ready: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /api/v1/events/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Cookie: {cookie}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head, head
    ready.set()
    while True:
        first, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        payload = await reader.readexactly(length)
        if first & 0xF == 1:
            console.take(payload)


def write(folder: Path, center_id: str, count: int, rate: float) -> None:
    """One event a transaction, at an even pace."""
    settings = Settings(data_dir=folder)
    stores = open_stores(settings)
    with transaction(stores.core):
        pass  # the connection is made, and the modules are loaded
    begun = time.monotonic()
    for n in range(count):
        with transaction(stores.core) as session:
            body = {"n": n, "at": time.time(), "padding": PADDING}
            outbox.append(session, center_id, outbox.CONSOLE, outbox.Lane.URGENT, "alert.created", body, SYSTEM_CLOCK)
        time.sleep(max(0.0, begun + (n + 1) / rate - time.monotonic()))
    stores.dispose()


@dataclass(frozen=True)
class Result:
    cpu_s: float
    wall_s: float
    consoles: list[Console]


Follow = Callable[[int, str, Console, asyncio.Event], Coroutine[None, None, None]]


async def measure(
    server: Server, folder: Path, center_id: str, cookies: list[str], follow: Follow, n: int, rate: float
) -> Result:
    consoles = [Console() for _ in cookies]
    ready = [asyncio.Event() for _ in cookies]
    tasks = [
        asyncio.create_task(follow(server.port, cookie, console, at))
        for cookie, console, at in zip(cookies, consoles, ready, strict=True)
    ]
    await asyncio.wait_for(asyncio.gather(*(at.wait() for at in ready)), 60)
    await asyncio.sleep(1)
    before, begun = await asyncio.to_thread(server.cpu_s), time.monotonic()
    writer = multiprocessing.get_context("spawn").Process(target=write, args=(folder, center_id, n, rate))
    writer.start()
    await asyncio.to_thread(writer.join)
    spent, wall = await asyncio.to_thread(server.cpu_s) - before, time.monotonic() - begun
    end = time.monotonic() + 20
    while any(len(console.numbers) < n for console in consoles) and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Result(spent, wall, consoles)


def tell(name: str, result: Result, count: int) -> bool:
    lost = sum(count - len(set(console.numbers)) for console in result.consoles)
    doubled = sum(len(console.numbers) - len(set(console.numbers)) for console in result.consoles)
    disordered = sum(console.numbers != sorted(console.numbers) for console in result.consoles)
    delays = sorted(delay for console in result.consoles for delay in console.delays_ms)
    written = result.consoles[0].written
    rate = (len(written) - 1) / (written[-1] - written[0])
    delivered = rate * len(result.consoles)
    print(f"{name:<20} {len(result.consoles)} consoles, {rate:.1f} events/s, {delivered:.0f} deliveries/s")
    print(f"  lost, doubled      {lost}, {doubled} (goal 0, 0); consoles out of order {disordered}")
    print(f"  server CPU         {100 * result.cpu_s / result.wall_s:.1f} % of a core")
    print(
        f"  delay              median {statistics.median(delays):.0f} ms, 99 % {delays[len(delays) * 99 // 100]:.0f} ms"
    )
    return not (lost or doubled or disordered)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    count = int(options.rate * options.seconds)
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        city = stock(folder)[0]
        signed_in = sessions_for(folder, -(-options.consoles // PER_ACCOUNT))
        cookies = [signed_in[n % len(signed_in)] for n in range(options.consoles)]
        server = Server(vedette, folder)
        try:
            for title, follow in (("Server-sent events", follow_sse), ("WebSocket", follow_socket)):
                result = asyncio.run(measure(server, folder, city, cookies, follow, count, options.rate))
                good = tell(title, result, count) and good
        finally:
            server.end()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

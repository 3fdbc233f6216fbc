"""Follows the events of many devices at one port in one of two ways, and prints what that cost as JSON.

`tasks` is the product's way; `threads` is the same with a thread a device, whose exchange is the blocking one.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import resource
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from device_registry.onvif import exchange
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.event_feed import EventFeed
from device_registry.onvif.events import Reading
from device_registry.onvif.exchange import Answer

ALLOWED = [ipaddress.ip_network("127.0.0.0/8")]


class Taken:
    def __init__(self) -> None:
        self.devices = 0
        self.readings = 0

    def feed(self, port: int, number: int, pool: ThreadPoolExecutor, **how: object) -> EventFeed:
        first = True

        def take(_: Reading) -> None:
            nonlocal first
            self.devices += first
            first = False
            self.readings += 1

        url = f"http://127.0.0.1:{port}/device/{number}"
        return EventFeed(url, None, take, pool, allowed=ALLOWED, **how)  # type: ignore[arg-type]


async def blocking(endpoint: Endpoint, body: bytes, headers: Mapping[str, str], _answer_s: float) -> Answer:
    """Within the loop of the device's own thread, which waits as a thread does."""
    return exchange.post(endpoint, body, headers)


def follow_in_threads(port: int, count: int, taken: Taken) -> None:
    exchange.ANSWER_S = 30.0  # a pull waits
    pool = ThreadPoolExecutor(16)
    for number in range(count):
        feed = taken.feed(port, number, pool, exchange=blocking)
        threading.Thread(target=lambda feed=feed: asyncio.run(feed.run()), daemon=True).start()


def follow_in_tasks(port: int, count: int, taken: Taken) -> None:
    async def follow() -> None:
        pool = ThreadPoolExecutor(16)
        await asyncio.gather(*(taken.feed(port, number, pool).run() for number in range(count)))

    threading.Thread(target=lambda: asyncio.run(follow()), daemon=True).start()


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main(how: str, port: int, count: int, seconds: float) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    taken, before = Taken(), resident_bytes()
    begun_s = time.monotonic()
    {"tasks": follow_in_tasks, "threads": follow_in_threads}[how](port, count, taken)
    while taken.devices < count:
        time.sleep(0.1)
    up_s, cpu_s, seen = time.monotonic() - begun_s, time.process_time(), taken.readings
    start_s = time.monotonic()
    time.sleep(seconds)
    wall_s = time.monotonic() - start_s
    found = {
        "up_s": up_s,
        "up_cpu_s": cpu_s,
        "cpu_share": (time.process_time() - cpu_s) / wall_s,
        "readings_per_s": (taken.readings - seen) / wall_s,
        "bytes": resident_bytes() - before,
        "threads": threading.active_count(),
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))

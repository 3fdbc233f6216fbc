"""Sees one ordered recording through: `python -m ingest.standalone WORK`, as `vedette record` becomes."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.files import keep_from_others
from ingest.standalone.order import Order, camera_id
from ingest.standalone.recorders import Recorders
from ingest.standalone.usage import Usage

if TYPE_CHECKING:
    from ingest.standalone.results import Result

_TICK_S = 1.0
_START_WITHIN_S = 10.0


def main() -> int:
    keep_from_others()
    work = Path(sys.argv[1])  # of sockets, keys and status files, for as long as the recording lasts
    order = Order.read(work)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        result = _record(order, work, stop)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _tell(result, as_json=order.as_json)
    return 0 if all(one.error is None for one in result.streams) else 1


def _record(order: Order, work: Path, stop: threading.Event) -> Result:
    usage = Usage()
    recorders = Recorders(work, order.disks)
    try:
        seconds = _seconds(order, stop, recorders, usage)
        if order.as_json:
            for _ in seconds:
                pass
        else:
            from ingest.standalone.display import show_progress

            show_progress(seconds, order.duration_s, recorders)
        reports = recorders.reports()  # before they forget their streams
    finally:
        recorders.stop()
    cpu_s = usage.cpu_s
    from ingest.standalone.results import Result, result_of  # only now: reading is no part of what recording takes

    streams = [
        result_of(order, number, reports.get(camera_id(number), {}), recorders.failure(number % len(order.disks)))
        for number in range(len(order.urls))
    ]
    return Result(streams, round(cpu_s, 3), usage.peak_pss_bytes)


def _seconds(order: Order, stop: threading.Event, recorders: Recorders, usage: Usage) -> Iterator[float]:
    """How long it has recorded, until time is over, somebody says stop, or a process ends by itself.

    Time begins when each stream records or says why not, so that all get the whole of it.
    """
    started = began = time.monotonic()
    starting = True
    while recorders.all_run:
        usage.sample()
        now = time.monotonic()
        if starting:
            began = now
            starting = recorders.decided < len(order.urls) and now - started < _START_WITHIN_S
        left_s = order.duration_s - (now - began)
        yield now - began
        if left_s <= 0 or stop.wait(min(_TICK_S, left_s)):
            return


def _tell(result: Result, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(result)))  # noqa: T201, this is the command's answer
    else:
        from ingest.standalone.display import show_result

        show_result(result)
    for one in result.streams:
        if one.error is not None:
            sys.stderr.write(f"{one.url}: {one.error}\n")


if __name__ == "__main__":
    sys.exit(main())

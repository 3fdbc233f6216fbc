"""When cameras are read: all of a process in one go, every 100 ms, and every 200 ms those that nobody waits for.

A timer for each camera would cost more than some cameras' reading does, and as many wake-ups of the process.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

POLL_S = 0.1
UNWATCHED_POLL_S = 0.2  # a multiple, so that both fall together


class _Beat:
    """Those of one event loop that wait for the next poll of one interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._waiting: list[asyncio.Future[None]] = []

    def join(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        if not self._waiting:
            loop.call_later(self._interval_s - loop.time() % self._interval_s, self._strike)
        future = loop.create_future()
        self._waiting.append(future)
        return future

    def _strike(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():  # the task that waited was cancelled
                future.set_result(None)


_beats: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, _Beat]] = WeakKeyDictionary()


def next_poll(*, unwatched: bool = False) -> asyncio.Future[None]:
    """To be awaited: done at the next multiple of the interval on the loop's clock."""
    loop = asyncio.get_running_loop()
    beats = _beats.get(loop)
    if beats is None:
        beats = _beats[loop] = {False: _Beat(POLL_S), True: _Beat(UNWATCHED_POLL_S)}
    return beats[unwatched].join(loop)

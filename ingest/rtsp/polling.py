"""When cameras are read: every 100 ms, all of a process in one go.

A timer for each camera would cost more than some cameras' reading does, and as many wake-ups of the process.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

POLL_S = 0.1


class _Beat:
    """Those of one event loop that wait for the next poll."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def join(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        if not self._waiting:
            loop.call_later(POLL_S - loop.time() % POLL_S, self._strike)
        future = loop.create_future()
        self._waiting.append(future)
        return future

    def _strike(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():  # the task that waited was cancelled
                future.set_result(None)


_beats: WeakKeyDictionary[asyncio.AbstractEventLoop, _Beat] = WeakKeyDictionary()


def next_poll() -> asyncio.Future[None]:
    """To be awaited: done at the next multiple of `POLL_S` on the loop's clock."""
    loop = asyncio.get_running_loop()
    beat = _beats.get(loop)
    if beat is None:
        beat = _beats[loop] = _Beat()
    return beat.join(loop)

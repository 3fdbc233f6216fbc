"""Threads that check devices, as many as are asked for at once and never more than a bound."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

_Result = TypeVar("_Result")
WORKERS: Final = 16


class Workers(Generic[_Result]):
    """They are daemons: a device that hangs does not keep the process from ending."""

    def __init__(self, bound: int = WORKERS) -> None:
        self._bound = bound
        self._work: SimpleQueue[Callable[[], _Result]] = SimpleQueue()
        self._done: SimpleQueue[_Result] = SimpleQueue()
        self._threads = 0
        self._running = 0

    @property
    def free(self) -> int:
        return self._bound - self._running

    def start(self, work: Callable[[], _Result]) -> None:
        """`work` never raises."""
        self._running += 1
        if self._running > self._threads:
            self._threads += 1
            threading.Thread(target=self._serve, name=f"check-{self._threads}", daemon=True).start()
        self._work.put(work)

    def results(self) -> list[_Result]:
        """What was finished since the last call."""
        found = []
        while True:
            try:
                found.append(self._done.get_nowait())
            except Empty:
                break
        self._running -= len(found)
        return found

    def _serve(self) -> None:
        while True:
            self._done.put(self._work.get()())

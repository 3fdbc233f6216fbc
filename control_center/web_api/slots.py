"""Work that takes long, in threads of its own: so many at once, in all and for each session. Who comes on top is
refused at once instead of waiting, and the API's other threads stay free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from foundation.errors import TooMany

_T = TypeVar("_T")


class Slots:
    """Used from the event loop alone."""

    def __init__(self, what: str, most: int, each: int, retry_after_s: int) -> None:
        self._what = what
        self._most = most
        self._each = each
        self._retry_after_s = retry_after_s
        self._taken: Counter[str] = Counter()
        self._threads = CapacityLimiter(most)

    @contextmanager
    def taken(self, session_id: str) -> Iterator[None]:
        """Raises `TooMany`."""
        if self._taken.total() >= self._most or self._taken[session_id] >= self._each:
            raise TooMany(
                f"too many {self._what} are under way.", mend="Wait for them.", retry_after_s=self._retry_after_s
            )
        self._taken[session_id] += 1
        try:
            yield
        finally:
            self._taken[session_id] -= 1
            self._taken += Counter()  # drops who has none

    async def thread(self, work: Callable[[], _T]) -> _T:
        """Work that has a slot, in a thread; it ends even when nobody waits for it any more."""
        return await to_thread.run_sync(work, limiter=self._threads)

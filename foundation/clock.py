"""Time as the rest of the code sees it: integers of microseconds, UTC, from one injected clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

US_PER_S = 1_000_000


class Clock(Protocol):
    def now_us(self) -> int:
        """UTC now, in microseconds since 1970-01-01."""

    def monotonic_us(self) -> int:
        """Microseconds that never run backwards, from an arbitrary start."""


class SystemClock:
    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic_us(self) -> int:
        return time.monotonic_ns() // 1000


class ManualClock:
    """A clock that moves only when told, for tests."""

    def __init__(self, now_us: int = 1_700_000_000 * US_PER_S) -> None:
        self._now_us = now_us
        self._monotonic_us = 0

    def now_us(self) -> int:
        return self._now_us

    def monotonic_us(self) -> int:
        return self._monotonic_us

    def advance(self, seconds: float) -> None:
        self._now_us += int(seconds * US_PER_S)
        self._monotonic_us += int(seconds * US_PER_S)

    def step(self, seconds: float) -> None:
        """Move the wall clock alone, as a time server or an administrator does."""
        self._now_us += int(seconds * US_PER_S)


SYSTEM_CLOCK: Clock = SystemClock()


def to_iso(us: int) -> str:
    """RFC 3339 in UTC with milliseconds, for people and for JSON."""
    moment = datetime.fromtimestamp(us / US_PER_S, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

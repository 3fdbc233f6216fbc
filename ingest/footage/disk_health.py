"""Whether a disk can be written, and for how long it could."""

from __future__ import annotations

from foundation.clock import US_PER_S, Clock
from foundation.errors import VedetteError

_STALLED_US = 3 * US_PER_S  # a single write, or the repair at start, that takes longer holds up the streams
_FIRST_SETTLE_US = 20 * US_PER_S
_LONGEST_SETTLE_US = 3600 * US_PER_S


class DiskHealth:
    """Told by the disk's thread, asked by others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.fault: VedetteError | None = None
        self._working_since_us: int | None = None
        self._well_since_us: int | None = None  # None: it was never otherwise
        self._settle_us = _FIRST_SETTLE_US // 2

    @property
    def stalled(self) -> bool:
        since_us = self._working_since_us
        return since_us is not None and self._clock.monotonic_us() - since_us > _STALLED_US

    @property
    def settled(self) -> bool:
        """Well for so long that streams may come back: longer each time that it fails again within an hour."""
        if self.fault is not None or self.stalled:
            return False
        return self._well_since_us is None or self._clock.monotonic_us() - self._well_since_us >= self._settle_us

    def fail(self, fault: VedetteError) -> bool:
        """Whether it is news."""
        before, self.fault = self.fault, fault
        if before is None:
            self._turn_ill()
        return before is None or before.kind != fault.kind

    def recover(self) -> bool:
        """Whether it is news."""
        before, self.fault = self.fault, None
        if before is not None:
            self._well_since_us = self._clock.monotonic_us()
        return before is not None

    def begin_work(self) -> None:
        self._working_since_us = self._clock.monotonic_us()

    def end_work(self) -> None:
        if self.stalled:
            self._turn_ill()
            self._well_since_us = self._clock.monotonic_us()
        self._working_since_us = None

    def _turn_ill(self) -> None:
        well_us = self._clock.monotonic_us() - (self._well_since_us or 0)
        long_ago = self._well_since_us is not None and well_us > _LONGEST_SETTLE_US
        self._settle_us = _FIRST_SETTLE_US if long_ago else min(2 * self._settle_us, _LONGEST_SETTLE_US)

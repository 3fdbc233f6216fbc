"""When a picture was taken, on this host's clock.

The delay of the fastest packet within 60 s (arrival - RTP time, on the monotonic clock) ties the camera's RTP clock to
ours; changes of that tie are slewed by at most 500 ppm. Cameras' own wall clocks play no part.
"""

from __future__ import annotations

from collections import deque

from foundation.clock import US_PER_S, Clock
from ingest.access_unit import TICKS_PER_S

WINDOW_S = 60
SLEW_PPM = 500
_SETTLING_US = 5 * US_PER_S  # servers send what they buffered first; the tie may fall freely so long
_STEP_US = US_PER_S  # no drift: a camera whose RTP clock does not run at 90 kHz, or was set


def _slewed(value: int, target: int, elapsed_us: int) -> int:
    most = elapsed_us * SLEW_PPM // 1_000_000
    return value + max(-most, min(most, target - value))


class UtcLine:
    """UTC for monotonic times, one for all streams of a process. It never runs backwards.

    A wall clock set forward by more than a second is followed at once; one set back is only approached by the slew,
    because footage must not be recorded twice under the same time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._checked_us = clock.monotonic_us()
        self._offset_us = clock.now_us() - self._checked_us

    @property
    def error_us(self) -> int:
        """How far the wall clock is ahead of this line."""
        return self._clock.now_us() - self._clock.monotonic_us() - self._offset_us

    def utc_us(self, monotonic_us: int) -> int:
        return monotonic_us + self._offset_us

    def refresh(self) -> None:
        """Follow the wall clock; called about once a second."""
        now = self._clock.monotonic_us()
        if now - self._checked_us < US_PER_S // 2:
            return
        target = self._clock.now_us() - now
        if target - self._offset_us > _STEP_US:
            self._offset_us = target
        else:
            self._offset_us = _slewed(self._offset_us, target, now - self._checked_us)
        self._checked_us = now


class Timeline:
    """Capture times of one session's pictures, in decoding order, never before `floor_us`."""

    def __init__(self, utc: UtcLine, floor_us: int = 0) -> None:
        self._utc = utc
        self._last_us = floor_us
        self._started_us: int | None = None
        self._arrival_us = 0
        self._tie_us = 0
        self._second = 0
        self._minima: deque[tuple[int, int]] = deque()  # second of arrival, delay; both grow, so the least is the first

    def capture_us(self, rtp_time: int, arrival_us: int) -> int:
        """UTC of the picture with that unwrapped RTP time, whose last packet came at `arrival_us` (monotonic)."""
        rtp_us = rtp_time * US_PER_S // TICKS_PER_S
        self._follow(arrival_us - rtp_us, arrival_us)
        taken = min(rtp_us + self._tie_us, arrival_us)
        self._last_us = max(self._last_us, self._utc.utc_us(taken))
        return self._last_us

    def _follow(self, delay_us: int, arrival_us: int) -> None:
        if self._started_us is None:
            self._started_us, self._arrival_us, self._tie_us = arrival_us, arrival_us, delay_us
        target = self._least_delay(delay_us, arrival_us)
        settling = arrival_us - self._started_us < _SETTLING_US
        if (settling and target < self._tie_us) or abs(target - self._tie_us) > _STEP_US:
            self._tie_us = target
        else:
            self._tie_us = _slewed(self._tie_us, target, arrival_us - self._arrival_us)
        self._arrival_us = arrival_us

    def _least_delay(self, delay_us: int, arrival_us: int) -> int:
        second, minima = arrival_us // US_PER_S, self._minima
        if second != self._second:
            self._second = second
            self._utc.refresh()
            while minima and minima[0][0] <= second - WINDOW_S:
                minima.popleft()
        if not minima or delay_us < minima[-1][1] or second != minima[-1][0]:
            while minima and delay_us <= minima[-1][1]:
                minima.pop()
            minima.append((second, delay_us))
        return minima[0][1]

"""Leave to look: what the API gave to whom, and until when. The media server knows nothing else of people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput
from foundation.identifiers import new_id
from ingest.live.ended import LEAVE_LIFE_US

LONGEST_WINDOW_US: Final = 24 * 3600 * US_PER_S


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in one session of theirs with the API."""

    account: str  # user name
    account_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Leave:
    """What every leave has; not good from `expires_us` on."""

    id: str
    holder: Holder
    issued_us: int
    expires_us: int


@dataclass(frozen=True, slots=True)
class LiveLeave(Leave):
    """Live pictures of these cameras."""

    cameras: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClipLeave(Leave):
    """What one stream of one camera recorded within a window."""

    camera_id: str
    stream: str
    start_us: int
    end_us: int
    alert_id: str | None

    def covers(self, camera_id: str, stream: str, start_us: int, end_us: int) -> bool:
        same = (camera_id, stream) == (self.camera_id, self.stream)
        return same and self.start_us <= start_us < end_us <= self.end_us


def live_leave(
    clock: Clock, holder: Holder, cameras: Collection[str], *, issued_us: int | None = None, until_us: int | None = None
) -> LiveLeave:
    """`issued_us` is from before the holder's rights were looked up, or an end that came in between is missed."""
    issued_us, expires_us = _life(clock, issued_us, until_us)
    return LiveLeave(new_id(clock), holder, issued_us, expires_us, frozenset(cameras))


def clip_leave(
    clock: Clock,
    holder: Holder,
    camera_id: str,
    stream: str,
    start_us: int,
    end_us: int,
    *,
    alert_id: str | None = None,
    issued_us: int | None = None,
    until_us: int | None = None,
) -> ClipLeave:
    """Raises `InvalidInput` for a window of nothing, or of more than a day."""
    if not 0 < end_us - start_us <= LONGEST_WINDOW_US:
        mend = "Ask for more than nothing and at most 24 hours."
        raise InvalidInput("this is no window to give leave for.", where="end_us", mend=mend)
    issued_us, expires_us = _life(clock, issued_us, until_us)
    return ClipLeave(
        new_id(clock), holder, issued_us, expires_us, camera_id, stream, start_us, end_us, alert_id=alert_id
    )


def _life(clock: Clock, issued_us: int | None, until_us: int | None) -> tuple[int, int]:
    issued_us = clock.now_us() if issued_us is None else issued_us
    latest_us = issued_us + LEAVE_LIFE_US
    return issued_us, latest_us if until_us is None else min(latest_us, until_us)

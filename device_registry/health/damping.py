"""From what a camera's health is at each moment to what is told: what lasts, and that it flaps.

A worse state is told when it has lasted, a better one too, and what falls short of both many times within an hour is
told as flapping. All of it is a pure function of what was seen and when.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from device_registry.health.verdict import CHOSEN, Verdict
from foundation.clock import US_PER_S

FLAPS: Final = 6  # turns to the worse within an hour that are not yet flapping
HOUR_US: Final = 3600 * US_PER_S
QUIET_US: Final = 600 * US_PER_S  # so long one state holds, and it flaps no more
UNKNOWN_US: Final = 60 * US_PER_S  # a recorder that is started again within it changes nothing


@dataclass(frozen=True, slots=True)
class Holds:
    worse_us: int
    better_us: int


@dataclass(slots=True)
class Damper:
    """One camera's. `told` stands since `since_us`; `see` takes the next moment, at times that never run backwards."""

    told: Verdict
    since_us: int
    _seen: Verdict | None = None
    _turn: str | None = None  # how what is seen differs from what is told, and since when
    _turned_us: int = 0
    _known: Verdict | None = None  # the last one seen that was not `unknown`, and since when
    _known_us: int = 0
    _falls: deque[int] = field(default_factory=lambda: deque(maxlen=FLAPS + 1))  # when it turned to the worse
    _flap: Verdict | None = None

    @property
    def is_settled(self) -> bool:
        """Nothing will be told unless something else is seen."""
        return self._turn is None and self._flap is None

    def see(self, seen: Verdict, now_us: int, holds: Holds) -> bool:
        """Take what is seen now; True when what is told has changed, be it only the cause."""
        if seen.state in CHOSEN or self.told.state in CHOSEN:
            return self._follow(seen, now_us)
        self._note_falls(seen, now_us)
        wanted = self._flap or seen
        turn = self._turn_to(wanted)
        if turn != self._turn:
            self._turn, self._turned_us = turn, now_us
        if turn is None or now_us - self._turned_us < self._hold_us(turn, holds):
            return False
        if turn != "cause":
            self.since_us = self._turned_us
        self.told, self._turn = wanted, None
        return True

    def _follow(self, seen: Verdict, now_us: int) -> bool:
        """A person chose, or chooses no more: at once."""
        self._turn = self._known = self._flap = None
        self._falls.clear()
        if seen == self.told:
            return False
        if seen.state != self.told.state:
            self.since_us = now_us
        self.told = seen
        return True

    def _note_falls(self, seen: Verdict, now_us: int) -> None:
        if seen.state not in ("unknown", self._known and self._known.state):
            if self._known is not None and seen.rank > self._known.rank:
                self._falls.append(now_us)
            self._known, self._known_us = seen, now_us
        if self._flap is not None and now_us - self._known_us >= QUIET_US:
            self._flap = None
            self._falls.clear()
        elif self._flap is None and len(self._falls) > FLAPS and now_us - self._falls[0] <= HOUR_US:
            cause = f"It flaps: more than {FLAPS} times within an hour it failed and came back."
            mend = "Check its plugs, its power supply and the load of its network."
            self._flap = Verdict("degraded", f"{cause} At last: {seen.cause}" if seen.cause else cause, mend)

    def _turn_to(self, wanted: Verdict) -> str | None:
        if wanted.state == self.told.state:
            return "cause" if wanted != self.told else None
        if wanted.state == "unknown":
            return "unknown"
        if self.told.state == "unknown":
            return "better" if wanted.state == "online" else "worse"
        return "worse" if wanted.rank > self.told.rank else "better"

    def _hold_us(self, turn: str, holds: Holds) -> int:
        if turn == "unknown":
            return UNKNOWN_US
        if turn == "better":
            return 0 if self.told.state == "unknown" else holds.better_us
        return holds.worse_us

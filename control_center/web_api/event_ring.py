"""The newest events for consoles, encoded once for all who follow, in a ring that is bounded in number and bytes."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from control_center.identity.roles import Right
from foundation.scope import Scope

LONGEST_RING: Final = 2_000
LARGEST_RING: Final = 8 << 20
BATCH: Final = 200
RESET: Final = "feed.reset"
# Who may be told what, by the first word of the event's kind. What is not here is told to nobody.
RIGHT_OF: Final[Mapping[str, Right]] = {
    "alert": Right.READ,
    "board": Right.READ,
    "camera": Right.SEE_CAMERAS,
    "evidence": Right.PLAYBACK,
    "repair": Right.SEE_CAMERAS,
    "ptz": Right.CONTROL_PTZ,
}


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event of the outbox, ready to be sent on either transport."""

    position: int
    center_id: str
    right: Right | None
    sse: bytes  # server-sent event (HTML standard, 9.2)
    text: str  # WebSocket message


@dataclass(frozen=True)
class Sight:
    """What a follower may be told: the centers in reach of each right that events ask for."""

    scopes: Mapping[Right, Scope] = field(hash=False)
    key: tuple[Scope, ...]

    @classmethod
    def of(cls, scopes: Mapping[Right, Scope]) -> Sight:
        """`scopes` has the rights that may be used now, not all that are held."""
        held = {right: scopes.get(right, Scope()) for right in sorted(set(RIGHT_OF.values()))}
        return cls(held, tuple(held.values()))

    def covers(self, event: LiveEvent) -> bool:
        return event.right is not None and event.center_id in self.scopes[event.right]

    @property
    def centers(self) -> Scope:
        """All of them together, for the query that reads what a follower missed."""
        return Scope(center_id for scope in self.scopes.values() for center_id in scope)


@dataclass(frozen=True)
class Batch:
    """What a follower is told next, and the position up to which it then knows everything it may."""

    until: int
    events: tuple[LiveEvent, ...]

    @cached_property
    def sse(self) -> bytes:
        return b"".join(event.sse for event in self.events)


def encode(position: int, center_id: str, kind: str, body: Mapping[str, Any]) -> LiveEvent:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return LiveEvent(
        position,
        center_id,
        RIGHT_OF.get(kind.partition(".")[0]),
        f"id: {position}\nevent: {kind}\ndata: {data}\n\n".encode(),
        f'{{"id":"{position}","event":{json.dumps(kind)},"data":{data}}}',
    )


class EventRing:
    """Holds every console event after `floor`, up to `newest`."""

    def __init__(self) -> None:
        self.floor = self.newest = 0
        self._events: list[LiveEvent] = []
        self._positions: list[int] = []
        self._bytes = 0
        self._batches: dict[tuple[int, tuple[Scope, ...]], Batch] = {}

    def begin(self, position: int) -> None:
        """Forget everything: events are known from this position on."""
        self.floor = self.newest = position
        self._events, self._positions, self._bytes = [], [], 0
        self._batches.clear()

    def add(self, events: Iterable[LiveEvent]) -> None:
        """The events that follow `newest`, in order."""
        for event in events:
            self._events.append(event)
            self._positions.append(event.position)
            self._bytes += len(event.sse)
            self.newest = event.position
        self._batches.clear()
        self._trim()

    def after(self, position: int, sight: Sight) -> Batch | None:
        """What follows the position; None when that lies before the ring. Who sees alike shares one batch."""
        if position < self.floor:
            return None
        key = position, sight.key
        if key not in self._batches:
            start = bisect_right(self._positions, position)
            found = self._events[start : start + BATCH]
            until = found[-1].position if found else position
            self._batches[key] = Batch(until, tuple(event for event in found if sight.covers(event)))
        return self._batches[key]

    def _trim(self) -> None:
        """In lumps, because the front of a list is dear to cut."""
        if len(self._events) <= LONGEST_RING and self._bytes <= LARGEST_RING:
            return
        drop = 0
        while len(self._events) - drop > LONGEST_RING // 2 or self._bytes > LARGEST_RING // 2:
            self._bytes -= len(self._events[drop].sse)
            drop += 1
        self.floor = self._positions[drop - 1]
        del self._events[:drop], self._positions[:drop]

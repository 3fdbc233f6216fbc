"""What one stream has handed to one disk and is not yet written. Until then it can be taken back, for another disk."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

from ingest.access_unit import MediaParameters
from ingest.footage.fragmenter import MediaFragment


class Loss(NamedTuple):
    """Packets were lost between two units that were recorded."""

    start_us: int
    end_us: int


class Interruption(NamedTuple):
    cause: str | None
    at_us: int


Item = MediaFragment | MediaParameters | Loss | Interruption


class Lane:
    """Filled by the session's thread and emptied by the disk's; the lock keeps what one has from the other."""

    def __init__(self, end_us: int | None, has_others: bool) -> None:
        self.end_us = end_us  # of the stream's footage, as far as it is written
        self._has_others = has_others  # other disks could take what this one refuses
        self._parameters: MediaParameters | None = None  # of what is first in line
        self._items: deque[Item] = deque()
        self._lock = threading.Lock()
        self._refused = False
        self._over = False

    @property
    def stands(self) -> bool:
        """The disk refused what is first in line."""
        return self._refused

    @property
    def parameters(self) -> MediaParameters | None:
        """Those of what is first in line."""
        return self._parameters

    def put(self, item: Item) -> None:
        self._items.append(item)

    def take(self) -> Item | None:
        """The first in line, for the disk; None where it was taken back, or the line stands still."""
        with self._lock:
            if self._over or self._refused or not self._items:
                return None
            item = self._items.popleft()
            if isinstance(item, MediaParameters):
                self._parameters = item
            return item

    def refuse(self, item: MediaFragment) -> None:
        """The disk could not write it. Where there are others the line stands still until one of them takes it over."""
        with self._lock:
            if self._has_others and not self._over:
                self._items.appendleft(item)
                self._refused = True

    def go_on(self) -> bool:
        """No other disk takes over: what stands in line is lost, and what follows is tried here. False: it moves."""
        with self._lock:
            stood, self._refused = self._refused, False
            if stood:
                changed = [item for item in self._items if isinstance(item, MediaParameters)]
                self._parameters = changed[-1] if changed else self._parameters
                self._items.clear()
            return stood

    def take_back(self) -> list[Item]:
        """All that is not written, headed by the parameters that it begins with; nothing is written here any more."""
        with self._lock:
            self._over = True
            items = [*([self._parameters] if self._parameters else []), *self._items]
            self._items.clear()
            return items

"""The thread that writes one disk's footage. Its callers hand over and go on: nothing here makes a session wait.

What waits to be written is bounded in bytes, by the number of streams; beyond that a stream loses footage up to its
next keyframe. Nothing that waits is lost with the disk while there is another: it is taken back from its lane.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.clock import US_PER_S, Clock
from foundation.settings import RecorderSettings
from ingest.access_unit import MediaParameters
from ingest.footage.footage_disk import Before, FootageDisk, StreamKey
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.holds import HoldsFile
from ingest.footage.lane import Interruption, Item, Lane, Loss

LEAST_ROOM_BYTES = 64 << 20
ROOM_A_STREAM_BYTES = 2 << 20  # what 5 Mbit/s bring until the disk counts as stalled, and the stream leaves for another
_SAMPLE_OVERHEAD_BYTES = 256  # of what is kept beside a sample's data, so that many tiny ones are bounded too
_DRAIN_S = 0.1
_DRAIN_AT_S = 0.05  # after each multiple of that: sessions are read on those, and the two would get in each other's way

_Action = Callable[[], None]


class DiskWriter:
    """Made and used in one thread; `close` returns when all is written, synced and indexed."""

    def __init__(self, folder: Path, memory: Path, settings: RecorderSettings, holds: HoldsFile, clock: Clock) -> None:
        self.folder = folder
        self.disk = FootageDisk(folder, memory, settings, holds, clock)
        self._clock = clock
        self._queue: queue.SimpleQueue[tuple[int, _Action]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._handed_bytes = 0  # counted up by the callers alone
        self._taken_bytes = 0  # counted up by the thread alone
        self._dropping: set[StreamKey] = set()
        self._parameters: dict[StreamKey, MediaParameters] = {}  # to be handed over with the next fragment
        self._lanes: dict[StreamKey, Lane] = {}
        self._present: set[StreamKey] = set()
        self._thread = threading.Thread(target=self._run, name=f"write {folder.name}", daemon=True)
        self._thread.start()

    @property
    def queued_bytes(self) -> int:
        return self._handed_bytes - self._taken_bytes

    @property
    def room_bytes(self) -> int:
        """How much may wait."""
        return max(LEAST_ROOM_BYTES, ROOM_A_STREAM_BYTES * len(self._present))

    @property
    def alive(self) -> bool:
        return self._thread.is_alive() and self.disk.alive

    def begin(
        self, key: StreamKey, fence: int, before: Before | None = None, others: Sequence[DiskWriter] = ()
    ) -> None:
        """Without `before` the indexes say where the stream's footage ends, also those of the other disks."""
        self._present.add(key)
        self._lanes[key] = Lane(before.end_us if before else None, has_others=bool(others))
        disks = [other.disk for other in others]
        self._hand(0, lambda: self.disk.begin(key, fence, before, disks))

    def parameters(self, key: StreamKey, parameters: MediaParameters) -> None:
        self._parameters[key] = parameters

    def append(self, key: StreamKey, fragment: MediaFragment) -> bool:
        """Whether it is taken; one that is not, for lack of room, is lost with all that follows up to a keyframe."""
        size = _size(fragment)
        if key in self._dropping and not fragment.is_keyframe:
            return False
        if self.queued_bytes + size > self.room_bytes:
            if key not in self._dropping:
                self._dropping.add(key)
                self.interrupt(key, "disk_unavailable" if self.disk.fault else "disk_slow")
            return False
        self._dropping.discard(key)
        if (parameters := self._parameters.pop(key, None)) is not None:
            self._put(key, parameters, parameters.size_bytes)
        self._put(key, fragment, size)
        return True

    def lost(self, key: StreamKey, start_us: int, end_us: int) -> None:
        if key in self._dropping:
            return  # within the gap of what is dropped
        self._put(key, Loss(start_us, end_us))

    def interrupt(self, key: StreamKey, cause: str | None) -> None:
        self._put(key, Interruption(cause, self._clock.now_us()))

    def leave(self, key: StreamKey, at_us: int) -> None:
        """The stream goes on elsewhere from then on; what was handed over before is still written."""
        self._put(key, Interruption(None, at_us))
        self.forget(key)

    def take_back(self, key: StreamKey) -> tuple[Before, list[Item]]:
        """What is not written, to go on with elsewhere."""
        lane = self._lanes[key]
        items = lane.take_back()
        if (parameters := self._parameters.pop(key, None)) is not None:
            items.append(parameters)
        self.forget(key)
        return Before(lane.end_us, self.disk.cause), items

    def has_failed(self, key: StreamKey) -> bool:
        """Whether the stream had better go on elsewhere; also where the disk is well again, but refused some of it."""
        return not self.disk.usable or self._lanes[key].stands

    def go_on(self, key: StreamKey) -> None:
        """There is no other disk: try it again with the next keyframe."""
        lane = self._lanes[key]
        if lane.go_on() and lane.parameters is not None:
            self._parameters.setdefault(key, lane.parameters)

    def take_over(self, key: StreamKey, items: Sequence[Item]) -> None:
        """What another disk had to leave."""
        for item in items:
            if isinstance(item, MediaFragment):
                self.append(key, item)
            elif isinstance(item, Loss | Interruption):
                self._put(key, item)
            else:
                self.parameters(key, item)

    def forget(self, key: StreamKey) -> None:
        """What is missing of the stream from now on is not told here."""
        self._present.discard(key)
        self._dropping.discard(key)
        self._hand(0, lambda: self.disk.left(key))

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _put(self, key: StreamKey, item: Item, size: int = 0) -> None:
        lane = self._lanes[key]
        lane.put(item)
        self._hand(size, lambda: self.disk.step(key, lane))

    def _hand(self, size: int, action: _Action) -> None:
        self._handed_bytes += size
        self._queue.put((size, action))

    def _run(self) -> None:
        self.disk.open()
        # By the clock and not for each fragment: waking a thread costs more than what it then does.
        while not self._closing.wait(self._until_next_s()):
            self._drain()
        self._drain()
        self.disk.finish()

    def _until_next_s(self) -> float:
        return _DRAIN_S - (self._clock.monotonic_us() / US_PER_S - _DRAIN_AT_S) % _DRAIN_S

    def _drain(self) -> None:
        """What was handed over so far, and what is due."""
        while True:
            self.disk.tend()
            try:
                size, action = self._queue.get_nowait()
            except queue.Empty:
                return
            self.disk.perform(action)
            self._taken_bytes += size


def _size(fragment: MediaFragment) -> int:
    return sum(len(sample.data) + _SAMPLE_OVERHEAD_BYTES for sample in fragment.samples)

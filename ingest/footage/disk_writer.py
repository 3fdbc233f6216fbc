"""The thread that writes one disk's footage. Its callers hand over and go on: nothing here makes a session wait.

What waits to be written is bounded in bytes; beyond that a stream loses footage up to its next keyframe.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from foundation.clock import US_PER_S, Clock
from foundation.errors import VedetteError
from foundation.files import write_error
from foundation.settings import RecorderSettings
from ingest.access_unit import MediaParameters
from ingest.footage.disk import Disk
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.index import FootageIndex
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.repair import repair
from ingest.footage.retention import RetentionPolicy
from ingest.footage.stream_writer import StreamWriter
from ingest.footage.syncer import Syncer

MAX_QUEUED_BYTES = 64 << 20
_SAMPLE_OVERHEAD_BYTES = 256  # of what is kept beside a sample's data, so that many tiny ones are bounded too
_RETRY_S = 5.0
_QUEUE_US = 600 * US_PER_S
_log = structlog.get_logger()

StreamKey = tuple[str, str]
_Action = Callable[[], None]


class DiskWriter:
    """Made and used in one thread; `close` returns when all is written, synced and indexed."""

    def __init__(self, folder: Path, memory: Path, settings: RecorderSettings, clock: Clock) -> None:
        self.folder = folder
        self.fault: VedetteError | None = None  # why nothing can be written at present
        self._memory = memory
        self._settings = settings
        self._clock = clock
        self._queue: queue.SimpleQueue[tuple[int, _Action | None]] = queue.SimpleQueue()
        self._handed_bytes = 0  # counted up by the callers alone
        self._taken_bytes = 0  # counted up by the thread alone
        self._dropping: set[StreamKey] = set()
        self._parameters: dict[StreamKey, MediaParameters] = {}  # to be handed over with the next fragment
        self._streams: dict[StreamKey, StreamWriter] = {}
        self._fences: dict[StreamKey, int] = {}
        self._syncer: Syncer | None = None
        self._due_us = 0
        self._thread = threading.Thread(target=self._run, name=f"write {folder.name}", daemon=True)
        self._thread.start()

    @property
    def queued_bytes(self) -> int:
        return self._handed_bytes - self._taken_bytes

    @property
    def sync_seconds(self) -> float:
        return self._syncer.seconds if self._syncer else 0.0

    @property
    def free_bytes(self) -> int:
        return self._syncer.free_bytes if self._syncer else 0

    @property
    def alive(self) -> bool:
        return self._thread.is_alive() and (self._syncer is None or self._syncer.alive)

    def begin(self, key: StreamKey, fence: int) -> None:
        self._hand(0, lambda: self._begin(key, fence))

    def parameters(self, key: StreamKey, parameters: MediaParameters) -> None:
        self._parameters[key] = parameters

    def append(self, key: StreamKey, fragment: MediaFragment) -> None:
        size = sum(len(sample.data) + _SAMPLE_OVERHEAD_BYTES for sample in fragment.samples)
        if key in self._dropping and not fragment.is_keyframe:
            return
        if self.queued_bytes + size > MAX_QUEUED_BYTES:
            if key not in self._dropping:
                self._dropping.add(key)
                self.interrupt(key, "disk_unavailable" if self.fault else "disk_slow")
            return
        self._dropping.discard(key)
        if (parameters := self._parameters.pop(key, None)) is not None:
            self._hand(parameters.size_bytes, lambda: self._streams[key].parameters(parameters))
        self._hand(size, lambda: self._append(key, fragment))

    def lost(self, key: StreamKey, start_us: int, end_us: int) -> None:
        if key in self._dropping:
            return  # within the gap of what is dropped
        self._hand(0, lambda: self._streams[key].lost(start_us, end_us))

    def interrupt(self, key: StreamKey, cause: str | None) -> None:
        now_us = self._clock.now_us()
        self._hand(0, lambda: self._streams[key].interrupt(cause, now_us))

    def close(self) -> None:
        self._queue.put((0, None))
        self._thread.join()

    def _hand(self, size: int, action: _Action) -> None:
        self._handed_bytes += size
        self._queue.put((size, action))

    def _run(self) -> None:
        self._open()
        while True:
            try:
                size, action = self._queue.get(timeout=self._wait_s())
            except queue.Empty:
                self._on_time()
                continue
            if action is None:
                break
            self._perform(action)
            self._taken_bytes += size
            if self._clock.monotonic_us() >= self._due_us:
                self._on_time()
        self._finish()

    def _wait_s(self) -> float:
        return max(0.0, (self._due_us - self._clock.monotonic_us()) / US_PER_S)

    def _on_time(self) -> None:
        if self._syncer is None:
            self._open()
            return
        self._due_us = self._clock.monotonic_us() + int(self._settings.sync_s * US_PER_S)
        if self._syncer.idle:
            self._syncer.submit(self._changes())

    def _open(self) -> None:
        """Take the disk, repair it, and go on with the streams begun meanwhile; on a fault try again later."""
        disk: Disk | None = None
        try:
            disk = Disk(self.folder, self._memory)
            index = IndexWriter(self.folder)
            report = repair(self.folder, index)
        except VedetteError as error:
            if disk is not None:
                disk.close()
            self._fail(error)
            self._due_us = self._clock.monotonic_us() + int(_RETRY_S * US_PER_S)
            return
        _log.info("footage_disk_opened", disk=str(self.folder), uuid=disk.uuid, repaired=report.indexed)
        policy = RetentionPolicy(self._settings.retention_days, self._settings.min_free_bytes)
        self._syncer = Syncer(disk, index, policy, self._clock)
        self.fault = None
        for key, fence in self._fences.items():
            self._perform(partial(self._continue, key, fence))
        self._due_us = self._clock.monotonic_us() + int(self._settings.sync_s * US_PER_S)

    def _begin(self, key: StreamKey, fence: int) -> None:
        if key not in self._streams:
            self._streams[key] = StreamWriter(self.folder, *key, int(self._settings.segment_s * US_PER_S))
        self._fences[key] = fence
        if self._syncer is not None:
            self._continue(key, fence)

    def _continue(self, key: StreamKey, fence: int) -> None:
        index = FootageIndex(self.folder)
        self._streams[key].begin(fence, index.next_n(*key, fence), index.last_end_us(*key))

    def _append(self, key: StreamKey, fragment: MediaFragment) -> None:
        if self._syncer is None:
            self._streams[key].interrupt("disk_unavailable", fragment.start_us)
        elif self._streams[key].append(fragment):
            self.fault = None

    def _perform(self, action: _Action) -> None:
        try:
            action()
        except VedetteError as error:
            self._fail(error)
        except OSError as error:
            self._fail(write_error(self.folder, error))

    def _fail(self, error: VedetteError) -> None:
        if self.fault is None or self.fault.kind != error.kind:
            _log.error("footage_not_written", disk=str(self.folder), cause=str(error))
        self.fault = error

    def _changes(self) -> Changes:
        """As everything stands now; taken before the sync that makes it true."""
        now_us = self._clock.now_us()
        changes = Changes()
        for stream in self._streams.values():
            changes.add(stream.changes(now_us))
        starts = [stream.open_since_us for stream in self._streams.values()]
        # What is still queued may start a while ago.
        changes.clean_us = min((start for start in starts if start is not None), default=now_us) - _QUEUE_US
        return changes

    def _finish(self) -> None:
        for stream in self._streams.values():
            self._perform(partial(stream.interrupt, None, self._clock.now_us()))
        if self._syncer is not None:
            self._syncer.submit(self._changes())
            self._syncer.close()

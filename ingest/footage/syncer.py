"""Makes footage durable and then known: a sync of the file system, then the rows, then the purge. A thread per disk.

It is apart from the thread that writes, because a sync may take seconds.
"""

from __future__ import annotations

import queue
import threading
import time

import structlog

from foundation.errors import DiskFull, VedetteError
from foundation.files import write_error
from ingest.footage import metrics
from ingest.footage.check.scrub import Scrubber
from ingest.footage.disk import Disk
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.retention import DiskUsage, Retention

_SLOW_SYNC_S = 2.0  # then the disk has enough to do
_log = structlog.get_logger()


class Syncer:
    def __init__(self, disk: Disk, index: IndexWriter, retention: Retention) -> None:
        self._disk = disk
        self._index = index
        self._retention = retention
        self._queue: queue.SimpleQueue[Changes | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._pending = Changes()
        self._thread = threading.Thread(target=self._run, name=f"sync {disk.folder.name}", daemon=True)
        self.fault: VedetteError | None = None
        self.seconds = 0.0  # that the last sync took
        self.usage = DiskUsage(free_bytes=disk.free_bytes())  # after it
        self._scrubber = Scrubber(disk.folder, lambda: not self.idle or self.seconds > _SLOW_SYNC_S)
        self._thread.start()
        self._scrubber.start()

    @property
    def scrub_findings(self) -> int:
        return self._scrubber.findings

    @property
    def idle(self) -> bool:
        return self._idle.is_set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, changes: Changes) -> None:
        """Hand over what was written before; to be called only when idle, or at the end."""
        self._idle.clear()
        self._queue.put(changes)

    def close(self) -> None:
        """Finish what was handed over, and release index and disk."""
        self.abandon()
        self._thread.join()
        self._scrubber.join()

    def abandon(self) -> None:
        """The same, without waiting for a disk that may never answer again."""
        self._scrubber.stop()
        self._queue.put(None)

    def _run(self) -> None:
        self._work()
        self._index.close()
        self._disk.close()

    def _work(self) -> None:
        while (changes := self._queue.get()) is not None:
            self._pending.add(changes)
            try:
                self._sync()
                self.fault = None
            except VedetteError as error:
                self._fail(error)
            except OSError as error:
                self._fail(write_error(self._disk.folder, error))
            self._idle.set()

    def _fail(self, error: VedetteError) -> None:
        if isinstance(error, DiskFull):
            self._disk.give_up_reserve()
        before, self.fault = self.fault, error
        if before is not None and before.kind == error.kind:
            return
        _log.error("footage_sync_failed", disk=str(self._disk.folder), cause=str(error))

    def _sync(self) -> None:
        began = time.monotonic()
        self._disk.sync()
        self.seconds = time.monotonic() - began
        try:
            self._index.apply(self._pending)
            self._pending = Changes()
        finally:
            before, self.usage = self.usage, self._retention.round()
            self._tell(before, self.usage)
        self._disk.keep_reserve()

    def _tell(self, before: DiskUsage, now: DiskUsage) -> None:
        log = _log.bind(disk=str(self._disk.folder))
        if now.purged:
            log.info("footage_purged", segments=now.purged)
        if now.purged_under_minimum:
            metrics.PURGED_UNDER_MINIMUM.inc(now.purged_under_minimum)
            log.error("footage_purged_under_minimum", segments=now.purged_under_minimum, free_bytes=now.free_bytes)
        if now.holds_fault and now.holds_fault != before.holds_fault:
            log.error("holds_not_read", cause=now.holds_fault)
        if now.held_alarm and not before.held_alarm:
            log.error("held_footage_near_quota", held_bytes=now.held_bytes, share=round(now.held_share, 3))
        if now.full_held and not before.full_held:
            log.error("disk_full_held", held_bytes=now.held_bytes, free_bytes=now.free_bytes)

"""Makes footage durable and then known: a sync of the file system, then the rows, then the purge. A thread per disk.

It is apart from the thread that writes, because a sync may take seconds.
"""

from __future__ import annotations

import queue
import threading
import time

import structlog

from foundation.clock import Clock
from foundation.errors import VedetteError
from foundation.files import write_error
from ingest.footage.disk import Disk
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.retention import RetentionPolicy, purge

_log = structlog.get_logger()


class Syncer:
    def __init__(self, disk: Disk, index: IndexWriter, policy: RetentionPolicy, clock: Clock) -> None:
        self._disk = disk
        self._index = index
        self._policy = policy
        self._clock = clock
        self._queue: queue.SimpleQueue[Changes | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._pending = Changes()
        self._thread = threading.Thread(target=self._run, name=f"sync {disk.folder.name}", daemon=True)
        self.fault: VedetteError | None = None
        self.seconds = 0.0  # that the last sync took
        self.free_bytes = 0  # after it
        self._thread.start()

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
        self._queue.put(None)
        self._thread.join()
        self._index.close()
        self._disk.close()

    def _run(self) -> None:
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
        self.fault = error
        _log.error("footage_sync_failed", disk=str(self._disk.folder), cause=str(error))

    def _sync(self) -> None:
        began = time.monotonic()
        self._disk.sync()
        self.seconds = time.monotonic() - began
        try:
            self._index.apply(self._pending)
            self._pending = Changes()
        finally:
            purged = purge(self._disk, self._index, self._policy, self._clock.now_us())
            self.free_bytes = self._disk.free_bytes()
        if purged:
            _log.info("footage_purged", disk=str(self._disk.folder), segments=purged)

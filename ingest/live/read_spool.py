"""The spool of media reads: files of lines in the run folder, written by a thread of its own and bounded.

A line is in the file before the pictures that it tells of are sent, unless the disk takes longer than half a second:
pictures do not wait for that. What cannot be written is counted, and a line tells of it once one can be written again.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog

from foundation.clock import US_PER_S, Clock
from foundation.errors import ResourceError
from foundation.files import ensure_folder, sync_folder
from foundation.identifiers import new_id
from foundation.metrics import counter
from ingest.live.reads import FINISHED, FOLDER, ClipRead, LiveRead, LostReads

MOST_FILES: Final = 1024
FILE_BYTES: Final = 64 << 10
_BEING_WRITTEN: Final = ".part"
_FINISH_AFTER_US: Final = US_PER_S
_MANY_WAITING: Final = 8  # with these many nobody reads; files are then filled before the next is begun
_PATIENCE_S: Final = 0.5
_MOST_QUEUED: Final = 2048

_lost = counter("vedette_live_reads_lost_total", "Viewings that could not be noted for the audit trail.")
_log = structlog.get_logger()


class ReadSpool:
    def __init__(self, run_dir: Path, clock: Clock) -> None:
        self._folder = run_dir / FOLDER
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "media-reads")
        self._places = threading.Semaphore(_MOST_QUEUED)
        self._file: _OpenFile | None = None
        self._counting = threading.Lock()
        self._lost = 0
        self._lost_since_us = 0

    async def note(self, read: LiveRead | ClipRead) -> None:
        """Write the line, but wait no longer than half a second for that."""
        begun = self.note_soon(read)
        if begun is not None:
            await asyncio.wait([asyncio.wrap_future(begun)], timeout=_PATIENCE_S)

    def note_soon(self, read: LiveRead | ClipRead) -> Future[None] | None:
        """Write the line, and do not wait; None when it is lost already."""
        if not self._places.acquire(blocking=False):
            self._count_lost("the disk does not answer")
            return None
        try:
            return self._thread.submit(self._write, read)
        except RuntimeError:  # closed
            self._count_lost("the process ends")
            return None

    async def tend(self) -> None:
        """Finish files that are due, and what a process before left behind. Call it every second or so."""
        await asyncio.wrap_future(self._thread.submit(self._tend))

    def close(self) -> None:
        self._thread.submit(self._finish)
        self._thread.shutdown()

    def _count_lost(self, cause: str) -> None:
        with self._counting:
            if not self._lost:
                self._lost_since_us = self._clock.now_us()
                _log.error("media_reads_lost", cause=cause)
            self._lost += 1
        _lost.inc()

    # In the spool's thread, from here on.

    def _write(self, read: LiveRead | ClipRead) -> None:
        self._places.release()
        try:
            self._tell_of_loss()
            self._append(read)
        except (OSError, ResourceError) as error:
            self._count_lost(str(error))
        else:
            if self._file is not None and self._file.size >= FILE_BYTES:
                self._finish()

    def _append(self, line: LiveRead | ClipRead | LostReads) -> None:
        if self._file is None:
            waiting = len(self._waiting())
            if waiting >= MOST_FILES:
                raise OSError(f"{waiting} files wait to be read")
            self._file = _OpenFile(self._folder, self._clock)
        self._file.append(line.model_dump_json().encode() + b"\n")

    def _tell_of_loss(self) -> None:
        with self._counting:
            count, since_us = self._lost, self._lost_since_us
        if count:
            self._append(LostReads(id=new_id(self._clock), at_us=self._clock.now_us(), count=count, from_us=since_us))
            with self._counting:
                self._lost -= count

    def _tend(self) -> None:
        try:
            self._adopt()
            if self._file is not None:
                is_due = self._clock.monotonic_us() - self._file.begun_us >= _FINISH_AFTER_US
                if is_due and len(self._waiting()) < _MANY_WAITING:
                    self._finish()
                else:
                    self._file.sync()
        except (OSError, ResourceError) as error:
            _log.warning("media_reads_not_kept", error=str(error))

    def _finish(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.finish()
            except OSError as error:
                _log.warning("media_reads_not_finished", file=file.path.name, error=str(error))

    def _adopt(self) -> None:
        """Finish what a process that was killed had begun."""
        for path in self._folder.glob(f"*{_BEING_WRITTEN}"):
            if self._file is None or path != self._file.path:
                path.rename(path.with_suffix(FINISHED))

    def _waiting(self) -> list[Path]:
        return list(self._folder.glob(f"*{FINISHED}"))


class _OpenFile:
    """A file being written; its name is a UUIDv7, so that names sort by age."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.path = ensure_folder(folder) / f"{new_id(clock)}{_BEING_WRITTEN}"
        self.begun_us = clock.monotonic_us()
        self.size = 0
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        self._is_synced = True

    def append(self, line: bytes) -> None:
        """The whole line or nothing of it."""
        self._is_synced = False
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):
                raise OSError("the line does not fit on the disk")
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += written

    def sync(self) -> None:
        if not self._is_synced:
            os.fsync(self._descriptor)
            self._is_synced = True

    def finish(self) -> None:
        try:
            self.sync()
        finally:
            os.close(self._descriptor)
            self.path.rename(self.path.with_suffix(FINISHED))
            sync_folder(self.path.parent)

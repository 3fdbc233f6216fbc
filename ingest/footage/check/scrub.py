"""Reads recorded footage again, slowly, and compares it with the index: a disk that rots is noticed while others live.

Only what is older than the watermark, so many bytes a second, and not while the disk is behind with writing. Nothing
is mended here: that is for a person to decide (`vedette footage check --repair`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import structlog

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import VedetteError
from ingest.footage import metrics
from ingest.footage.check.findings import Finding
from ingest.footage.check.folders import Folders
from ingest.footage.check.hours import Pair, pairs
from ingest.footage.check.judge import Judge
from ingest.footage.check.scrub_state import ScrubState, load, save
from ingest.footage.index_reader import IndexReader

BYTES_A_SECOND = 8 << 20  # a tenth of what the slowest disks give; four terabytes in six days
_FIRST_S = 60.0  # after the start, when there is more to do
_BETWEEN_ROUNDS_S = 86_400.0
_AFTER_FAULT_S = 600.0
_SAVED_EACH_S = 30.0
_BUSY_S = 1.0
_log = structlog.get_logger()


class Scrubber:
    """A thread of its own beside those that write a disk; `is_busy` says when it must not read."""

    def __init__(self, disk: Path, is_busy: Callable[[], bool], bytes_a_second: int = BYTES_A_SECOND) -> None:
        self._disk = disk
        self._is_busy = is_busy
        self._bytes_a_second = bytes_a_second
        self._stop = threading.Event()
        self._state = ScrubState()
        self._saved = 0.0
        self._thread = threading.Thread(target=self._run, name=f"scrub {disk.name}", daemon=True)

    @property
    def findings(self) -> int:
        """That nothing explains: of the present round or the last whole one, whichever has more."""
        return max(self._state.findings, self._state.found)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the file that is being read."""
        self._stop.set()

    def join(self) -> None:
        self._thread.join()

    def round(self) -> None:
        """From where the last one stopped up to the watermark, or until told to stop."""
        self._state = load(self._disk)
        with closing(IndexReader(self._disk)) as reader:
            judge = Judge(self._disk, reader, deep=True)
            folders = Folders(self._disk)
            for pair in pairs(folders, reader, self._state.position_us, reader.clean_us()):
                if not self._wait_for_quiet():
                    break
                self._compare(judge, pair)
            else:
                self._state = self._state.finished(SYSTEM_CLOCK.now_us())
                _log.info("footage_scrubbed", disk=str(self._disk), findings=self._state.found)
        save(self._disk, self._state)

    def _run(self) -> None:
        wait_s = _FIRST_S
        while not self._stop.wait(wait_s):
            try:
                self.round()
                wait_s = _BETWEEN_ROUNDS_S
            except (VedetteError, OSError) as error:
                _log.warning("footage_not_scrubbed", disk=str(self._disk), cause=str(error))
                wait_s = _AFTER_FAULT_S

    def _compare(self, judge: Judge, pair: Pair) -> None:
        before = judge.bytes_read
        finding = judge.examine(pair.path)
        read = judge.bytes_read - before
        if finding is not None and not finding.is_settled:
            self._tell(finding)
        metrics.SCRUB_BYTES.inc(read)
        if read:
            _leave_no_trace(self._disk / pair.path)
        if pair.start_us is not None:
            self._state = self._state.moved(max(pair.start_us, self._state.position_us))
        if time.monotonic() - self._saved > _SAVED_EACH_S:
            save(self._disk, self._state)
            self._saved = time.monotonic()
        self._stop.wait(read / self._bytes_a_second)

    def _tell(self, finding: Finding) -> None:
        self._state = self._state.with_finding()
        metrics.SCRUB_FINDINGS.labels(finding.kind).inc()
        _log.error(
            "footage_damaged", disk=str(self._disk), file=finding.where, kind=str(finding.kind), what=finding.detail
        )

    def _wait_for_quiet(self) -> bool:
        while self._is_busy() and not self._stop.is_set():
            self._stop.wait(_BUSY_S)
        return not self._stop.is_set()


def _leave_no_trace(file: Path) -> None:
    """What is watched often belongs into the page cache, and not what is scrubbed."""
    with suppress(OSError):
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)

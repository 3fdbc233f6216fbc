"""One footage disk and the streams that are written to it: taken and repaired, written, looked after, let go.

Belongs to the disk's thread; what it says of itself may be asked from any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from foundation.clock import US_PER_S, Clock
from foundation.errors import DiskFull, VedetteError
from foundation.files import write_error
from foundation.settings import RecorderSettings
from ingest.footage import metrics
from ingest.footage.disk import Disk, DiskGone
from ingest.footage.disk_health import DiskHealth
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.holds import HoldsFile
from ingest.footage.index import FootageIndex
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.lane import Interruption, Lane, Loss
from ingest.footage.repair import repair
from ingest.footage.retention import DiskUsage, Retention
from ingest.footage.retention_policy import CameraRetention, RetentionPolicy
from ingest.footage.stream_writer import StreamWriter
from ingest.footage.syncer import Syncer

_RETRY_S = 5.0
_QUEUE_US = 600 * US_PER_S
_OTHERS_OPEN_WITHIN_US = 3 * US_PER_S
_SCARCE = 4  # a disk with less than this part of what is to be kept free is left, where there is another
_log = structlog.get_logger()

StreamKey = tuple[str, str]


class Before(NamedTuple):
    """What another disk leaves of a stream when this one takes it over."""

    end_us: int | None  # of the footage there
    cause: str | None  # of what is missing since; None: nothing is


class FootageDisk:
    def __init__(self, folder: Path, memory: Path, settings: RecorderSettings, holds: HoldsFile, clock: Clock) -> None:
        self.folder = folder
        self.health = DiskHealth(clock)
        self.opened = threading.Event()  # or found that it cannot be
        self._memory = memory
        self._settings = settings
        self._holds = holds
        self._clock = clock
        self._policy = RetentionPolicy.of(settings, {})
        self._streams: dict[StreamKey, StreamWriter] = {}
        self._fences: dict[StreamKey, int] = {}
        self._disk: Disk | None = None
        self._retention: Retention | None = None
        self._syncer: Syncer | None = None
        self._began_us = clock.monotonic_us()
        self._due_us = 0

    @property
    def fault(self) -> VedetteError | None:
        """Why nothing can be written at present."""
        syncer, fault = self._syncer, self.health.fault
        if fault is not None or syncer is None:
            return fault
        return syncer.fault or (_only_held(self.folder) if syncer.usage.full_held else None)

    @property
    def cause(self) -> str:
        """What a gap is put down to that this disk makes."""
        if self.usage.full_held:
            return "disk_full_held"
        fault = self.fault
        if fault is None:
            return "disk_slow"
        return "disk_full" if isinstance(fault, DiskFull) else "disk_unavailable"

    @property
    def is_open(self) -> bool:
        return self._syncer is not None

    @property
    def usable(self) -> bool:
        """Whether what is handed over now will be written."""
        syncer = self._syncer
        failed = self.health.fault is not None or (syncer is not None and syncer.fault is not None)
        return not failed and not self.health.stalled

    @property
    def welcoming(self) -> bool:
        """Whether a stream should begin a segment here, while there are other disks."""
        usage, scarce = self.usage, self._settings.min_free_bytes // _SCARCE
        return self.is_open and self.usable and not usage.full_held and usage.free_bytes >= scarce

    @property
    def scrub_findings(self) -> int:
        syncer = self._syncer
        return syncer.scrub_findings if syncer else 0

    @property
    def sync_seconds(self) -> float:
        syncer = self._syncer
        return syncer.seconds if syncer else 0.0

    @property
    def usage(self) -> DiskUsage:
        syncer = self._syncer
        return syncer.usage if syncer else DiskUsage()

    @property
    def alive(self) -> bool:
        """Whether the thread that syncs runs, where there is one."""
        return self._syncer is None or self._syncer.alive

    def keep(self, cameras: Mapping[str, CameraRetention]) -> None:
        """From now on cameras have these values of their own."""
        self._policy = RetentionPolicy.of(self._settings, cameras)
        retention = self._retention
        if retention is not None:
            retention.policy = self._policy

    def tend(self) -> None:
        """Call it often: opens a disk that is not open, hands over what is to be synced, looks whether it is there."""
        if self._clock.monotonic_us() < self._due_us:
            return
        if self._syncer is None:
            self.open()
            return
        self._due_us = self._clock.monotonic_us() + int(self._settings.sync_s * US_PER_S)
        self.perform(self._look_after)
        if self._syncer is not None and self._syncer.idle:
            self._syncer.submit(self._changes())

    def _look_after(self) -> None:
        """Whether the disk is still there; and after a fault, when all streams may have left, whether it is mended."""
        assert self._disk is not None
        self._disk.check_presence()
        if self.health.fault is not None:
            if isinstance(self.health.fault, DiskFull) and self._disk.free_bytes() < self._settings.min_free_bytes:
                return
            self._disk.check_writing()
            self._recover()

    def open(self) -> None:
        """Take the disk and repair it; on a fault try again later."""
        self.health.begin_work()
        try:
            self._take()
        except VedetteError as error:
            self._fail(error)
            self._due_us = self._clock.monotonic_us() + int(_RETRY_S * US_PER_S)
        else:
            self._recover()
            self._due_us = self._clock.monotonic_us() + int(self._settings.sync_s * US_PER_S)
        finally:
            self.health.end_work()
            self.opened.set()
        if self._syncer is not None:
            for key, fence in self._fences.items():  # begun meanwhile
                self.perform(partial(self._continue, key, fence, None, ()))

    def _take(self) -> None:
        disk = Disk(self.folder, self._memory)
        try:
            index = IndexWriter(self.folder)
            report = repair(self.folder, index)
            retention = Retention(disk, index, self._policy, self._holds, self._clock, self._settings.sync_s / 2)
        except VedetteError:
            disk.close()
            raise
        _log.info("footage_disk_opened", disk=str(self.folder), uuid=disk.uuid, repaired=report.indexed)
        self._disk, self._retention = disk, retention
        retention.policy = self._policy  # it may have changed during the repair
        self._syncer = Syncer(disk, index, retention)

    def begin(self, key: StreamKey, fence: int, before: Before | None, others: Sequence[FootageDisk]) -> None:
        if key not in self._streams:
            self._streams[key] = StreamWriter(self.folder, *key, int(self._settings.segment_s * US_PER_S))
        self._fences[key] = fence
        if self._syncer is not None:
            self._continue(key, fence, before, others)

    def _continue(self, key: StreamKey, fence: int, before: Before | None, others: Sequence[FootageDisk]) -> None:
        index, stream = FootageIndex(self.folder), self._streams[key]
        if before is not None and before.end_us is not None:
            stream.begin(fence, index.next_n(*key, fence), before.end_us)
            stream.take_over(before.end_us, before.cause)
        else:
            ends = [index.last_end_us(*key, self._clock.now_us()), *self._ends_elsewhere(key, others)]
            stream.begin(fence, index.next_n(*key, fence), max((end for end in ends if end), default=None))

    def _ends_elsewhere(self, key: StreamKey, others: Sequence[FootageDisk]) -> list[int | None]:
        """Of disks that are well: one that hangs must not make this one hang with it."""
        ends = []
        for other in others:
            waited_us = self._clock.monotonic_us() - self._began_us
            if other.opened.wait(max(0.0, (_OTHERS_OPEN_WITHIN_US - waited_us) / US_PER_S)) and other.usable:
                with suppress(VedetteError):
                    ends.append(FootageIndex(other.folder).last_end_us(*key, self._clock.now_us()))
        return ends

    def step(self, key: StreamKey, lane: Lane) -> None:
        stream = self._streams[key]
        match lane.take():
            case None:
                pass
            case MediaFragment() as fragment:
                self._append(stream, lane, fragment)
            case Loss() as loss:
                stream.lost(*loss)
            case Interruption() as interruption:
                stream.interrupt(*interruption)
            case parameters:
                stream.parameters(parameters)

    def _append(self, stream: StreamWriter, lane: Lane, fragment: MediaFragment) -> None:
        if self._disk is None:
            lane.refuse(fragment)
            stream.interrupt("disk_unavailable", fragment.start_us)
            return
        try:
            if fragment.is_keyframe:
                self._disk.check_presence()
                if self.usage.full_held:
                    stream.interrupt("disk_full_held", fragment.start_us)
            if self.usage.full_held and not stream.recording:
                return
            written = stream.append(fragment)
        except VedetteError:
            lane.refuse(fragment)
            raise
        if written:
            lane.end_us = fragment.end_us
            self._recover()

    def left(self, key: StreamKey) -> None:
        self._fences.pop(key, None)
        if key in self._streams:
            self._streams[key].leave()

    def perform(self, action: Callable[[], None]) -> None:
        self.health.begin_work()
        try:
            action()
        except VedetteError as error:
            self._fail(error)
        except OSError as error:
            self._fail(write_error(self.folder, error))
        finally:
            self.health.end_work()

    def _recover(self) -> None:
        if self.health.recover():
            metrics.DISK_FAULT.labels(str(self.folder)).set(0)
            _log.info("footage_written_again", disk=str(self.folder))

    def _fail(self, error: VedetteError) -> None:
        if self.health.fail(error):
            metrics.DISK_FAULT.labels(str(self.folder)).set(1)
            _log.error("footage_not_written", disk=str(self.folder), cause=str(error))
        if isinstance(error, DiskGone):
            self._let_go()

    def _let_go(self) -> None:
        """Of a disk that was unmounted. Repair tells what is on it when it comes back."""
        if self._syncer is not None:
            self._syncer.abandon()
        self._disk = self._retention = self._syncer = None
        for stream in self._streams.values():
            if stream.recording:
                with suppress(OSError):
                    stream.interrupt("disk_unavailable", self._clock.now_us())
            stream.forget_segments()
        self._due_us = self._clock.monotonic_us() + int(_RETRY_S * US_PER_S)

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

    def finish(self) -> None:
        for stream in self._streams.values():
            self.perform(partial(stream.interrupt, None, self._clock.now_us()))
        if self._syncer is not None:
            self._syncer.submit(self._changes())
            self._syncer.close()


def _only_held(folder: Path) -> DiskFull:
    return DiskFull(
        "nothing but held footage is left, and no space.",
        where=str(folder),
        mend="Release locks that are no longer needed, close alerts, or add a disk.",
    )

"""The footage disks of one recorder: those the settings give it, and those that an assignment names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from foundation.clock import Clock
from foundation.errors import ResourceError
from foundation.settings import Settings
from ingest.footage import metrics as footage_metrics
from ingest.footage.disk_set import DiskSet
from ingest.footage.disk_writer import DiskWriter
from ingest.footage.holds import HoldsFile
from ingest.footage.retention_policy import CameraRetention
from ingest.recorder import metrics

StreamKey = tuple[str, str]


class RecorderDisks:
    def __init__(self, settings: Settings, recorder: int, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._holds = HoldsFile(settings.run_dir)
        self._cameras: Mapping[str, CameraRetention] = {}
        self._writers: dict[Path, DiskWriter] = {}
        self._sets: dict[StreamKey, DiskSet] = {}
        # Also where nothing is recorded now: what is there gets older.
        for folder in settings.disks_of(recorder):
            self._writer(folder)

    @property
    def holds_version(self) -> int:
        """What every purge here obeys. Where no disk is open, nothing is purged."""
        return min(
            (writer.disk.usage.holds_version for writer in self._writers.values() if writer.disk.is_open), default=0
        )

    def begin(self, key: StreamKey, folders: Sequence[Path]) -> DiskSet:
        self._sets[key] = DiskSet([self._writer(folder) for folder in folders])
        return self._sets[key]

    def prefer(self, key: StreamKey, folders: Sequence[Path]) -> None:
        self._sets[key].prefer([self._writer(folder) for folder in folders])

    def end(self, key: StreamKey) -> None:
        self._sets.pop(key).end()

    def keep(self, cameras: Mapping[str, CameraRetention]) -> None:
        """How long footage of these cameras is kept, whichever disk it is on."""
        self._cameras = cameras
        for writer in self._writers.values():
            writer.disk.keep(cameras)

    def tend(self) -> None:
        """Raises when a thread has died."""
        for writer in self._writers.values():
            if not writer.alive:
                raise ResourceError("the thread that writes footage has died.", where=str(writer.folder))
        for disks in self._sets.values():
            disks.tend()

    def report(self) -> list[dict[str, Any]]:
        """The disks' entries in the status file."""
        return [_report(writer) for writer in self._writers.values()]

    def measure(self) -> None:
        writers = self._writers.values()
        metrics.QUEUED_BYTES.set(sum(writer.queued_bytes for writer in writers))
        metrics.SYNC_SECONDS.set(max((writer.disk.sync_seconds for writer in writers), default=0.0))
        metrics.FREE_BYTES.set(sum(writer.disk.usage.free_bytes for writer in writers))
        for writer in writers:
            footage_metrics.HELD_BYTES.labels(str(writer.folder)).set(writer.disk.usage.held_bytes)
            footage_metrics.HELD_QUOTA.labels(str(writer.folder)).set(writer.disk.usage.held_alarm)
            footage_metrics.HOLDS_FAULT.labels(str(writer.folder)).set(writer.disk.usage.holds_fault is not None)

    async def close(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(writer.close) for writer in self._writers.values()))

    def _writer(self, folder: Path) -> DiskWriter:
        if folder not in self._writers:
            memory = self._settings.run_dir / "disks"
            writer = DiskWriter(folder, memory, self._settings.recorder, self._holds, self._clock)
            writer.disk.keep(self._cameras)
            self._writers[folder] = writer
        return self._writers[folder]


def _report(writer: DiskWriter) -> dict[str, Any]:
    fault = writer.disk.fault
    return {
        "path": str(writer.folder),
        "cause": str(fault) if fault else None,
        "queued_bytes": writer.queued_bytes,
        "scrub_findings": writer.disk.scrub_findings,
        **asdict(writer.disk.usage),
    }

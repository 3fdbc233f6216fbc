"""The footage disks that a stream may go to: it has the face of one writer, and leaves a disk that fails.

A stream stays on its disk while that can be written. Off a disk that fails, or hangs, it takes what is not written yet,
and goes on with the first keyframe of that; off one that only runs short of room it goes with the next keyframe, and so
it does back to a disk further up its list that has been well for a while. Nothing of this waits for a disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import VedetteError
from ingest.access_unit import MediaParameters
from ingest.footage import metrics
from ingest.footage.disk_writer import Before, DiskWriter, StreamKey
from ingest.footage.fragmenter import MediaFragment


@dataclass(slots=True)
class _Placed:
    disk: DiskWriter
    fence: int
    parameters: MediaParameters | None = None
    cause: str | None = None  # why the camera gives nothing


class DiskSet:
    """Used by the thread that receives; the disks are in order of preference."""

    def __init__(self, disks: Sequence[DiskWriter]) -> None:
        self._disks = disks
        self._streams: dict[StreamKey, _Placed] = {}

    @property
    def fault(self) -> VedetteError | None:
        """Why nothing is written at present."""
        return next((placed.disk.fault for placed in self._streams.values() if placed.disk.fault), None)

    def folder(self, key: StreamKey) -> Path | None:
        """Where the stream goes at present."""
        return self._streams[key].disk.folder if key in self._streams else None

    def prefer(self, disks: Sequence[DiskWriter]) -> None:
        """From the next keyframe on."""
        self._disks = disks

    def begin(self, key: StreamKey, fence: int) -> None:
        disk = next((disk for disk in self._disks if disk.usable), self._disks[0])
        self._streams[key] = _Placed(disk, fence)
        disk.begin(key, fence, None, self._others(disk))

    def end(self) -> None:
        """Nothing more comes of these streams."""
        for key, placed in self._streams.items():
            placed.disk.forget(key)

    def parameters(self, key: StreamKey, parameters: MediaParameters) -> None:
        placed = self._streams[key]
        placed.parameters = parameters
        placed.disk.parameters(key, parameters)

    def append(self, key: StreamKey, fragment: MediaFragment) -> None:
        placed = self._streams[key]
        placed.cause = None
        if placed.disk.has_failed(key):
            self._leave_failed(key, placed)
        elif fragment.is_keyframe and (better := self._better(placed.disk)) is not None:
            self._change(key, placed, better, fragment.start_us)
        if placed.disk.append(key, fragment) or not fragment.is_keyframe:
            return
        if (roomier := self._welcoming(self._others(placed.disk))) is not None:
            self._change(key, placed, roomier, fragment.start_us)
            roomier.append(key, fragment)

    def lost(self, key: StreamKey, start_us: int, end_us: int) -> None:
        self._streams[key].disk.lost(key, start_us, end_us)

    def interrupt(self, key: StreamKey, cause: str | None) -> None:
        placed = self._streams[key]
        placed.cause = cause
        placed.disk.interrupt(key, cause)

    def tend(self) -> None:
        """Call it each second, for streams that give nothing just now."""
        for key, placed in self._streams.items():
            if placed.disk.has_failed(key):
                self._leave_failed(key, placed)

    @staticmethod
    def _welcoming(disks: Sequence[DiskWriter]) -> DiskWriter | None:
        return next((disk for disk in disks if disk.welcoming), None)

    def _others(self, present: DiskWriter) -> list[DiskWriter]:
        return [disk for disk in self._disks if disk is not present]

    def _better(self, present: DiskWriter) -> DiskWriter | None:
        """A disk to go to although the present one can be written."""
        for disk in self._disks:
            if disk is present:
                break
            if disk.welcoming and disk.health.settled:
                return disk
        if present.welcoming and present in self._disks:
            return None
        return self._welcoming(self._others(present))

    def _change(self, key: StreamKey, placed: _Placed, disk: DiskWriter, at_us: int) -> None:
        """In good order, at a keyframe."""
        placed.disk.leave(key, at_us)
        placed.disk = disk
        disk.begin(key, placed.fence, Before(at_us, None), self._others(disk))
        if placed.parameters is not None:
            disk.parameters(key, placed.parameters)

    def _leave_failed(self, key: StreamKey, placed: _Placed) -> None:
        disk = self._welcoming(self._others(placed.disk))
        if disk is None:
            placed.disk.go_on(key)
            return
        before, items = placed.disk.take_back(key)
        metrics.DISK_LEFT.labels(before.cause).inc()
        placed.disk = disk
        disk.begin(key, placed.fence, before._replace(cause=placed.cause or before.cause), self._others(disk))
        disk.take_over(key, items)

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
from ingest.footage.disk_writer import DiskWriter
from ingest.footage.footage_disk import Before, StreamKey
from ingest.footage.fragmenter import MediaFragment


@dataclass(slots=True)
class _Placed:
    writer: DiskWriter
    fence: int
    parameters: MediaParameters | None = None
    cause: str | None = None  # why the camera gives nothing


class DiskSet:
    """Used by the thread that receives; the disks are in order of preference."""

    def __init__(self, writers: Sequence[DiskWriter]) -> None:
        self._writers = writers
        self._streams: dict[StreamKey, _Placed] = {}

    @property
    def fault(self) -> VedetteError | None:
        """Why nothing is written at present."""
        return next((placed.writer.disk.fault for placed in self._streams.values() if placed.writer.disk.fault), None)

    def folder(self, key: StreamKey) -> Path | None:
        """Where the stream goes at present."""
        return self._streams[key].writer.folder if key in self._streams else None

    def prefer(self, writers: Sequence[DiskWriter]) -> None:
        """From the next keyframe on."""
        self._writers = writers

    def begin(self, key: StreamKey, fence: int) -> None:
        writer = next((writer for writer in self._writers if writer.disk.usable), self._writers[0])
        self._streams[key] = _Placed(writer, fence)
        writer.begin(key, fence, None, self._others(writer))

    def end(self) -> None:
        """Nothing more comes of these streams."""
        for key, placed in self._streams.items():
            placed.writer.forget(key)

    def parameters(self, key: StreamKey, parameters: MediaParameters) -> None:
        placed = self._streams[key]
        placed.parameters = parameters
        placed.writer.parameters(key, parameters)

    def append(self, key: StreamKey, fragment: MediaFragment) -> None:
        placed = self._streams[key]
        placed.cause = None
        if placed.writer.has_failed(key):
            self._leave_failed(key, placed)
        elif fragment.is_keyframe and (better := self._better(placed.writer)) is not None:
            self._change(key, placed, better, fragment.start_us)
        if placed.writer.append(key, fragment) or not fragment.is_keyframe:
            return
        if (roomier := self._welcoming(self._others(placed.writer))) is not None:
            self._change(key, placed, roomier, fragment.start_us)
            roomier.append(key, fragment)

    def lost(self, key: StreamKey, start_us: int, end_us: int) -> None:
        self._streams[key].writer.lost(key, start_us, end_us)

    def interrupt(self, key: StreamKey, cause: str | None) -> None:
        placed = self._streams[key]
        placed.cause = cause
        placed.writer.interrupt(key, cause)

    def tend(self) -> None:
        """Call it each second, for streams that give nothing just now."""
        for key, placed in self._streams.items():
            if placed.writer.has_failed(key):
                self._leave_failed(key, placed)

    @staticmethod
    def _welcoming(writers: Sequence[DiskWriter]) -> DiskWriter | None:
        return next((writer for writer in writers if writer.disk.welcoming), None)

    def _others(self, present: DiskWriter) -> list[DiskWriter]:
        return [writer for writer in self._writers if writer is not present]

    def _better(self, present: DiskWriter) -> DiskWriter | None:
        """A disk to go to although the present one can be written."""
        for writer in self._writers:
            if writer is present:
                break
            if writer.disk.welcoming and writer.disk.health.settled:
                return writer
        if present.disk.welcoming and present in self._writers:
            return None
        return self._welcoming(self._others(present))

    def _change(self, key: StreamKey, placed: _Placed, writer: DiskWriter, at_us: int) -> None:
        """In good order, at a keyframe."""
        placed.writer.leave(key, at_us)
        placed.writer = writer
        writer.begin(key, placed.fence, Before(at_us, None), self._others(writer))
        if placed.parameters is not None:
            writer.parameters(key, placed.parameters)

    def _leave_failed(self, key: StreamKey, placed: _Placed) -> None:
        writer = self._welcoming(self._others(placed.writer))
        if writer is None:
            placed.writer.go_on(key)
            return
        before, items = placed.writer.take_back(key)
        metrics.DISK_LEFT.labels(before.cause).inc()
        placed.writer = writer
        writer.begin(key, placed.fence, before._replace(cause=placed.cause or before.cause), self._others(writer))
        writer.take_over(key, items)

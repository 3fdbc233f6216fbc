"""From access units to a camera's analysis: which stream is decoded when, and what is skipped when behind.

The sub stream is decoded whole and shows motion; the main stream is decoded only while something moves, from its last
keyframe on. A camera without a sub stream shows motion in the main stream's keyframes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog

from analysis import metrics
from analysis.camera import CameraAnalysis
from analysis.details import motion_detail, plate_detail
from analysis.frames import Frame, StreamDecoder
from analysis.motion import MotionObservation
from analysis.observations import ObservationKind, ObservationWriter
from analysis.plan import CameraPlan
from analysis.plates.watcher import PlateRead
from foundation.clock import US_PER_S, Clock
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.tap import TapEvent

_MOST_BEHIND_US = 3 * US_PER_S
_CAUGHT_UP_US = US_PER_S
_MOST_KEPT_BYTES = 8 << 20  # of the main stream's units since its last keyframe
_log = structlog.get_logger()


class StreamFeed:
    """Fed by one thread with the tap's events of one camera."""

    def __init__(self, plan: CameraPlan, writer: ObservationWriter, clock: Clock, *, plates: bool) -> None:
        self._plan = plan
        self._writer = writer
        self._clock = clock
        self._has_sub = "sub" in plan.streams
        self._analysis = CameraAnalysis(plates=plates and "main" in plan.streams)
        self._decoders: dict[str, StreamDecoder] = {}
        self._kept: list[AccessUnit] = []
        self._kept_bytes = 0
        self._decoding_main = False
        self._is_behind = False

    def take(self, event: TapEvent) -> None:
        if event.parameters is not None:
            self._begin(event.stream, event.parameters)
        elif event.unit is not None and event.stream in self._decoders and not self._skips(event.unit):
            if event.stream == "sub":
                self._take_sub(event.unit)
            else:
                self._take_main(event.unit)

    def end(self) -> None:
        """The tap ended: close and report what is open."""
        motion, reads = self._analysis.end()
        self._report_motion(motion)
        self._report_plates(reads)
        self._decoders.clear()
        self._forget_kept()
        self._decoding_main = False

    def _begin(self, stream: str, parameters: CodecParameters) -> None:
        self._decoders[stream] = StreamDecoder(parameters)
        if stream == "main":
            self._forget_kept()
            self._decoding_main = False

    def _skips(self, unit: AccessUnit) -> bool:
        """Once too far behind, nothing is decoded until the units are fresh again."""
        behind_us = self._clock.now_us() - unit.start_us
        if not self._is_behind and behind_us > _MOST_BEHIND_US:
            _log.warning("analysis_behind", camera_id=self._plan.camera_id, seconds=round(behind_us / US_PER_S, 1))
            self._is_behind = True
            for decoder in self._decoders.values():
                decoder.reset()
            self._forget_kept()
        elif self._is_behind and behind_us < _CAUGHT_UP_US:
            self._is_behind = False
        if self._is_behind:
            metrics.SKIPPED_UNITS.inc()
        return self._is_behind

    def _take_sub(self, unit: AccessUnit) -> None:
        for frame in self._decode("sub", unit):
            self._report_motion(self._analysis.see_small(frame))

    def _take_main(self, unit: AccessUnit) -> None:
        if self._analysis.wants_plates:
            if not self._decoding_main:
                self._decoding_main = True
                for kept in self._kept:
                    self._look(kept)
                self._forget_kept()
            self._look(unit)
            return
        if self._decoding_main:
            self._decoding_main = False
            self._decoders["main"].reset()
            self._report_plates(self._analysis.end_plates())
        self._keep(unit)
        if unit.is_keyframe and not self._has_sub:
            self._glance(unit)

    def _look(self, unit: AccessUnit) -> None:
        for frame in self._decode("main", unit):
            if not self._has_sub:
                self._report_motion(self._analysis.see_small(frame))
            self._report_plates(self._analysis.see_large(frame))

    def _glance(self, keyframe: AccessUnit) -> None:
        """Motion in a keyframe alone."""
        decoder = self._decoders["main"]
        for frame in (*self._decode("main", keyframe), *decoder.flush()):
            self._report_motion(self._analysis.see_small(frame))
        decoder.reset()

    def _decode(self, stream: str, unit: AccessUnit) -> Iterator[Frame]:
        decoder = self._decoders[stream]
        errors = decoder.errors
        for frame in decoder.decode(unit):
            metrics.PICTURES.labels(stream).inc()
            yield frame
        if decoder.errors > errors:
            metrics.DECODE_ERRORS.inc()

    def _keep(self, unit: AccessUnit) -> None:
        if unit.is_keyframe or self._kept_bytes > _MOST_KEPT_BYTES:
            self._forget_kept()
        if unit.is_keyframe or self._kept:
            self._kept.append(unit)
            self._kept_bytes += len(unit.data)

    def _forget_kept(self) -> None:
        self._kept = []
        self._kept_bytes = 0

    def _report_motion(self, motion: MotionObservation | None) -> None:
        if motion is None:
            return
        self._write("motion", motion.start_us, motion.end_us, motion_detail(motion))

    def _report_plates(self, reads: list[PlateRead]) -> None:
        for read in reads:
            self._write("plate_read", read.start_us, read.end_us, plate_detail(read))

    def _write(self, kind: ObservationKind, start_us: int, end_us: int, detail: dict[str, Any]) -> None:
        metrics.OBSERVATIONS.labels(kind).inc()
        self._writer.add(self._plan.center_id, self._plan.camera_id, kind, start_us, end_us, detail)

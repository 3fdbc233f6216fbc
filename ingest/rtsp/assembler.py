"""Coded pictures to access units, with the codec parameters before the first unit that needs them."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.errors import InvalidInput
from foundation.nal import H264_PPS, H264_SPS, H265_PPS, H265_SPS, Codec, nal_type
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.rtsp.bits import BitReader
from ingest.rtsp.depacketizer import Picture
from ingest.rtsp.rtp import TimestampUnwrapper
from ingest.rtsp.sps import codec_parameters
from ingest.rtsp.timeline import Timeline

StreamEvent = CodecParameters | AccessUnit
MAX_SETS = 32
MAX_SET_BYTES = 4096

_Sets = dict[tuple[int, int], bytes]  # NAL unit type and identifier


class Assembler:
    def __init__(self, codec: Codec, parameter_sets: Iterable[bytes], timeline: Timeline) -> None:
        self._codec: Codec = codec
        self._timeline = timeline
        self._unwrapper = TimestampUnwrapper()
        self._sets: _Sets = {}
        self._sets = self._merged(parameter_sets)
        self._pending = self._parameters(self._sets)  # to be said before the next keyframe
        self._known = self._pending is not None
        self._gap = False

    def add(self, picture: Picture, arrival_us: int) -> list[StreamEvent]:
        """At most one unit, after the parameters where they are new. `arrival_us` is monotonic."""
        if picture.parameter_sets:
            self._learn(picture.parameter_sets)
        rtp_time = self._unwrapper.unwrap(picture.timestamp, arrival_us)
        start_us = self._timeline.capture_us(rtp_time, arrival_us)
        self._gap = self._gap or picture.gap_before
        if not self._known or (self._pending and not picture.is_keyframe):
            self._gap = True
            return []
        unit = AccessUnit(start_us, rtp_time, picture.is_keyframe, self._gap, picture.data)
        events: list[StreamEvent] = [self._pending, unit] if self._pending else [unit]
        self._pending, self._gap = None, False
        return events

    def _learn(self, units: Iterable[bytes]) -> None:
        merged = self._merged(units)
        if merged == self._sets:
            return
        parameters = self._parameters(merged)
        self._sets = merged
        if parameters is not None:
            self._pending, self._known = parameters, True

    def _merged(self, units: Iterable[bytes]) -> _Sets:
        merged = dict(self._sets)
        for unit in units:
            key = self._key(unit)
            if key is not None and len(unit) <= MAX_SET_BYTES and (key in merged or len(merged) < MAX_SETS):
                merged[key] = unit
        return merged

    def _key(self, unit: bytes) -> tuple[int, int] | None:
        kind = nal_type(self._codec, unit)
        start = {("h264", H264_SPS): 4, ("h264", H264_PPS): 1, ("h265", H265_PPS): 2}.get((self._codec, kind))
        try:
            return kind, BitReader(unit[start:]).ue() if start else 0
        except InvalidInput:
            return None

    def _parameters(self, sets: _Sets) -> CodecParameters | None:
        """None while a set is missing, or where the camera's sequence parameter set makes no sense."""
        wanted = {H264_SPS, H264_PPS} if self._codec == "h264" else {H265_SPS, H265_PPS}
        if not wanted <= {kind for kind, _ in sets}:
            return None
        try:
            return codec_parameters(self._codec, [sets[key] for key in sorted(sets)])
        except InvalidInput:
            return None

"""RTP payloads to coded pictures: H.264 (RFC 6184: single, STAP-A, FU-A), H.265 (RFC 7798: single, AP, FU).

After any loss nothing comes out until a whole keyframe has come in, and that one says so: never a corrupt picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from foundation.nal import Codec, is_keyframe_unit, nal_type
from ingest.rtsp.rtp import RtpPacket

MAX_PICTURE_BYTES = 16 << 20
_H264_STAP_A, _H264_FU_A = 24, 28
_H265_AP, _H265_FU = 48, 49
_H264_LAST_VCL, _H265_LAST_VCL = 5, 31
_DUPLICATE_WINDOW = 64
_OBJECT_BYTES = 64  # of each payload and unit beside its own bytes, so that many tiny ones are bounded too


class _Damaged(Exception):
    """A payload that does not continue what came before it."""


@dataclass(slots=True, frozen=True)
class Picture:
    timestamp: int  # 32 bits, as in RTP
    units: tuple[bytes, ...]  # NAL units, parameter sets included
    is_keyframe: bool
    gap_before: bool


class Depacketizer:
    def __init__(self, codec: Codec) -> None:
        self._codec: Codec = codec
        self._sequence: int | None = None
        self._timestamp: int | None = None
        self._units: list[bytes] = []
        self._parts: list[bytes] = []  # of the NAL unit in progress
        self._bytes = 0
        self._skipping = False  # the rest of a picture that lost something
        self._awaiting_keyframe = True
        self._gap = False
        self._trust_marker = True
        self._last_done: int | None = None
        self.losses = 0

    def push(self, packet: RtpPacket) -> list[Picture]:
        done: list[Picture] = []
        expected = self._sequence
        if expected is not None and packet.sequence != expected:
            if (expected - packet.sequence) & 0xFFFF <= _DUPLICATE_WINDOW:
                return done
            self.lose()
            self._timestamp, self._skipping = packet.timestamp, False
        self._sequence = (packet.sequence + 1) & 0xFFFF
        if packet.timestamp != self._timestamp:
            self._finish(done)
            self._timestamp, self._skipping = packet.timestamp, False
        if not self._skipping:
            self._take(packet.payload)
        if packet.marker and self._trust_marker and self._has_slice():
            self._finish(done)
        return done

    def lose(self) -> None:
        """Something is missing: drop the picture in progress with what is still to come of it, await a keyframe."""
        self.losses += not (self._gap and self._awaiting_keyframe)
        self._clear()
        self._skipping = self._gap = self._awaiting_keyframe = True

    def _take(self, payload: bytes) -> None:
        try:
            self._grow(len(payload))
            self._unpack(payload)
        except _Damaged:
            self.lose()

    def _grow(self, count: int) -> None:
        self._bytes += count + _OBJECT_BYTES
        if self._bytes > MAX_PICTURE_BYTES:
            raise _Damaged

    def _unpack(self, payload: bytes) -> None:
        if self._codec == "h264":
            kind, aggregate, fragment, header = payload[0] & 0x1F, _H264_STAP_A, _H264_FU_A, 1
        else:
            kind, aggregate, fragment, header = (payload[0] >> 1) & 0x3F, _H265_AP, _H265_FU, 2
        if kind == fragment:
            self._continue(payload, header)
        elif self._parts:
            raise _Damaged  # the end of a fragmented unit never came
        elif kind == aggregate:
            for unit in _aggregated(payload, header):
                self._units.append(unit)
                self._grow(0)
        elif kind < aggregate and len(payload) > header:
            self._units.append(payload)

    def _continue(self, payload: bytes, header: int) -> None:
        if len(payload) <= header + 1:
            raise _Damaged
        flags = payload[header]
        if flags & 0x80:
            if self._parts:
                raise _Damaged
            self._parts.append(self._unit_header(payload, flags))
        elif not self._parts:
            raise _Damaged
        self._parts.append(payload[header + 1 :])
        if flags & 0x40:
            self._units.append(b"".join(self._parts))
            self._parts = []

    def _unit_header(self, payload: bytes, flags: int) -> bytes:
        if self._codec == "h264":
            return bytes([payload[0] & 0xE0 | flags & 0x1F])
        return bytes([payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]])

    def _has_slice(self) -> bool:
        return any(self._is_slice(unit) for unit in self._units)

    def _is_slice(self, unit: bytes) -> bool:
        kind = nal_type(self._codec, unit)
        return 1 <= kind <= _H264_LAST_VCL if self._codec == "h264" else kind <= _H265_LAST_VCL

    def _finish(self, done: list[Picture]) -> None:
        if self._parts:
            self.lose()
        units, timestamp = tuple(self._units), self._timestamp
        self._clear()
        slices = [unit for unit in units if self._is_slice(unit)]
        if not slices or timestamp is None:
            return
        if not self._starts_picture(slices[0]):
            # Some cameras set the marker on each slice. Then only the time tells pictures apart.
            self._trust_marker = self._trust_marker and timestamp != self._last_done
            self.lose()
            return
        self._last_done = timestamp
        is_keyframe = any(is_keyframe_unit(self._codec, unit) for unit in slices)
        if self._awaiting_keyframe and not is_keyframe:
            return
        done.append(Picture(timestamp, units, is_keyframe, self._gap))
        self._awaiting_keyframe = self._gap = False

    def _starts_picture(self, unit: bytes) -> bool:
        """`first_mb_in_slice` is zero, or `first_slice_segment_in_pic_flag` is set."""
        at = 1 if self._codec == "h264" else 2
        return len(unit) > at and bool(unit[at] & 0x80)

    def _clear(self) -> None:
        self._units = []
        self._parts = []
        self._bytes = 0


def _aggregated(payload: bytes, header: int) -> Iterator[bytes]:
    at = header
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        at += 2
        if size <= header - 1 or at + size > len(payload):
            raise _Damaged
        yield payload[at : at + size]
        at += size

"""RTP payloads to coded pictures: H.264 (RFC 6184: single, STAP-A, FU-A), H.265 (RFC 7798: single, AP, FU).

After any loss nothing comes out until a whole keyframe has come in, and that one says so: never a corrupt picture.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from foundation.nal import KEYFRAMES, PARAMETER_SETS, Codec
from ingest.rtsp.message import Span
from ingest.rtsp.rtp import FIXED_BYTES, PLAIN_HEADER, RtpPacket, parse_packet

MAX_PICTURE_BYTES = 16 << 20
_H264_STAP_A, _H264_FU_A = 24, 28
_H265_AP, _H265_FU = 48, 49
_H264_LAST_VCL, _H265_LAST_VCL = 5, 31
_DUPLICATE_WINDOW = 64
_MAX_SETS = 32
_OBJECT_BYTES = 64  # of each part beside its own bytes, so that many tiny ones are bounded too
_START, _END = 0x80, 0x40  # flags of a fragment
_LENGTH_COMES = b""  # holds the place of a unit's length while the unit is in progress

_Part = bytes | memoryview


class _Damaged(Exception):
    """A payload that does not continue what came before it."""


class Picture(NamedTuple):
    timestamp: int  # 32 bits, as in RTP
    data: bytes  # NAL units, each after its length in 4 bytes, without parameter sets
    parameter_sets: tuple[bytes, ...]
    is_keyframe: bool
    gap_before: bool


class _Layout:
    """How a codec's payloads and NAL units are laid out."""

    def __init__(self, codec: Codec) -> None:
        h264 = codec == "h264"
        self.header_bytes = 1 if h264 else 2
        self.kind_shift, self.kind_mask = (0, 0x1F) if h264 else (1, 0x3F)
        self.aggregate, self.fragment = (_H264_STAP_A, _H264_FU_A) if h264 else (_H265_AP, _H265_FU)
        self.slices = frozenset(range(1, _H264_LAST_VCL + 1) if h264 else range(_H265_LAST_VCL + 1))
        self.keyframes, self.parameter_sets = KEYFRAMES[codec], PARAMETER_SETS[codec]
        # RTP header without its source, payload header, header of the fragment.
        self.unpack_fragment = struct.Struct(">BBHI4xBB" if h264 else ">BBHI4xHB").unpack_from
        self.fragment_at = FIXED_BYTES + self.header_bytes + 1


class Depacketizer:
    """`payload_type` is the one that `feed` takes; other packets of the channel are passed over."""

    def __init__(self, codec: Codec, payload_type: int = 96) -> None:
        self._codec: Codec = codec
        self._layout = _Layout(codec)
        self._payload_type = payload_type
        self._sequence: int | None = None
        self._timestamp: int | None = None
        self._skipping = False  # the rest of a picture that lost something
        self._awaiting_keyframe = True
        self._gap = False
        self._trust_marker = True
        self._last_done: int | None = None
        self.packets = 0
        self.losses = 0
        self._clear()

    def _clear(self) -> None:
        self._parts: list[_Part] = []  # of the picture, as they stand in its data
        self._borrowed = 0  # from there on the parts lie in memory that the next read overwrites
        self._bytes = 0
        self._sets: list[bytes] = []
        self._unit_at = -1  # place of the length of the unit in progress, while there is one
        self._unit_bytes = 0
        self._continues = (-1, -1)  # payload header and fragment header of a fragment in the middle of it
        self._has_slice = self._has_start = self._is_keyframe = False

    def feed(self, data: memoryview, packets: Iterable[Span]) -> list[Picture]:
        """Take RTP packets that lie in `data`, which is not kept."""
        done: list[Picture] = []
        unpack, header = self._layout.unpack_fragment, self._layout.fragment_at
        for start, stop in packets:
            if stop - start <= header:
                self._take_unusual(data[start:stop], done)
                continue
            first, second, sequence, timestamp, indicator, flags = unpack(data, start)
            if (
                (indicator, flags) == self._continues
                and second == self._payload_type
                and sequence == self._sequence
                and timestamp == self._timestamp
                and first == PLAIN_HEADER
                and self._bytes < MAX_PICTURE_BYTES
            ):
                # By far most packets: the middle of a fragmented unit, the next in order.
                self._parts.append(data[start + header : stop])
                self._bytes += stop - start + _OBJECT_BYTES
                self._unit_bytes += stop - start - header
                self._sequence = (sequence + 1) & 0xFFFF
                self.packets += 1
            elif first != PLAIN_HEADER:
                self._take_unusual(data[start:stop], done)
            elif second & 0x7F == self._payload_type:
                self._take(second >= 0x80, sequence, timestamp, data[start + FIXED_BYTES : stop], done)
        self._keep()
        return done

    def push(self, packet: RtpPacket) -> list[Picture]:
        done: list[Picture] = []
        self._take(packet.marker, packet.sequence, packet.timestamp, packet.payload, done)
        return done

    def _take_unusual(self, data: memoryview, done: list[Picture]) -> None:
        packet = parse_packet(data)
        if packet is not None and packet.payload_type == self._payload_type:
            self._take(packet.marker, packet.sequence, packet.timestamp, packet.payload, done)

    def _take(self, marker: bool, sequence: int, timestamp: int, payload: _Part, done: list[Picture]) -> None:
        self.packets += 1
        if sequence != self._sequence and self._sequence is not None:
            if (self._sequence - sequence) & 0xFFFF <= _DUPLICATE_WINDOW:
                return
            self.lose()
            self._timestamp, self._skipping = timestamp, False
        self._sequence = (sequence + 1) & 0xFFFF
        if timestamp != self._timestamp:
            self._finish(done)
            self._timestamp, self._skipping = timestamp, False
        if not self._skipping:
            try:
                self._grow(len(payload))
                self._unpack(payload)
            except _Damaged:
                self.lose()
        if marker and self._trust_marker and self._has_slice and self._unit_at < 0:
            self._finish(done)

    def lose(self) -> None:
        """Something is missing: drop the picture in progress with what is still to come of it, await a keyframe."""
        self.losses += not (self._gap and self._awaiting_keyframe)
        self._clear()
        self._skipping = self._gap = self._awaiting_keyframe = True

    def _keep(self) -> None:
        """Own what is left of an unfinished picture."""
        parts = self._parts
        for index in range(self._borrowed, len(parts)):
            parts[index] = bytes(parts[index])
        self._borrowed = len(parts)

    def _grow(self, count: int) -> None:
        self._bytes += count + _OBJECT_BYTES
        if self._bytes > MAX_PICTURE_BYTES:
            raise _Damaged

    def _unpack(self, payload: _Part) -> None:
        layout = self._layout
        kind = payload[0] >> layout.kind_shift & layout.kind_mask
        if kind == layout.fragment:
            self._continue(payload, layout.header_bytes)
        elif self._unit_at >= 0:
            raise _Damaged  # the end of a fragmented unit never came
        elif kind == layout.aggregate:
            for unit in _aggregated(payload, layout.header_bytes):
                self._add(unit, unit[0] >> layout.kind_shift & layout.kind_mask)
                self._grow(0)
        elif kind < layout.aggregate and len(payload) > layout.header_bytes:
            self._add(payload, kind)

    def _add(self, unit: _Part, kind: int) -> None:
        """A whole unit."""
        if kind in self._layout.parameter_sets:
            self._sets.append(bytes(unit))
            return
        if kind in self._layout.slices:
            self._add_slice(kind, unit, self._layout.header_bytes)
        self._parts += (len(unit).to_bytes(4, "big"), unit)

    def _continue(self, payload: _Part, header: int) -> None:
        if len(payload) <= header + 1:
            raise _Damaged
        flags = payload[header]
        if flags & _START:
            if self._unit_at >= 0:
                raise _Damaged
            self._begin_unit(payload, flags)
        elif self._unit_at < 0:
            raise _Damaged
        self._parts.append(payload[header + 1 :])
        self._unit_bytes += len(payload) - header - 1
        if flags & _END:
            self._end_unit(flags & self._layout.kind_mask)

    def _begin_unit(self, payload: _Part, flags: int) -> None:
        kind = flags & self._layout.kind_mask
        if self._codec == "h264":
            indicator, unit_header = payload[0], bytes((payload[0] & 0xE0 | kind,))
        else:
            indicator = payload[0] << 8 | payload[1]
            unit_header = bytes((payload[0] & 0x81 | kind << 1, payload[1]))
        self._continues = (indicator, flags & ~_START)
        self._unit_at, self._unit_bytes = len(self._parts), len(unit_header)
        self._parts += (_LENGTH_COMES, unit_header)
        if kind in self._layout.slices:
            self._add_slice(kind, payload, self._layout.header_bytes + 1)

    def _end_unit(self, kind: int) -> None:
        at, self._unit_at, self._continues = self._unit_at, -1, (-1, -1)
        if kind in self._layout.parameter_sets:
            self._sets.append(b"".join(self._parts[at + 1 :]))
            del self._parts[at:]
            self._borrowed = min(self._borrowed, at)
        else:
            self._parts[at] = self._unit_bytes.to_bytes(4, "big")

    def _add_slice(self, kind: int, data: _Part, at: int) -> None:
        """What a slice whose own header begins at `data[at]` makes of the picture."""
        if not self._has_slice:
            self._has_slice = True
            # `first_mb_in_slice` is zero, or `first_slice_segment_in_pic_flag` is set.
            self._has_start = len(data) > at and data[at] >= 0x80
        if kind in self._layout.keyframes:
            self._is_keyframe = True

    def _finish(self, done: list[Picture]) -> None:
        if self._unit_at >= 0:
            self.lose()
        timestamp = self._timestamp
        if not self._has_slice or timestamp is None:
            sets = self._sets[-_MAX_SETS:]
            self._clear()
            self._sets = sets  # some cameras send them under a time of their own, before the keyframe's
            return
        if not self._has_start:
            # Some cameras set the marker on each slice. Then only the time tells pictures apart.
            self._trust_marker = self._trust_marker and timestamp != self._last_done
            self.lose()
            return
        self._last_done = timestamp
        if self._is_keyframe or not self._awaiting_keyframe:
            data = b"".join(self._parts)
            done.append(Picture(timestamp, data, tuple(self._sets), self._is_keyframe, self._gap))
            self._awaiting_keyframe = self._gap = False
        self._clear()


def _aggregated(payload: _Part, header: int) -> Iterator[_Part]:
    at = header
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        at += 2
        if size <= header - 1 or at + size > len(payload):
            raise _Damaged
        yield payload[at : at + size]
        at += size

"""RTP payloads to coded pictures: H.264 (RFC 6184: single, STAP-A, FU-A), H.265 (RFC 7798: single, AP, FU).

After any loss nothing comes out until a whole keyframe has come in, and that one says so: never a corrupt picture.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from foundation.nal import Codec, is_keyframe_unit, is_parameter_set, nal_type
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


@dataclass(slots=True, frozen=True)
class Picture:
    timestamp: int  # 32 bits, as in RTP
    data: bytes  # NAL units, each after its length in 4 bytes, without parameter sets
    parameter_sets: tuple[bytes, ...]
    is_keyframe: bool
    gap_before: bool


class _Payloads:
    """How a codec's payloads are laid out."""

    def __init__(self, codec: Codec) -> None:
        h264 = codec == "h264"
        self.header_bytes = 1 if h264 else 2
        self.aggregate, self.fragment = (_H264_STAP_A, _H264_FU_A) if h264 else (_H265_AP, _H265_FU)
        self.first_vcl, self.last_vcl = (1, _H264_LAST_VCL) if h264 else (0, _H265_LAST_VCL)
        # RTP header without its source, payload header, header of the fragment.
        self.unpack_fragment = struct.Struct(">BBHI4xBB" if h264 else ">BBHI4xHB").unpack_from
        self.fragment_at = FIXED_BYTES + self.header_bytes + 1


class Depacketizer:
    """`payload_type` is the one that `feed` takes; other packets of the channel are passed over."""

    def __init__(self, codec: Codec, payload_type: int = 96) -> None:
        self._codec: Codec = codec
        self._payloads = _Payloads(codec)
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
        unpack, header = self._payloads.unpack_fragment, self._payloads.fragment_at
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
            self._take_payload(payload)
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

    def _take_payload(self, payload: _Part) -> None:
        try:
            self._grow(len(payload))
            self._unpack(payload)
        except _Damaged:
            self.lose()

    def _grow(self, count: int) -> None:
        self._bytes += count + _OBJECT_BYTES
        if self._bytes > MAX_PICTURE_BYTES:
            raise _Damaged

    def _unpack(self, payload: _Part) -> None:
        kind, header = nal_type(self._codec, payload), self._payloads.header_bytes
        if kind == self._payloads.fragment:
            self._continue(payload, header)
        elif self._unit_at >= 0:
            raise _Damaged  # the end of a fragmented unit never came
        elif kind == self._payloads.aggregate:
            for unit in _aggregated(payload, header):
                self._add(unit)
                self._grow(0)
        elif kind < self._payloads.aggregate and len(payload) > header:
            self._add(payload)

    def _add(self, unit: _Part) -> None:
        """A whole unit."""
        if is_parameter_set(self._codec, unit):
            self._sets.append(bytes(unit))
            return
        self._classify(unit)
        self._parts += (len(unit).to_bytes(4, "big"), unit)

    def _continue(self, payload: _Part, header: int) -> None:
        if len(payload) <= header + 1:
            raise _Damaged
        flags = payload[header]
        if bool(flags & _START) == (self._unit_at >= 0):
            raise _Damaged
        if flags & _START:
            self._begin_unit(payload, flags)
        self._parts.append(payload[header + 1 :])
        self._unit_bytes += len(payload) - header - 1
        if flags & _END:
            self._end_unit()

    def _begin_unit(self, payload: _Part, flags: int) -> None:
        if self._codec == "h264":
            indicator, unit_header = payload[0], bytes([payload[0] & 0xE0 | flags & 0x1F])
        else:
            indicator = payload[0] << 8 | payload[1]
            unit_header = bytes([payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]])
        self._continues = (indicator, flags & ~_START)
        self._unit_at, self._unit_bytes = len(self._parts), len(unit_header)
        self._parts += (_LENGTH_COMES, unit_header)
        self._classify(unit_header + bytes(payload[len(unit_header) + 1 : len(unit_header) + 2]))

    def _end_unit(self) -> None:
        at, self._unit_at, self._continues = self._unit_at, -1, (-1, -1)
        unit_header = self._parts[at + 1]
        if is_parameter_set(self._codec, unit_header):
            self._sets.append(b"".join(self._parts[at + 1 :]))
            del self._parts[at:]
            self._borrowed = min(self._borrowed, at)
        else:
            self._parts[at] = self._unit_bytes.to_bytes(4, "big")

    def _classify(self, unit: _Part) -> None:
        """What a unit, or its beginning, makes of the picture."""
        if not self._payloads.first_vcl <= nal_type(self._codec, unit) <= self._payloads.last_vcl:
            return
        if not self._has_slice:
            self._has_slice, self._has_start = True, self._starts_picture(unit)
        self._is_keyframe = self._is_keyframe or is_keyframe_unit(self._codec, unit)

    def _starts_picture(self, unit: _Part) -> bool:
        """`first_mb_in_slice` is zero, or `first_slice_segment_in_pic_flag` is set."""
        at = self._payloads.header_bytes
        return len(unit) > at and bool(unit[at] & 0x80)

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
            data, sets = b"".join(self._parts), tuple(self._sets)
            done.append(Picture(timestamp, data, sets, self._is_keyframe, self._gap))
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

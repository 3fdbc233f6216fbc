"""RTP packets (RFC 3550, section 5.1) and 32-bit timestamps made 64."""

from __future__ import annotations

import struct
from typing import NamedTuple

from foundation.clock import US_PER_S
from ingest.access_unit import TICKS_PER_S

_HEADER = struct.Struct(">BBHI")
FIXED_BYTES = 12
PLAIN_HEADER = 0x80  # version 2; no padding, extension or contributing sources, as nearly always
_MAX_JUMP_S = 10
_MAX_BACK_S = 2  # reordered pictures lie less far behind


class RtpPacket(NamedTuple):
    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    payload: bytes | memoryview


def parse_packet(packet: bytes | memoryview) -> RtpPacket | None:
    """None for what is no RTP version 2 packet, or has no payload."""
    if len(packet) <= FIXED_BYTES or packet[0] & 0xC0 != 0x80:
        return None
    first, second, sequence, timestamp = _HEADER.unpack_from(packet)
    if first == PLAIN_HEADER:
        return RtpPacket(second >= 0x80, second & 0x7F, sequence, timestamp, packet[FIXED_BYTES:])
    start, end = FIXED_BYTES + 4 * (first & 0x0F), len(packet)
    if first & 0x10:
        if start + 4 > end:
            return None
        start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
    if first & 0x20:
        end -= packet[-1]
    if start >= end:
        return None
    return RtpPacket(second >= 0x80, second & 0x7F, sequence, timestamp, packet[start:end])


class TimestampUnwrapper:
    """Extends timestamps to 64 bits.

    A camera that restarts its RTP clock makes a jump that its packets' arrival does not bear out; the line then goes
    on by the arrival, so that no file gets hours of nothing in it. It never falls far behind where it has been:
    composition offsets have 32 bits.
    """

    def __init__(self, clock_rate: int = TICKS_PER_S) -> None:
        self._clock_rate = clock_rate
        self._last: int | None = None
        self._highest = 0
        self._offset = 0
        self._arrival_us = 0

    def unwrap(self, timestamp: int, arrival_us: int) -> int:
        if self._last is None:
            self._last = self._highest = timestamp
            self._arrival_us = arrival_us
            return timestamp
        step = ((timestamp + self._offset - self._last + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        rate = self._clock_rate
        waited = (arrival_us - self._arrival_us) * rate // US_PER_S
        if abs(step - waited) > _MAX_JUMP_S * rate or self._last + step < self._highest - _MAX_BACK_S * rate:
            step = self._highest - self._last + max(waited, 1)
            self._offset = self._last + step - timestamp
        self._last += step
        self._highest = max(self._highest, self._last)
        self._arrival_us = arrival_us
        return self._last

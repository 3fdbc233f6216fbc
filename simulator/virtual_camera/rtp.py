"""RTP and RTCP (RFC 3550) as they travel interleaved in an RTSP connection (RFC 2326, section 10.12)."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator

PAYLOAD_TYPE = 96
_VERSION = 0x80
_MARKER = 0x80
_SENDER_REPORT, _SOURCE_DESCRIPTION = 200, 202
_CNAME = 1
_NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
_RTP_HEADER = struct.Struct(">BBHII")
_INTERLEAVED_HEADER = struct.Struct(">cBH")
_SENDER_INFO = struct.Struct(">BBHIIIIII")


class RtpSource:
    """One synchronization source: numbers the packets of a stream and counts them for its sender reports."""

    def __init__(self, seed: random.Random) -> None:
        self.ssrc = seed.getrandbits(32)
        self.next_sequence = seed.getrandbits(16)
        self._first_time = seed.getrandbits(32)
        self._packets = 0
        self._octets = 0

    def wire_time(self, media_time: int) -> int:
        """The 32-bit RTP timestamp of a 90 kHz media time."""
        return (self._first_time + media_time) & 0xFFFFFFFF

    def packets(self, payloads: tuple[bytes, ...], media_time: int) -> list[bytes]:
        timestamp = self.wire_time(media_time)
        last = len(payloads) - 1
        packets = []
        for index, payload in enumerate(payloads):
            kind = PAYLOAD_TYPE | _MARKER if index == last else PAYLOAD_TYPE
            packets.append(_RTP_HEADER.pack(_VERSION, kind, self.next_sequence, timestamp, self.ssrc) + payload)
            self.next_sequence = (self.next_sequence + 1) & 0xFFFF
            self._octets += len(payload)
        self._packets += len(payloads)
        return packets

    def sender_report(self, now_us: int, media_time: int) -> bytes:
        """A compound packet: the sender report that ties UTC to RTP time, and the canonical name."""
        seconds, fraction_us = divmod(now_us, 1_000_000)
        report = _SENDER_INFO.pack(
            _VERSION,
            _SENDER_REPORT,
            6,  # length in 32-bit words, less one
            self.ssrc,
            (seconds + _NTP_EPOCH_S) & 0xFFFFFFFF,
            (fraction_us << 32) // 1_000_000,
            self.wire_time(media_time),
            self._packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )
        return report + _source_description(self.ssrc)


def _source_description(ssrc: int) -> bytes:
    name = b"virtual-camera"
    chunk = ssrc.to_bytes(4, "big") + bytes((_CNAME, len(name))) + name
    chunk += bytes(4 - len(chunk) % 4)  # at least one zero ends the list
    return struct.pack(">BBH", _VERSION | 1, _SOURCE_DESCRIPTION, len(chunk) // 4) + chunk


def interleaved(channel: int, packets: Iterable[bytes]) -> bytes:
    pieces: list[bytes] = []
    for packet in packets:
        pieces += (_INTERLEAVED_HEADER.pack(b"$", channel, len(packet)), packet)
    return b"".join(pieces)


def split_interleaved(data: bytes) -> Iterator[bytes]:
    """The inverse: each packet with its header."""
    at = 0
    while at < len(data):
        _, _, size = _INTERLEAVED_HEADER.unpack_from(data, at)
        stop = at + _INTERLEAVED_HEADER.size + size
        yield data[at:stop]
        at = stop

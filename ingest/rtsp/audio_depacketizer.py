"""RTP payloads to frames of sound: AAC (RFC 3640 without interleaving, RFC 6416) and G.711 (RFC 3551).

What is lost or malformed is counted, and the next whole frame says that something is missing before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.rtsp.audio_track import AudioTrack, AuHeader
from ingest.rtsp.latm import mux_frames
from ingest.rtsp.rtp import RtpPacket

_DUPLICATE_WINDOW = 64
_MAX_FRAMES = 64  # of one packet: more than a second of sound
_MAX_ELEMENT_BYTES = 64 << 10
_LENGTH_BYTES = 2  # of all AU-headers of a packet, in bits


class _Damaged(Exception):
    """A payload that makes no sense, or does not continue what came before it."""


class AudioFrame(NamedTuple):
    position: int  # samples since the packet's timestamp
    samples: int
    gap_before: bool
    data: bytes


@dataclass(slots=True)
class _Fragments:
    """The parts of a frame that one packet was too small for."""

    timestamp: int
    size: int  # that it is to have, where the packets say so
    data: bytearray = field(default_factory=bytearray)


class AudioDepacketizer:
    def __init__(self, track: AudioTrack) -> None:
        self._track = track
        self._sequence: int | None = None
        self._timestamp: int | None = None
        self._fragments: _Fragments | None = None
        self._skipping = track.latm_frames > 0  # the rest of a frame whose start was lost, or may have been
        self._gap = False
        self.losses = 0

    def push(self, packet: RtpPacket) -> list[AudioFrame]:
        expected = self._sequence
        if expected is not None and packet.sequence != expected:
            if (expected - packet.sequence) & 0xFFFF <= _DUPLICATE_WINDOW:
                return []
            self.lose()
            self._skipping = True
        elif packet.timestamp != self._timestamp and expected is not None:
            self._skipping = False
        self._sequence = (packet.sequence + 1) & 0xFFFF
        self._timestamp = packet.timestamp
        try:
            frames = self._unpack(packet, bytes(packet.payload))
        except _Damaged:
            self.lose()
            return []
        return self._placed(frames)

    def lose(self) -> None:
        self.losses += not self._gap
        self._gap = True
        self._fragments = None

    def _placed(self, frames: list[bytes]) -> list[AudioFrame]:
        placed = []
        position = 0
        for data in frames:
            samples = self._track.frame_samples or len(data) // self._track.parameters.channels
            placed.append(AudioFrame(position, samples, self._gap, data))
            position += samples
            self._gap = False
        return placed

    def _unpack(self, packet: RtpPacket, payload: bytes) -> list[bytes]:
        if self._track.latm_frames:
            return self._element(packet, payload)
        if self._track.au_header is None:
            if len(payload) % self._track.parameters.channels:
                raise _Damaged
            return [payload]
        sizes, at = _frame_sizes(payload, self._track.au_header)
        left = len(payload) - at
        if len(sizes) == 1 and sizes[0] > left:
            return self._fragment(packet, sizes[0], payload[at:])
        if self._fragments is not None:
            self.lose()  # the end of a fragmented frame never came
        if sum(sizes) != left:
            raise _Damaged
        frames = []
        for size in sizes:
            frames.append(payload[at : at + size])
            at += size
        return frames

    def _element(self, packet: RtpPacket, part: bytes) -> list[bytes]:
        """RFC 6416, 6.1: an AudioMuxElement goes on up to the marker."""
        if self._skipping:
            self._skipping = not packet.marker
            return []
        gathered = self._gathered(packet, 0, part)
        if len(gathered.data) > _MAX_ELEMENT_BYTES:
            self._skipping = not packet.marker
            raise _Damaged
        if not packet.marker:
            return []
        self._fragments = None
        frames = mux_frames(bytes(gathered.data), self._track.latm_frames)
        if frames is None:
            raise _Damaged
        return frames

    def _gathered(self, packet: RtpPacket, size: int, part: bytes) -> _Fragments:
        """All of the frame so far; what came of one with another time is lost."""
        gathered = self._fragments
        if gathered is None or gathered.timestamp != packet.timestamp:
            if gathered is not None:
                self.lose()
            gathered = self._fragments = _Fragments(packet.timestamp, size)
        gathered.data += part
        return gathered

    def _fragment(self, packet: RtpPacket, size: int, part: bytes) -> list[bytes]:
        """RFC 3640, 3.2.3.1: the header of each fragment tells the size of the whole frame."""
        if self._skipping:
            self._skipping = not packet.marker
            return []
        gathered = self._gathered(packet, size, part)
        if gathered.size != size or len(gathered.data) > size or (packet.marker and len(gathered.data) < size):
            self._skipping = not packet.marker
            raise _Damaged
        if len(gathered.data) < size:
            return []
        self._fragments = None
        return [bytes(gathered.data)]


def _frame_sizes(payload: bytes, header: AuHeader) -> tuple[list[int], int]:
    """The sizes that the AU-headers tell, and where the frames begin."""
    if len(payload) <= _LENGTH_BYTES:
        raise _Damaged
    left = payload[0] << 8 | payload[1]
    start = _LENGTH_BYTES + (left + 7) // 8
    first, other = header.size + header.index, header.size + header.index_delta
    if start >= len(payload) or left < first or (left - first) % other or (left - first) // other >= _MAX_FRAMES:
        raise _Damaged
    value = int.from_bytes(payload[_LENGTH_BYTES:start], "big") >> -left % 8
    # The first index only matters with interleaving, and some cameras leave anything there.
    sizes = [value >> (left - header.size)]
    left -= first
    while left:
        left -= other
        unit = value >> left & ((1 << other) - 1)
        if unit & ((1 << header.index_delta) - 1):
            raise _Damaged  # interleaved, or frames left out
        sizes.append(unit >> header.index_delta)
    if not all(sizes):
        raise _Damaged
    return sizes, start

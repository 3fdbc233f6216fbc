"""What a camera sends once RTP is taken off: coded pictures and sound, and the parameters a decoder needs before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TICKS_PER_S = 90_000  # RTP and MP4 media time alike


@dataclass(slots=True, frozen=True)
class CodecParameters:
    codec: Literal["h264", "h265"]
    parameter_sets: tuple[bytes, ...]  # SPS, PPS (H.264) or VPS, SPS, PPS (H.265), without start codes
    width: int
    height: int  # pixels, after cropping
    rfc6381: str  # "avc1.640028", "hvc1.1.6.L93.B0"

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.parameter_sets))


@dataclass(slots=True, frozen=True)
class AccessUnit:
    start_us: int  # UTC capture time on this host's clock; never runs backwards within a stream
    rtp_time: int  # presentation time, 90 kHz, unwrapped to 64 bits
    is_keyframe: bool
    gap_before: bool  # something was lost since the unit before
    data: bytes  # NAL units, each after its length in 4 bytes (as in an MP4 sample), no parameter sets


@dataclass(slots=True, frozen=True)
class AudioParameters:
    codec: Literal["aac", "pcma", "pcmu"]
    sample_rate: int  # Hz
    channels: int
    config: bytes  # AudioSpecificConfig of AAC (ISO/IEC 14496-3, 1.6.2.1); empty for G.711
    rfc6381: str  # "mp4a.40.2", "alaw", "ulaw"

    @property
    def size_bytes(self) -> int:
        return len(self.config)


MediaParameters = CodecParameters | AudioParameters


@dataclass(slots=True, frozen=True)
class AudioUnit:
    """One AAC frame, or the G.711 samples of one packet."""

    start_us: int  # as of an access unit, on a line of the sound's own
    rtp_time: int  # of the first sample, in ticks of 90 kHz whatever the codec's own clock
    duration: int  # that its samples last, ticks of 90 kHz
    gap_before: bool  # something was lost since the unit before
    data: bytes

"""NAL units of H.264 (ITU-T H.264, Annex B) and H.265 (ITU-T H.265, Annex B): splitting and types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

Codec = Literal["h264", "h265"]

H264_IDR, H264_SPS, H264_PPS, H264_AUD = 5, 7, 8, 9
H265_BLA_FIRST, H265_CRA_LAST = 16, 21
H265_VPS, H265_SPS, H265_PPS, H265_AUD = 32, 33, 34, 35


PARAMETER_SETS: dict[Codec, frozenset[int]] = {
    "h264": frozenset({H264_SPS, H264_PPS}),
    "h265": frozenset({H265_VPS, H265_SPS, H265_PPS}),
}
KEYFRAMES: dict[Codec, frozenset[int]] = {
    "h264": frozenset({H264_IDR}),
    "h265": frozenset(range(H265_BLA_FIRST, H265_CRA_LAST + 1)),
}


def split_annex_b(stream: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream with 3- or 4-byte start codes, without the codes and trailing zeros."""
    start = stream.find(b"\x00\x00\x01")
    while start >= 0:
        start += 3
        end = stream.find(b"\x00\x00\x01", start)
        unit = stream[start:] if end < 0 else stream[start:end]
        unit = unit.rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def nal_type(codec: Codec, unit: bytes | memoryview) -> int:
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def is_keyframe_unit(codec: Codec, unit: bytes | memoryview) -> bool:
    return nal_type(codec, unit) in KEYFRAMES[codec]


def is_parameter_set(codec: Codec, unit: bytes | memoryview) -> bool:
    return nal_type(codec, unit) in PARAMETER_SETS[codec]


def length_prefixed(units: Iterable[bytes]) -> bytes:
    """The units as they stand in an MP4 sample: each after its length in four bytes (ISO 14496-15)."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def split_length_prefixed(sample: bytes) -> Iterator[bytes]:
    """The inverse of `length_prefixed`; a length that runs past the end ends the iteration."""
    at = 0
    while at + 4 <= len(sample):
        size = int.from_bytes(sample[at : at + 4], "big")
        at += 4
        if size == 0 or at + size > len(sample):
            return
        yield sample[at : at + size]
        at += size

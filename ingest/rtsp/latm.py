"""LATM, the low-overhead multiplex of MPEG-4 audio (ISO/IEC 14496-3, 1.7.3), as RTP carries it by RFC 6416."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.errors import InvalidInput
from ingest.rtsp.audio_config import AacConfig, read_audio_config
from ingest.rtsp.bits import BitReader

_MAX_BYTES = 64
_MORE = 255  # a byte of a length that another follows


@dataclass(slots=True, frozen=True)
class StreamMuxConfig:
    frames: int  # of one AudioMuxElement
    config: bytes  # AudioSpecificConfig, moved to a byte's border
    aac: AacConfig


def parse_stream_mux_config(data: bytes) -> StreamMuxConfig:
    """`InvalidInput` for more than one program with one layer, which no camera sends."""
    if len(data) > _MAX_BYTES:
        raise InvalidInput("the audio configuration is too long.")
    bits = BitReader(data, escaped=False)
    version, same_framing, frames, programs, layers = (bits.u(width) for width in (1, 1, 6, 4, 3))
    if version or not same_framing or programs or layers:
        raise InvalidInput("it is a multiplex of more than one stream.")
    before = bits.left
    aac = read_audio_config(bits)
    if bits.u(2):  # depends on a core coder, or has an extension
        raise InvalidInput("its audio configuration is an unusual one.")
    length = before - bits.left
    # Some devices leave out what follows, of which only this would matter.
    if bits.left >= 3 and bits.u(3):
        raise InvalidInput("its frames have no lengths of their own.")
    value = int.from_bytes(data, "big") >> (before - length) & ((1 << length) - 1)
    config = value << -length % 8
    return StreamMuxConfig(frames + 1, config.to_bytes((length + 7) // 8, "big"), aac)


def mux_frames(element: bytes, count: int) -> list[bytes] | None:
    """The frames of an AudioMuxElement without a configuration of its own; None when it has others than those."""
    frames = []
    at = 0
    for _ in range(count):
        size = 0
        while at < len(element) and element[at] == _MORE:
            size += _MORE
            at += 1
        if at >= len(element):
            return None
        size += element[at]
        at += 1
        if not size or at + size > len(element):
            return None
        frames.append(element[at : at + size])
        at += size
    return frames if at == len(element) else None

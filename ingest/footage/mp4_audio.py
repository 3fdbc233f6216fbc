"""Sample entries of sound in MP4: `mp4a` with `esds` for AAC (ISO/IEC 14496-14, 5.6), `alaw` and `ulaw` for G.711.

The latter two are QuickTime's; ISO has none of its own, and FFmpeg and what stands on it read them.
"""

from __future__ import annotations

import struct

from foundation.errors import InvalidInput
from ingest.access_unit import AudioParameters
from ingest.footage.boxes import Box, box, full_box, walk
from ingest.rtsp.audio_config import parse_audio_config

_ENTRY_BYTES = 28
_FIELDS = struct.Struct(">6xH8xHHHHI")  # data reference, channels, sample size, pre-defined, reserved, rate in 16.16
_MAX_RATE = 0xFFFF
_ES, _DECODER_CONFIG, _DECODER_SPECIFIC, _SL_CONFIG = 3, 4, 5, 6  # descriptors (ISO/IEC 14496-1, 7.2.6)
_MPEG4_AUDIO, _AUDIO_STREAM = 0x40, 0x15
_ES_BYTES, _DECODER_CONFIG_BYTES = 3, 13  # before the descriptors within


def sample_entry(parameters: AudioParameters) -> bytes:
    """AudioSampleEntry (14496-12, 12.2.3)."""
    rate = parameters.sample_rate if parameters.sample_rate <= _MAX_RATE else 0  # the decoder's configuration has it
    fields = _FIELDS.pack(1, parameters.channels, 16, 0, 0, rate << 16)
    if parameters.codec == "aac":
        return box(b"mp4a", fields, full_box(b"esds", 0, 0, _es_descriptor(parameters.config)))
    return box(parameters.rfc6381.encode(), fields)


def parameters_of_entry(init: bytes, entry: Box) -> AudioParameters:
    """What a sample entry was written from."""
    if entry.end - entry.body < _ENTRY_BYTES:
        raise InvalidInput("the sample entry ends too early.")
    _, channels, _, _, _, rate = _FIELDS.unpack_from(init, entry.body)
    if entry.kind == b"alaw":
        return AudioParameters("pcma", rate >> 16, channels, b"", "alaw")
    if entry.kind == b"ulaw":
        return AudioParameters("pcmu", rate >> 16, channels, b"", "ulaw")
    inner = next(walk(init, entry.body + _ENTRY_BYTES, entry.end), None)
    if inner is None or inner.kind != b"esds":
        raise InvalidInput("the init segment has no decoder configuration.")
    config = _config_of(init[inner.body + 4 : inner.end])
    parsed = parse_audio_config(config)
    return AudioParameters("aac", parsed.sample_rate, parsed.channels, config, f"mp4a.40.{parsed.object_type}")


def _es_descriptor(config: bytes) -> bytes:
    decoder = bytes([_MPEG4_AUDIO, _AUDIO_STREAM]) + bytes(11) + _descriptor(_DECODER_SPECIFIC, config)
    return _descriptor(_ES, bytes(3) + _descriptor(_DECODER_CONFIG, decoder) + _descriptor(_SL_CONFIG, b"\x02"))


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body  # a configuration has at most 64 bytes, so that one byte tells the length


def _config_of(descriptors: bytes) -> bytes:
    for tag, before in ((_ES, _ES_BYTES), (_DECODER_CONFIG, _DECODER_CONFIG_BYTES), (_DECODER_SPECIFIC, 0)):
        if len(descriptors) < 2 or descriptors[0] != tag or len(descriptors) < 2 + descriptors[1]:
            raise InvalidInput("the decoder configuration ends too early.")
        descriptors = descriptors[2 + before : 2 + descriptors[1]]
    return descriptors

"""AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of AAC: what stands in `config` of RFC 3640 and in `esds` of MP4."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.errors import InvalidInput
from ingest.rtsp.bits import BitReader

_SAMPLE_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_EXPLICIT_RATE = 15
_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_AAC_MAIN, _AAC_LTP = 1, 4  # with LC and SSR between them
_SBR, _PS = 5, 29  # high efficiency: an AAC core, and what is added to it
_MAX_BYTES = 64


@dataclass(slots=True, frozen=True)
class AacConfig:
    object_type: int
    sample_rate: int  # Hz, of the core
    channels: int
    frame_samples: int  # of the core, a frame


def parse_audio_config(config: bytes) -> AacConfig:
    """`InvalidInput` for what is no AAC of one of the usual kinds."""
    if len(config) > _MAX_BYTES:
        raise InvalidInput("the audio configuration is too long.")
    return read_audio_config(BitReader(config, escaped=False))


def read_audio_config(bits: BitReader) -> AacConfig:
    """Reads as far as the length of a frame."""
    object_type = core_type = bits.u(5)
    sample_rate = _sample_rate(bits)
    channels = bits.u(4)
    if object_type in (_SBR, _PS):
        _sample_rate(bits)
        core_type = bits.u(5)
    if not _AAC_MAIN <= core_type <= _AAC_LTP:
        raise InvalidInput(f"MPEG-4 audio of object type {core_type} is not known.")
    if not 0 < channels < len(_CHANNELS):
        raise InvalidInput(f"MPEG-4 audio with channel configuration {channels} is not known.")
    return AacConfig(object_type, sample_rate, _CHANNELS[channels], 960 if bits.flag() else 1024)


def _sample_rate(bits: BitReader) -> int:
    index = bits.u(4)
    if index == _EXPLICIT_RATE:
        rate = bits.u(24)
    elif index < len(_SAMPLE_RATES):
        rate = _SAMPLE_RATES[index]
    else:
        raise InvalidInput("the audio configuration holds a sampling rate that is reserved.")
    if not _SAMPLE_RATES[-1] <= rate <= _SAMPLE_RATES[0]:
        raise InvalidInput(f"the audio configuration claims {rate} samples a second.")
    return rate

"""Audio tracks of a session description: AAC by RFC 3640 and RFC 6416 (LATM), and G.711 (RFC 3551, 4.5.14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from foundation.errors import InvalidInput
from ingest.access_unit import TICKS_PER_S, AudioParameters
from ingest.rtsp.audio_config import AacConfig, parse_audio_config
from ingest.rtsp.latm import parse_stream_mux_config
from ingest.rtsp.sdp_media import Media

_G711: dict[str, Literal["pcma", "pcmu"]] = {"PCMA": "pcma", "PCMU": "pcmu"}
_RFC6381 = {"pcma": "alaw", "pcmu": "ulaw"}
_STATIC = {0: ["PCMU", "8000"], 8: ["PCMA", "8000"]}  # RFC 3551, 6; a device's own rtpmap goes before it
_AAC_CLOCKS = range(4_000, 192_001)
_G711_RATES = range(4_000, 48_001)
_MAX_CHANNELS = 8
_AAC_HBR = {"sizelength": 13, "indexlength": 3, "indexdeltalength": 3}
_MAX_FIELD_BITS = 16
# Fields of an AU-header that no camera's AAC has; with one of them a header would be read wrongly.
_UNKNOWN_FIELDS = (
    "ctsdeltalength",
    "dtsdeltalength",
    "randomaccessindication",
    "streamstateindication",
    "auxiliarydatasizelength",
)
_NOT_PLAIN = re.compile(r"[^\w.+-]")


@dataclass(slots=True, frozen=True)
class AuHeader:
    """Widths in bits of the fields of an AU-header (RFC 3640, 3.2.1)."""

    size: int
    index: int
    index_delta: int


@dataclass(slots=True, frozen=True)
class AudioTrack:
    parameters: AudioParameters
    payload_type: int
    clock_rate: int  # of the RTP timestamps, Hz
    control: str | None
    au_header: AuHeader | None  # of AAC by RFC 3640
    frame_samples: int  # of an AAC frame, for each channel; 0 for G.711, where the packet's length tells
    latm_frames: int = 0  # of one AudioMuxElement of LATM; 0 for what is none

    def ticks(self, samples: int) -> int:
        """How long so many samples last, in ticks of 90 kHz."""
        return samples * TICKS_PER_S // self.parameters.sample_rate


@dataclass(slots=True, frozen=True)
class UnknownAudio:
    reason: str


def audio_tracks(media: Media) -> Iterator[AudioTrack | UnknownAudio]:
    if media.first("sendonly") is not None:
        return  # the device's loudspeaker (ONVIF Streaming Specification, 5.3)
    for payload_type in media.payload_types("audio"):
        rtpmap = media.rtpmap(payload_type) or _STATIC.get(payload_type) or [f"payload type {payload_type}"]
        name = rtpmap[0].upper()
        try:
            if name == "MPEG4-GENERIC":
                yield _aac(media, payload_type, rtpmap)
            elif name == "MP4A-LATM":
                yield _latm(media, payload_type, rtpmap)
            elif name in _G711:
                yield _g711(media, payload_type, rtpmap)
            else:
                yield UnknownAudio(_NOT_PLAIN.sub(" ", rtpmap[0])[:32])
        except InvalidInput as error:
            yield UnknownAudio(f"{_NOT_PLAIN.sub(' ', rtpmap[0])[:32]} ({error.what.rstrip('.')})")


def _aac(media: Media, payload_type: int, rtpmap: list[str]) -> AudioTrack:
    fields = media.format_parameters(payload_type)
    if any(_number(fields.get(name), 0) for name in _UNKNOWN_FIELDS):
        raise InvalidInput("its AU-headers have unusual fields.")
    widths = [_number(fields.get(name), usual) for name, usual in _AAC_HBR.items()]
    if not 0 < widths[0] <= _MAX_FIELD_BITS or max(widths) > _MAX_FIELD_BITS:
        raise InvalidInput("its AU-headers make no sense.")
    config = _hexadecimal(fields.get("config", ""))
    parsed = parse_audio_config(config)
    return AudioTrack(
        _aac_parameters(parsed, config),
        payload_type,
        _clock_rate(rtpmap, parsed.sample_rate, _AAC_CLOCKS),
        media.first("control"),
        AuHeader(*widths),
        parsed.frame_samples,
    )


def _latm(media: Media, payload_type: int, rtpmap: list[str]) -> AudioTrack:
    fields = media.format_parameters(payload_type)
    if fields.get("cpresent", "1") != "0":
        raise InvalidInput("its configuration comes with the sound.")
    mux = parse_stream_mux_config(_hexadecimal(fields.get("config", "")))
    return AudioTrack(
        _aac_parameters(mux.aac, mux.config),
        payload_type,
        _clock_rate(rtpmap, mux.aac.sample_rate, _AAC_CLOCKS),
        media.first("control"),
        None,
        mux.aac.frame_samples,
        mux.frames,
    )


def _aac_parameters(parsed: AacConfig, config: bytes) -> AudioParameters:
    """The channels of rtpmap are often wrong; those of the configuration are what a decoder goes by."""
    return AudioParameters("aac", parsed.sample_rate, parsed.channels, config, f"mp4a.40.{parsed.object_type}")


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise InvalidInput("its configuration is not hexadecimal.") from error


def _g711(media: Media, payload_type: int, rtpmap: list[str]) -> AudioTrack:
    codec = _G711[rtpmap[0].upper()]
    rate = _clock_rate(rtpmap, 8_000, _G711_RATES)
    channels = _number(rtpmap[2] if len(rtpmap) > 2 else None, 1)
    if not 0 < channels <= _MAX_CHANNELS:
        raise InvalidInput(f"it claims {channels} channels.")
    parameters = AudioParameters(codec, rate, channels, b"", _RFC6381[codec])
    return AudioTrack(parameters, payload_type, rate, media.first("control"), None, 0)


def _clock_rate(rtpmap: list[str], usual: int, possible: range) -> int:
    rate = _number(rtpmap[1] if len(rtpmap) > 1 else None, usual)
    if rate not in possible:
        raise InvalidInput(f"it claims a clock of {rate} Hz.")
    return rate


def _number(text: str | None, usual: int) -> int:
    """`usual` where nothing, or nothing sensible, is given."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else usual

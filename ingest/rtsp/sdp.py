"""The video tracks of a session description (RFC 8866), with parameter sets by RFC 6184 and RFC 7798."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.errors import StreamRefused
from foundation.nal import Codec, is_parameter_set

_CODECS: dict[str, Codec] = {"H264": "h264", "H265": "h265", "HEVC": "h265"}
_SPROP: dict[Codec, tuple[str, ...]] = {
    "h264": ("sprop-parameter-sets",),
    "h265": ("sprop-vps", "sprop-sps", "sprop-pps"),
}
_MAX_LINES = 2_000
_MAX_SETS = 32


@dataclass(slots=True, frozen=True)
class VideoTrack:
    codec: Codec
    payload_type: int
    control: str | None
    parameter_sets: tuple[bytes, ...]


@dataclass(slots=True, frozen=True)
class SessionDescription:
    control: str | None
    tracks: tuple[VideoTrack, ...]


@dataclass(slots=True)
class _Media:
    """One `m=` section, or the session section before the first."""

    line: str
    attributes: list[tuple[str, str]]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)


def parse_sdp(body: bytes) -> SessionDescription:
    session, *media = _sections(body)
    tracks = tuple(track for one in media for track in _video_tracks(one))
    return SessionDescription(session.first("control"), tracks)


def first_video(description: SessionDescription) -> VideoTrack:
    if not description.tracks:
        raise StreamRefused(
            "the device offers no H.264 or H.265 video.", mend="Set the stream's codec to H.264 at the device."
        )
    return description.tracks[0]


def _sections(body: bytes) -> list[_Media]:
    sections = [_Media("", [])]
    for line in body.decode("utf-8", "replace").splitlines()[:_MAX_LINES]:
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            sections.append(_Media(value, []))
        elif kind == "a":
            name, _, rest = value.partition(":")
            sections[-1].attributes.append((name.strip().lower(), rest.strip()))
    return sections


def _video_tracks(media: _Media) -> Iterator[VideoTrack]:
    words = media.line.split()
    if len(words) < 4 or words[0] != "video":
        return
    for payload_type in words[3:]:
        codec = _codec_of(media, payload_type)
        if codec and payload_type.isascii() and payload_type.isdigit() and int(payload_type[:4]) < 128:
            yield VideoTrack(
                codec, int(payload_type), media.first("control"), _parameter_sets(media, payload_type, codec)
            )


def _codec_of(media: _Media, payload_type: str) -> Codec | None:
    for name, value in media.attributes:
        words = value.split()
        if name == "rtpmap" and len(words) > 1 and words[0] == payload_type:
            return _CODECS.get(words[1].partition("/")[0].upper())
    return None


def _parameter_sets(media: _Media, payload_type: str, codec: Codec) -> tuple[bytes, ...]:
    fields = _format_parameters(media, payload_type)
    texts = [text for name in _SPROP[codec] for text in fields.get(name, "").split(",") if text]
    units = [_decode(text) for text in texts[:_MAX_SETS]]
    return tuple(unit for unit in units if len(unit) > 3 and is_parameter_set(codec, unit))


def _format_parameters(media: _Media, payload_type: str) -> dict[str, str]:
    for name, value in media.attributes:
        number, _, rest = value.partition(" ")
        if name == "fmtp" and number == payload_type:
            pairs = (part.partition("=") for part in rest.split(";"))
            return {key.strip().lower(): text.strip() for key, _, text in pairs}
    return {}


def _decode(text: str) -> bytes:
    """A parameter set; some cameras leave the next start code or zeros at its end."""
    try:
        unit = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return unit.removesuffix(b"\x00\x00\x01").rstrip(b"\x00")

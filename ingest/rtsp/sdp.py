"""The tracks of a session description (RFC 8866), with parameter sets by RFC 6184 and RFC 7798."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.errors import StreamRefused
from foundation.nal import Codec, is_parameter_set
from ingest.rtsp.audio_track import AudioTrack, UnknownAudio, audio_tracks
from ingest.rtsp.sdp_media import Media, sections

_CODECS: dict[str, Codec] = {"H264": "h264", "H265": "h265", "HEVC": "h265"}
_SPROP: dict[Codec, tuple[str, ...]] = {
    "h264": ("sprop-parameter-sets",),
    "h265": ("sprop-vps", "sprop-sps", "sprop-pps"),
}
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
    audio: tuple[AudioTrack | UnknownAudio, ...]


def parse_sdp(body: bytes) -> SessionDescription:
    session, *media = sections(body)
    tracks = tuple(track for one in media for track in _video_tracks(one))
    audio = tuple(track for one in media for track in audio_tracks(one))
    return SessionDescription(session.first("control"), tracks, audio)


def first_video(description: SessionDescription) -> VideoTrack:
    if not description.tracks:
        raise StreamRefused(
            "the device offers no H.264 or H.265 video.", mend="Set the stream's codec to H.264 at the device."
        )
    return description.tracks[0]


def first_audio(description: SessionDescription) -> AudioTrack:
    """The first track with a codec that can be recorded."""
    for track in description.audio:
        if isinstance(track, AudioTrack):
            return track
    if not description.audio:
        raise StreamRefused("the device offers no sound.", mend="Switch the stream's audio on at the device.")
    offered = ", ".join(dict.fromkeys(track.reason for track in description.audio if isinstance(track, UnknownAudio)))
    raise StreamRefused(
        f"the device offers its sound in a form that is not recorded: {offered}.",
        mend="Set the stream's audio codec to AAC or G.711 at the device.",
    )


def _video_tracks(media: Media) -> Iterator[VideoTrack]:
    for payload_type in media.payload_types("video"):
        rtpmap = media.rtpmap(payload_type)
        codec = _CODECS.get(rtpmap[0].upper()) if rtpmap else None
        if codec:
            yield VideoTrack(codec, payload_type, media.first("control"), _parameter_sets(media, payload_type, codec))


def _parameter_sets(media: Media, payload_type: int, codec: Codec) -> tuple[bytes, ...]:
    fields = media.format_parameters(payload_type)
    texts = [text for name in _SPROP[codec] for text in fields.get(name, "").split(",") if text]
    units = [_decode(text) for text in texts[:_MAX_SETS]]
    return tuple(unit for unit in units if len(unit) > 3 and is_parameter_set(codec, unit))


def _decode(text: str) -> bytes:
    """A parameter set; some cameras leave the next start code or zeros at its end."""
    try:
        unit = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return unit.removesuffix(b"\x00\x00\x01").rstrip(b"\x00")

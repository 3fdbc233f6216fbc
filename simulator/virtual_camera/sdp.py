"""The session description (RFC 8866) of a path, with the parameters of RFC 6184 and RFC 7798."""

from __future__ import annotations

from base64 import b64encode

from foundation.nal import (
    H264_PPS,
    H264_SPS,
    H265_PPS,
    H265_SPS,
    H265_VPS,
    nal_type,
)
from simulator.virtual_camera.media import CLOCK_RATE, Media
from simulator.virtual_camera.rtp import PAYLOAD_TYPE

TRACK = "trackID=0"
_ENCODING = {"h264": "H264", "h265": "H265"}


def describe(name: str, media: Media, session_id: int) -> str:
    parameters = _h264_parameters(media) if media.codec == "h264" else _h265_parameters(media)
    lines = [
        "v=0",
        f"o=- {session_id} 1 IN IP4 127.0.0.1",
        f"s={' '.join(name.split()) or '-'}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {_ENCODING[media.codec]}/{CLOCK_RATE}",
        f"a=fmtp:{PAYLOAD_TYPE} {';'.join(parameters)}",
        f"a=framesize:{PAYLOAD_TYPE} {media.width}-{media.height}",
        f"a=framerate:{len(media.units) * CLOCK_RATE / media.duration:.3f}",
        f"a=control:{TRACK}",
    ]
    return "\r\n".join(lines) + "\r\n"


def _h264_parameters(media: Media) -> list[str]:
    sets = _base64(media, H264_SPS) + _base64(media, H264_PPS)
    profile = next((unit[1:4].hex() for unit in media.parameter_sets if nal_type("h264", unit) == H264_SPS), None)
    named = ["packetization-mode=1"]
    if profile:
        named.append(f"profile-level-id={profile}")
    if sets:
        named.append(f"sprop-parameter-sets={','.join(sets)}")
    return named


def _h265_parameters(media: Media) -> list[str]:
    kinds = (("sprop-vps", H265_VPS), ("sprop-sps", H265_SPS), ("sprop-pps", H265_PPS))
    return [f"{name}={','.join(sets)}" for name, kind in kinds if (sets := _base64(media, kind))]


def _base64(media: Media, kind: int) -> list[str]:
    return [b64encode(unit).decode() for unit in media.parameter_sets if nal_type(media.codec, unit) == kind]

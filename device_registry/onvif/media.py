"""Profiles and addresses by ONVIF's first media service, which knows no H.265."""

from __future__ import annotations

from typing import Any

from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.envelope import printable
from device_registry.onvif.profiles import Profile

_STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


def profiles(device: Device, at: Endpoint) -> list[Profile]:
    return [_profile(row) for row in device.call(Service.MEDIA, "GetProfiles", at) or [] if row.token]


def stream_uri(device: Device, at: Endpoint, token: str) -> str:
    return _uri(device.call(Service.MEDIA, "GetStreamUri", at, StreamSetup=_STREAM, ProfileToken=token))


def snapshot_uri(device: Device, at: Endpoint, token: str) -> str:
    return _uri(device.call(Service.MEDIA, "GetSnapshotUri", at, ProfileToken=token))


def _uri(answer: Any) -> str:
    return str(getattr(answer, "Uri", None) or "")


def _profile(row: Any) -> Profile:
    video = row.VideoEncoderConfiguration
    source, audio = row.VideoSourceConfiguration, row.AudioEncoderConfiguration
    size = video.Resolution if video else None
    rate = video.RateControl if video else None
    detail = (video.H264 or video.MPEG4) if video else None
    return Profile(
        token=str(row.token),
        name=printable(row.Name or ""),
        source=source.SourceToken if source else None,
        encoding=video.Encoding if video else None,
        width=(size.Width if size else None) or 0,
        height=(size.Height if size else None) or 0,
        frame_rate=rate.FrameRateLimit if rate else None,
        bit_rate_kbps=rate.BitrateLimit if rate else None,
        gop=detail.GovLength if detail else None,
        audio=audio.Encoding if audio else None,
        ptz=row.PTZConfiguration is not None,
    )

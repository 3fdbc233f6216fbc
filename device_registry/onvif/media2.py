"""Profiles and addresses by ONVIF's second media service, the only one that tells of H.265.

Its definition is not among those that onvif-zeep brings, so these few requests are written and read here.
"""

from __future__ import annotations

from lxml import etree

from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.envelope import printable
from device_registry.onvif.profiles import Profile

NAMESPACE = "http://www.onvif.org/ver20/media/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_NAMES = {"tr2": NAMESPACE, "tt": _SCHEMA}


def profiles(device: Device, at: Endpoint) -> list[Profile]:
    answer = device.send(_request("GetProfiles", Type="All"), at)
    rows = [_profile(row) for row in answer.iterfind("tr2:Profiles", _NAMES)]
    return [profile for profile in rows if profile.token]


def stream_uri(device: Device, at: Endpoint, token: str) -> str:
    answer = device.send(_request("GetStreamUri", Protocol="RTSP", ProfileToken=token), at)
    return _text(answer, "tr2:Uri") or ""


def snapshot_uri(device: Device, at: Endpoint, token: str) -> str:
    answer = device.send(_request("GetSnapshotUri", ProfileToken=token), at)
    return _text(answer, "tr2:Uri") or ""


def _request(name: str, **parts: str) -> etree._Element:
    request = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"tr2": NAMESPACE})
    for part, text in parts.items():
        etree.SubElement(request, f"{{{NAMESPACE}}}{part}").text = text
    return request


def _profile(row: etree._Element) -> Profile:
    video = row.find("tr2:Configurations/tr2:VideoEncoder", _NAMES)
    encoding = _text(video, "tt:Encoding")
    rate = _number(_text(video, "tt:RateControl/tt:FrameRateLimit"))
    bit_rate = _number(_text(video, "tt:RateControl/tt:BitrateLimit"))
    gop = _number(video.get("GovLength") if video is not None else None)
    return Profile(
        token=row.get("token") or "",
        name=printable(_text(row, "tr2:Name") or ""),
        source=_text(row, "tr2:Configurations/tr2:VideoSource/tt:SourceToken"),
        encoding=encoding.upper().replace("MPV4-ES", "MPEG4") if encoding else None,  # IANA's names: H264, H265, JPEG
        width=int(_number(_text(video, "tt:Resolution/tt:Width")) or 0),
        height=int(_number(_text(video, "tt:Resolution/tt:Height")) or 0),
        frame_rate=rate,
        bit_rate_kbps=None if bit_rate is None else int(bit_rate),
        gop=None if gop is None else int(gop),
        audio=_text(row, "tr2:Configurations/tr2:AudioEncoder/tt:Encoding"),
        ptz=row.find("tr2:Configurations/tr2:PTZ", _NAMES) is not None,
    )


def _text(element: etree._Element | None, path: str) -> str | None:
    text = element.findtext(path, namespaces=_NAMES) if element is not None else None
    return text.strip() or None if text else None


def _number(text: str | None) -> float | None:
    """A number that a camera can mean; None for what is none."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None

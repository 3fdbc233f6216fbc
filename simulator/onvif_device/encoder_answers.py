"""Its encoders: what they can, and set to it."""

from __future__ import annotations

from lxml import etree

from simulator.onvif_device.parts import Operation, Refused, find, number, text
from simulator.onvif_device.state import State

GOP = (1, 400)
KBPS = (64, 8192)
RATES = (1, 25)
_SIZES = {"main": ((2560, 1440), (1920, 1080), (1280, 720)), "sub": ((640, 360), (352, 288))}


def _sizes(token: str) -> str:
    return "".join(
        f"<tt:ResolutionsAvailable><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:ResolutionsAvailable>"
        for width, height in _SIZES[token]
    )


def _range(name: str, least: int, most: int) -> str:
    return f"<tt:{name}><tt:Min>{least}</tt:Min><tt:Max>{most}</tt:Max></tt:{name}>"


def _options(operation: etree._Element, state: State, _now_us: int) -> str:
    token = _token(state, text(operation, "trt:ConfigurationToken"))
    h264 = (
        f"{_sizes(token)}{_range('GovLengthRange', *GOP)}{_range('FrameRateRange', *RATES)}"
        f"{_range('EncodingIntervalRange', 1, 1)}<tt:H264ProfilesSupported>Main</tt:H264ProfilesSupported>"
    )
    return (
        f"<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options>{_range('QualityRange', 0, 10)}"
        f"<tt:H264>{h264}</tt:H264><tt:Extension><tt:H264>{h264}{_range('BitrateRange', *KBPS)}</tt:H264>"
        "</tt:Extension></trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>"
    )


def _options2(operation: etree._Element, state: State, _now_us: int) -> str:
    token = _token(state, text(operation, "tr2:ConfigurationToken"))
    rates = " ".join(str(rate) for rate in range(RATES[0], RATES[1] + 1))
    rows = "".join(
        f'<tr2:Options GovLengthRange="{GOP[0]} {GOP[1]}" FrameRatesSupported="{rates}" ProfilesSupported="Main">'
        f"<tt:Encoding>{encoding}</tt:Encoding>{_range('QualityRange', 0, 10)}{_sizes(token)}"
        f"{_range('BitrateRange', *KBPS)}</tr2:Options>"
        for encoding in ("H264", "H265")
    )
    name = "tr2:GetVideoEncoderConfigurationOptionsResponse"
    return f"<{name}>{rows}</{name}>"


def _set(prefix: str) -> Operation:
    def change(operation: etree._Element, state: State, _now_us: int) -> str:
        told = find(operation, f"{prefix}:Configuration")
        if told is None:
            raise Refused("InvalidArgVal", "no configuration")
        token = _token(state, told.get("token") or "")
        gop = told.get("GovLength") if prefix == "tr2" else text(told, "tt:H264/tt:GovLength")
        size = tuple(int(number(text(told, f"tt:Resolution/tt:{side}"), 1, 9999)) for side in ("Width", "Height"))
        encoding = text(told, "tt:Encoding")
        if size not in _SIZES[token] or encoding not in ({"H264", "H265"} if prefix == "tr2" else {"H264"}):
            raise Refused("ConfigModify", f"{encoding} with {size} is not possible")
        state.change_encoder(
            token,
            encoding=encoding,
            width=size[0],
            height=size[1],
            kbps=int(number(text(told, "tt:RateControl/tt:BitrateLimit"), *KBPS)),
            frame_rate=int(number(text(told, "tt:RateControl/tt:FrameRateLimit"), *RATES)),
            gop=int(number(gop, *GOP)),
        )
        return f"<{prefix}:SetVideoEncoderConfigurationResponse/>"

    return change


def _token(state: State, token: str) -> str:
    if token not in state.encoders:
        raise Refused("NoConfig", "there is no such configuration")
    return token


MEDIA: dict[str, Operation] = {
    "GetVideoEncoderConfigurationOptions": _options,
    "SetVideoEncoderConfiguration": _set("trt"),
}
MEDIA2: dict[str, Operation] = {
    "GetVideoEncoderConfigurationOptions": _options2,
    "SetVideoEncoderConfiguration": _set("tr2"),
}

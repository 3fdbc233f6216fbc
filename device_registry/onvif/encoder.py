"""A stream's encoder, read and set: ONVIF Media (section 5.9) and Media2 (section 5.7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from device_registry.onvif.elements import Span, add, find, find_all, new, number, renamed, span, text
from device_registry.onvif.faults import AnswerRefused
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Problem, Value, Values

_IN_PROFILE: Final = {"trt": "tt:VideoEncoderConfiguration", "tr2": "tr2:Configurations/tr2:VideoEncoder"}
_NUMBERS: Final = {
    "frame_rate": "tt:RateControl/tt:FrameRateLimit",
    "bit_rate_kbps": "tt:RateControl/tt:BitrateLimit",
}
_GOP: Final = "tt:H264/tt:GovLength"


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """What a device does with one codec; None: it does not tell."""

    resolutions: tuple[str, ...]  # WIDTHxHEIGHT
    gop: Span | None
    frame_rate: Span | tuple[float, ...] | None  # a span, or each that it does
    bit_rate_kbps: Span | None


class Encoder:
    """Settings: `codec` (H264 or H265), `resolution` (as 1920x1080), `frame_rate`, `bit_rate_kbps` and `gop` (frames
    from one keyframe to the next)."""

    def __init__(self, connected: Connected, media: str, profile: str, name: str = "encoder") -> None:
        self.name = name
        self._connected = connected
        self._media = media
        self._profile = profile

    def read(self) -> dict[str, Value]:
        return settings_of(self._configuration())

    def problems(self, wanted: Values) -> list[Problem]:
        has = self._configuration()
        options = self._options(has.get("token") or "")
        codec = str(wanted.get("codec") or settings_of(has)["codec"])
        if codec not in options:
            return [Problem("codec", codec, tuple(options) or None)] if "codec" in wanted else []
        return [problem for name in wanted if (problem := _problem(name, wanted[name], options[codec]))]

    def write(self, values: Values) -> None:
        has = renamed(self._configuration(), f"{self._media}:Configuration")
        change(has, values)
        request = new(f"{self._media}:SetVideoEncoderConfiguration")
        request.append(has)
        if self._media == "trt":
            add(request, "trt:ForcePersistence", "true")
        self._connected.ask(request)

    def _configuration(self) -> etree._Element:
        request = new("tr2:GetProfiles", Type="VideoEncoder") if self._media == "tr2" else new("trt:GetProfiles")
        for row in find_all(self._connected.ask(request), f"{self._media}:Profiles"):
            found = find(row, _IN_PROFILE[self._media])
            if row.get("token") == self._profile and found is not None:
                return found
        raise AnswerRefused(
            "the profile has no encoder any more.",
            where=f"{self._connected.device.endpoint} {self._profile}",
            mend="Probe the device again.",
        )

    def _options(self, token: str) -> dict[str, EncoderOptions]:
        parts = {"ConfigurationToken": token, "ProfileToken": self._profile}
        answer = self._connected.ask(new(f"{self._media}:GetVideoEncoderConfigurationOptions", **parts))
        return options_of(answer)


def settings_of(configuration: etree._Element) -> dict[str, Value]:
    """Of a `VideoEncoderConfiguration` or `VideoEncoder2Configuration`; None for what the device does not tell."""
    width, height = (text(configuration, f"tt:Resolution/tt:{side}") for side in ("Width", "Height"))
    found: dict[str, Value] = {
        "codec": text(configuration, "tt:Encoding"),
        "resolution": f"{width}x{height}" if width and height else None,
        "gop": number(configuration.get("GovLength") or text(configuration, _GOP)),
    }
    return found | {name: number(text(configuration, path)) for name, path in _NUMBERS.items()}


def change(configuration: etree._Element, values: Values) -> None:
    """Write the values into what the device told; all else in it stays."""
    texts = {path: str(values[name]) for name, path in _NUMBERS.items() if name in values}
    if "codec" in values:
        texts["tt:Encoding"] = str(values["codec"])
        configuration.attrib.pop("Profile", None)  # of the codec that was
    if "resolution" in values:
        width, _, height = str(values["resolution"]).partition("x")
        texts |= {"tt:Resolution/tt:Width": width, "tt:Resolution/tt:Height": height}
    if "gop" in values:
        if configuration.get("GovLength") is not None:
            configuration.set("GovLength", str(values["gop"]))
        else:
            texts[_GOP] = str(values["gop"])
    for path, content in texts.items():
        element = find(configuration, path)
        if element is not None:
            element.text = content


def options_of(answer: etree._Element) -> dict[str, EncoderOptions]:
    """By codec, of either service's answer."""
    second = find_all(answer, "tr2:Options")
    if second:
        return {str(text(row, "tt:Encoding")): _options2(row) for row in second}
    found = find(answer, "trt:Options")
    row = find(found, "tt:H264")
    return {} if row is None else {"H264": _options1(row, find(found, "tt:Extension/tt:H264"))}


def _options1(row: etree._Element, extension: etree._Element | None) -> EncoderOptions:
    return EncoderOptions(
        resolutions=_resolutions(row),
        gop=span(row, "tt:GovLengthRange"),
        frame_rate=span(row, "tt:FrameRateRange"),
        bit_rate_kbps=span(extension, "tt:BitrateRange"),
    )


def _options2(row: etree._Element) -> EncoderOptions:
    gop = _list(row.get("GovLengthRange"))
    return EncoderOptions(
        resolutions=_resolutions(row),
        gop=Span(gop[0], gop[-1]) if gop else None,
        frame_rate=_list(row.get("FrameRatesSupported")) or None,
        bit_rate_kbps=span(row, "tt:BitrateRange"),
    )


def _resolutions(row: etree._Element) -> tuple[str, ...]:
    sizes = [(text(one, "tt:Width"), text(one, "tt:Height")) for one in find_all(row, "tt:ResolutionsAvailable")]
    return tuple(f"{width}x{height}" for width, height in sizes if width and height)


def _list(content: str | None) -> tuple[float, ...]:
    return tuple(sorted(value for part in (content or "").split() if (value := number(part)) is not None))


def _problem(name: str, value: Value, options: EncoderOptions) -> Problem | None:
    if name == "resolution":
        known = options.resolutions
        return None if not known or value in known else Problem(name, value, _nearest_size(str(value), known))
    offered: Mapping[str, Span | tuple[float, ...] | None] = {
        "gop": options.gop,
        "frame_rate": options.frame_rate,
        "bit_rate_kbps": options.bit_rate_kbps,
    }
    found = offered.get(name)
    if found is None or not isinstance(value, int | float):
        return None
    if isinstance(found, Span):
        nearest: float = min(max(value, found.least), found.most)
    else:
        nearest = min(found, key=lambda one: abs(one - value))
    return None if nearest == value else Problem(name, value, nearest)


def _nearest_size(wanted: str, known: tuple[str, ...]) -> str:
    def pixels(size: str) -> float:
        width, _, height = size.partition("x")
        return (number(width) or 0) * (number(height) or 0)

    return min(known, key=lambda size: abs(pixels(size) - pixels(wanted)))

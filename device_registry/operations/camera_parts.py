"""The parts of a device that belong to one of its cameras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from device_registry.onvif.channels import Channel, channel_of
from device_registry.onvif.encoder import Encoder
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.imaging import Picture
from device_registry.onvif.osd import MOST_LETTERS, OnScreenText
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Part, Value, Values
from device_registry.operations.running import Wanted, connected
from device_registry.operations.targets import Target


def wanted(
    stream: str, encoder: Values, picture: Values = MappingProxyType({}), words: Values = MappingProxyType({})
) -> Wanted:
    """What a run asks of each camera. In the words of on-screen text `{code}` and `{name}` are the camera's own."""

    def parts(connected: Connected, target: Target) -> Sequence[tuple[Part, Values]]:
        channel = channel_of(connected, target.main_url, target.sub_url)
        found: list[tuple[Part, Values]] = []
        if encoder:
            found.append((_encoder(connected, channel, stream), encoder))
        if picture:
            found.append((Picture(connected, _source(connected, channel)), picture))
        if words:
            osd = OnScreenText(connected, channel.media, _source(connected, channel))
            found.append((osd, {name: _filled(value, target) for name, value in words.items()}))
        return found

    return parts


def _filled(value: Value, target: Target) -> Value:
    """Only these two: what `str.format` does with a text from outside is more than that."""
    if not isinstance(value, str):
        return value
    return value.replace("{code}", target.code).replace("{name}", target.name)[:MOST_LETTERS]


def _source(connected: Connected, channel: Channel) -> str:
    if channel.main.source is None:
        raise DeviceFault("the device does not tell its video source.", where=str(connected.device.endpoint))
    return channel.main.source


def read(target: Target, allowed: Sequence[IpNetwork]) -> Iterator[tuple[str, dict[str, Value]]]:
    """By part, what a camera has; a part that its device does not know is left out.

    Raises `DeviceError`'s leaves.
    """
    device = connected(target, allowed)
    channel = channel_of(device, target.main_url, target.sub_url)
    for part in _parts(device, channel):
        try:
            yield part.name, part.read()
        except DeviceFault:
            continue


def _parts(connected: Connected, channel: Channel) -> list[Part]:
    streams = [stream for stream in ("main", "sub") if channel.stream(stream) is not None]
    found = [_encoder(connected, channel, stream) for stream in streams]
    if channel.main.source is not None:
        found.append(OnScreenText(connected, channel.media, channel.main.source))
        found.append(Picture(connected, channel.main.source))
    return found


def _encoder(connected: Connected, channel: Channel, stream: str) -> Part:
    profile = channel.stream(stream)
    if profile is None:
        raise DeviceFault(f"the camera has no {stream} stream.", where=str(connected.device.endpoint))
    return Encoder(connected, channel.media, profile.token, stream)

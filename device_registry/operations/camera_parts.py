"""The parts of a device that belong to one of its cameras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from device_registry.onvif.channels import Channel, channel_of
from device_registry.onvif.encoder import Encoder
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Part, Value, Values
from device_registry.operations.running import Wanted, connected
from device_registry.operations.targets import Target


def wanted(stream: str, encoder: Values) -> Wanted:
    """What a run asks of each camera."""

    def parts(connected: Connected, target: Target) -> Sequence[tuple[Part, Values]]:
        channel = channel_of(connected, target.main_url, target.sub_url)
        return [(_encoder(connected, channel, stream), encoder)]

    return parts


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
    return [_encoder(connected, channel, stream) for stream in streams]


def _encoder(connected: Connected, channel: Channel, stream: str) -> Part:
    profile = channel.stream(stream)
    if profile is None:
        raise DeviceFault(f"the camera has no {stream} stream.", where=str(connected.device.endpoint))
    return Encoder(connected, channel.media, profile.token, stream)

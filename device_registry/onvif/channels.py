"""Which profiles of a device are a camera's main and sub stream: an NVR has those of many cameras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from device_registry.onvif import media, media2
from device_registry.onvif.elements import NAMES
from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.profiles import Profile, choose
from device_registry.onvif.services import Connected

_MOST_ASKED: Final = 600  # profiles of an NVR of 256 channels, with some to spare
_SERVICES: Final = (("tr2", media2), ("trt", media))


@dataclass(frozen=True, slots=True)
class Channel:
    media: str  # prefix of the service that tells of it: tr2 or trt
    main: Profile
    sub: Profile | None
    profiles: tuple[Profile, ...]  # all of the same video source

    def stream(self, name: str) -> Profile | None:
        return self.main if name == "main" else self.sub

    @property
    def steerable(self) -> Profile | None:
        """A profile with a PTZ configuration, the main one before others."""
        return next((profile for profile in (self.main, *self.profiles) if profile.ptz), None)


def channel_of(connected: Connected, main_url: str | None, sub_url: str | None) -> Channel:
    """The channel that streams what is registered; of a device with one alone, that one.

    Raises `DeviceFault` where none does, and `DeviceError`'s leaves.
    """
    prefix, profiles = _profiles(connected)
    choices = choose(profiles)
    uris = dict(_uris(connected, prefix, profiles, {_place(url) for url in (main_url, sub_url) if url}))
    main = uris.get(_place(main_url)) if main_url else None
    if main is None and len(choices) != 1:
        raise DeviceFault(
            "none of the device's channels streams from the registered address.",
            where=str(connected.device.endpoint),
            mend="Probe the device and correct the camera's main_url.",
        )
    chosen = next(choice for choice in choices if main is None or choice.source == main.source)
    sub = uris.get(_place(sub_url)) if sub_url else None
    same = tuple(profile for profile in profiles if profile.source == chosen.source)
    return Channel(prefix, main or chosen.main, sub or chosen.sub, same)


def _profiles(connected: Connected) -> tuple[str, list[Profile]]:
    for prefix, service in _SERVICES:
        if connected.offers(prefix):
            found = service.profiles(connected.device, connected.services[NAMES[prefix]])
            if any(profile.encoding in {"H264", "H265"} for profile in found):
                return prefix, found
    raise DeviceFault(
        "the device has no profile with H.264 or H.265.",
        where=str(connected.device.endpoint),
        mend="Create one at the device.",
    )


def _uris(
    connected: Connected, prefix: str, profiles: Sequence[Profile], wanted: set[str]
) -> Iterator[tuple[str, Profile]]:
    """By their place on the device, until all that are wanted are found."""
    service = dict(_SERVICES)[prefix]
    left = set(wanted)
    for profile in [one for one in profiles if one.encoding in {"H264", "H265"}][:_MOST_ASKED]:
        if not left:
            return
        place = _place(service.stream_uri(connected.device, connected.services[NAMES[prefix]], profile.token))
        if place in left:
            left.remove(place)
            yield place, profile


def _place(url: str) -> str:
    """Path and query: the host that a device tells is not always the one that it is reached at."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path}?{parts.query}"

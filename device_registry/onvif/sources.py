"""By which tokens the video sources behind a device's streams go in its events."""

from __future__ import annotations

import time
from typing import Protocol
from urllib.parse import urlsplit

from lxml import etree

from device_registry.onvif import media, media2
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.events import SCHEMA
from device_registry.onvif.profiles import Profile
from foundation.errors import DeviceError

MEDIA = "http://www.onvif.org/ver10/media/wsdl"
ASKING_S = 60.0  # for all streams of an NVR
_MOST_PROFILES = 512


class _MediaService(Protocol):
    def profiles(self, device: Device, at: Endpoint) -> list[Profile]: ...

    def stream_uri(self, device: Device, at: Endpoint, token: str) -> str: ...


_MEDIA_SERVICES: tuple[tuple[str, _MediaService], ...] = ((media2.NAMESPACE, media2), (MEDIA, media))


def stream_place(url: str) -> str:
    """What of a stream's address says which of a device's streams it is: path and query."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def stream_tokens(device: Device) -> dict[str, frozenset[str]]:
    """For each stream's place, the tokens of its video source and of that source's configurations.

    Blocks for a minute at most; what the device does not answer is left out.
    """
    try:
        rows = device.call(Service.DEVICE, "GetServices", IncludeCapability=False) or []
        services = {row.Namespace: row.XAddr for row in rows if row.Namespace}
    except DeviceError:
        services = {MEDIA: None}
    for namespace, service in _MEDIA_SERVICES:
        if namespace in services:
            at = device.endpoint.forced(services[namespace])
            found = _tokens(device, at, namespace, service)
            if found:
                return found
    return {}


def _tokens(device: Device, at: Endpoint, namespace: str, service: _MediaService) -> dict[str, frozenset[str]]:
    deadline_s = time.monotonic() + ASKING_S
    try:
        profiles = [profile for profile in service.profiles(device, at) if profile.source][:_MOST_PROFILES]
    except DeviceError:
        return {}
    configurations = _configurations(device, at, namespace)
    found: dict[str, frozenset[str]] = {}
    for profile in profiles:
        if time.monotonic() > deadline_s:
            break
        place = _place(device, at, service, profile)
        if place:
            of_source = {token for token, source in configurations if source == profile.source}
            found[place] = frozenset({profile.source or "", *of_source})
    return found


def _place(device: Device, at: Endpoint, service: _MediaService, profile: Profile) -> str:
    try:
        return stream_place(service.stream_uri(device, at, profile.token))
    except DeviceError:
        return ""


def _configurations(device: Device, at: Endpoint, namespace: str) -> list[tuple[str, str]]:
    """Token and source of each `VideoSourceConfiguration`."""
    try:
        answer = device.send(etree.Element(f"{{{namespace}}}GetVideoSourceConfigurations"), at)
    except DeviceError:
        return []
    rows = answer.iterfind(f"{{{namespace}}}Configurations")
    return [(row.get("token") or "", (row.findtext(f"{{{SCHEMA}}}SourceToken") or "").strip()) for row in rows]

"""Ask one device everything that is needed to register it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from device_registry import stream_url
from device_registry.login import Login
from device_registry.onvif import media, media2
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint, IpNetwork, resolve
from device_registry.onvif.envelope import printable
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import AnswerRefused, DeviceAuthFailed, DeviceFault, DeviceSilent
from device_registry.onvif.profiles import Profile, choose
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import InvalidInput

PROBE_S = 60.0  # for the whole of it: an NVR of 64 channels answers some 200 questions
MAX_CHANNELS = 256
SKEW_US = 5 * US_PER_S  # beyond it many devices refuse a token, and what the camera writes into its picture misleads

_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"

_T = TypeVar("_T")


class _MediaService(Protocol):
    """What the modules `media` and `media2` have in common."""

    def profiles(self, device: Device, at: Endpoint) -> list[Profile]: ...

    def stream_uri(self, device: Device, at: Endpoint, token: str) -> str: ...

    def snapshot_uri(self, device: Device, at: Endpoint, token: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What a technician should know beside what was asked for."""

    kind: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    profile: Profile
    url: str  # on the host that was named, without credentials


@dataclass(frozen=True, slots=True)
class Channel:
    """A video source: a camera has one, an NVR one for each of its cameras."""

    source: str | None
    main: Stream | None
    sub: Stream | None
    snapshot_url: str | None


@dataclass(frozen=True, slots=True)
class Information:
    maker: str
    model: str
    firmware: str
    serial: str
    hardware: str


@dataclass(frozen=True, slots=True)
class Probe:
    host: str
    url: str  # of its device service, as the registry keeps it
    information: Information
    mac: str | None
    clock_offset_us: int | None  # the device's clock minus this machine's
    ntp: tuple[str, ...]
    services: tuple[str, ...]  # their namespaces
    profiles: tuple[Profile, ...]
    channels: tuple[Channel, ...]
    tls_sha256: str | None
    findings: tuple[Finding, ...]


def probe(
    host: str,
    login: Login | None = None,
    *,
    allowed: Sequence[IpNetwork] = (),
    tls_sha256: str | None = None,
    exchange: Exchange = post,
    clock: Clock = SYSTEM_CLOCK,
) -> Probe:
    """Ask the device at `host` (HOST, HOST:PORT or a URL) what it is and what it streams.

    Blocks for at most a minute and some seconds; run it in a thread beside others. `tls_sha256`: the certificate that
    it must show over https, hex. What a device refuses of the lesser things is a finding; raises `InvalidInput` for a
    host that may not be dialled, and `DeviceError`'s leaves where there is no device, no ONVIF, or no way in.
    """
    endpoint = resolve(host, allowed, tls_sha256)
    asked = _Asking(Device(endpoint, login, exchange, clock), time.monotonic() + PROBE_S)
    return asked.everything()


_MEDIA_SERVICES: tuple[tuple[str, _MediaService], ...] = ((media2.NAMESPACE, media2), (_MEDIA, media))


class _Asking:
    def __init__(self, device: Device, deadline_s: float) -> None:
        self._device = device
        self._deadline_s = deadline_s
        self._findings: list[Finding] = []

    def everything(self) -> Probe:
        device = self._device
        device.learn_time()
        self._tell_skew()
        services = self._services()
        information = self._information()
        profiles, channels = self._media(services)
        return Probe(
            host=str(device.endpoint),
            url=device.endpoint.url,
            information=information,
            mac=self._lesser("network interfaces", lambda: _mac(device.call(Service.DEVICE, "GetNetworkInterfaces"))),
            clock_offset_us=device.clock_offset_us,
            ntp=self._lesser("time servers", lambda: _ntp(device.call(Service.DEVICE, "GetNTP"))) or (),
            services=tuple(sorted(services)),
            profiles=tuple(profiles),
            channels=tuple(channels),
            tls_sha256=device.tls_sha256,
            findings=tuple(self._findings),
        )

    def _tell_skew(self) -> None:
        offset_us = self._device.clock_offset_us
        if offset_us is None:
            self._find("clock_unknown", "the device does not tell its time.", "Set its clock.")
        elif abs(offset_us) > SKEW_US:
            ahead = "ahead of" if offset_us > 0 else "behind"
            what = f"its clock is {abs(offset_us) / US_PER_S:,.0f} s {ahead} this machine's."
            self._find("clock_skew", what, "Name this center's time server at the device (NTP).")

    def _information(self) -> Information:
        told = self._device.call(Service.DEVICE, "GetDeviceInformation")
        names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
        return Information(*(printable(getattr(told, name, None) or "") for name in names))

    def _services(self) -> dict[str, str | None]:
        """Namespace and address of each service; older devices know only their capabilities."""
        try:
            rows = self._device.call(Service.DEVICE, "GetServices", IncludeCapability=False) or []
            found = {printable(row.Namespace): row.XAddr for row in rows if row.Namespace}
        except (DeviceFault, AnswerRefused):
            found = {}
        return found or self._capabilities()

    def _capabilities(self) -> dict[str, str | None]:
        told = self._device.call(Service.DEVICE, "GetCapabilities", Category="All")
        part = getattr(told, "Media", None)
        return {_DEVICE: None} | ({_MEDIA: part.XAddr} if part is not None else {})

    def _media(self, services: dict[str, str | None]) -> tuple[list[Profile], list[Channel]]:
        """By the newer service where the device has it, else or if that fails by the older one."""
        for namespace, service in _MEDIA_SERVICES:
            if namespace in services:
                at = self._forced(services[namespace])
                profiles = self._profiles(service, at)
                if profiles:
                    return profiles, self._channels(service, at, profiles)
        self._find("no_media", "the device offers no profile of pictures.", "Create one at the device, with H.264.")
        return [], []

    def _profiles(self, service: _MediaService, at: Endpoint) -> list[Profile]:
        return self._lesser("media profiles", lambda: service.profiles(self._device, at)) or []

    def _forced(self, told: str | None) -> Endpoint:
        at = self._device.endpoint.forced(told)
        if told and not told.strip().lower().startswith(f"{at.scheme}://{at.authority}".lower()):
            self._find("address_corrected", "the device tells another address than that it was reached at.")
        return at

    def _channels(self, service: _MediaService, at: Endpoint, profiles: list[Profile]) -> list[Channel]:
        choices = choose(profiles)
        if not choices:
            kinds = ", ".join(sorted({printable(one.encoding or "none") for one in profiles}))
            self._find(
                "no_recordable", f"no profile has H.264 or H.265, but {kinds}.", "Set the encoder at the device."
            )
        if len(choices) > MAX_CHANNELS:
            self._find("too_many_channels", f"only the first {MAX_CHANNELS} of {len(choices)} channels were asked.")
        channels = []
        for choice in choices[:MAX_CHANNELS]:
            if time.monotonic() > self._deadline_s:
                self._find("too_slow", f"the device needs more than {PROBE_S:g} s; not all channels were asked.")
                break
            main = self._stream(service, at, choice.main)
            sub = self._stream(service, at, choice.sub) if choice.sub else None
            channels.append(Channel(choice.source, main, sub, self._snapshot(service, at, choice.main)))
        return channels

    def _stream(self, service: _MediaService, at: Endpoint, profile: Profile) -> Stream | None:
        told = self._lesser("stream address", lambda: service.stream_uri(self._device, at, profile.token))
        if told is None:
            return None
        url = self._device.endpoint.url_on_host(told, stream_url.SCHEMES)
        if url is None:
            self._find("no_stream_address", f"what it tells for {printable(profile.token)} is no RTSP address.")
            return None
        try:
            return Stream(profile, stream_url.parse(url, printable(profile.token)).url)
        except InvalidInput as error:
            self._find("stream_address_refused", f"{printable(profile.token)}: {error.what}", error.mend or "")
            return None

    def _snapshot(self, service: _MediaService, at: Endpoint, profile: Profile) -> str | None:
        told = self._lesser("snapshot address", lambda: service.snapshot_uri(self._device, at, profile.token))
        return self._device.endpoint.url_on_host(told, ("http", "https")) if told else None

    def _lesser(self, what: str, ask: Callable[[], _T]) -> _T | None:
        """What can do without: that it is refused or does not come is a finding, told once."""
        try:
            return ask()
        except (DeviceFault, DeviceAuthFailed, DeviceSilent, AnswerRefused) as error:
            self._find("refused", f"{what}: {error.what}", error.mend or "")
            return None

    def _find(self, kind: str, what: str, mend: str = "") -> None:
        finding = Finding(kind, what, mend)
        if finding not in self._findings:
            self._findings.append(finding)


def _mac(interfaces: Any) -> str | None:
    rows = [row for row in interfaces or [] if row.Info is not None and row.Info.HwAddress]
    rows.sort(key=lambda row: not row.Enabled)
    digits = "".join(c for c in rows[0].Info.HwAddress if c in "0123456789abcdefABCDEF").upper() if rows else ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if len(digits) == 12 else None


def _ntp(told: Any) -> tuple[str, ...]:
    rows = [*(getattr(told, "NTPManual", None) or []), *(getattr(told, "NTPFromDHCP", None) or [])]
    hosts = (row.DNSname or row.IPv4Address or row.IPv6Address for row in rows)
    return tuple(dict.fromkeys(printable(host) for host in hosts if host))

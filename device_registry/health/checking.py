"""Ask one device how it is: its time without a password, then one small question with it.

Nobody is dialled but the host that is registered; see `onvif.endpoint`.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from device_registry.health.verdict import Answer, Finding
from device_registry.login import Login
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint, IpNetwork, resolve
from device_registry.onvif.envelope import printable
from device_registry.onvif.exchange import OPEN_S, Exchange, post
from device_registry.onvif.faults import DeviceAuthFailed, DeviceUnreachable
from device_registry.onvif.probe import SKEW_US
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import InvalidInput, VedetteError

_RTSP_PORTS: Final = {"rtsp": 554, "rtsps": 322}
_UNITS: Final = ((86400, "days"), (3600, "hours"), (60, "minutes"))


@dataclass(frozen=True, slots=True)
class Registered:
    """A device as the registry knows it; its channels share it."""

    onvif_url: str | None
    stream_url: str  # main stream of one of its channels
    serial: str | None = None
    firmware: str | None = None
    tls_sha256: str | None = None  # the certificate that its ONVIF must show over https

    @property
    def host(self) -> str:
        """Host and port, as they are dialled and shown."""
        return urlsplit(self.onvif_url or self.stream_url).netloc

    @property
    def hostname(self) -> str:
        return urlsplit(self.onvif_url or self.stream_url).hostname or ""


@dataclass(frozen=True, slots=True)
class Checked:
    finding: Finding
    address: str | None = None  # that was dialled, numeric
    firmware: str | None = None
    tls_sha256: str | None = None


def check(
    device: Registered,
    login: Login | None,
    *,
    allowed: Sequence[IpNetwork] = (),
    skew_us: int = SKEW_US,
    exchange: Exchange = post,
    clock: Clock = SYSTEM_CLOCK,
) -> Checked:
    """Blocks for some 20 seconds at most. Without a login only what a device tells anybody is asked; a device without
    an ONVIF address is only connected to, at the port of its stream. `skew_us`: by how much its clock may be off."""
    try:
        endpoint = resolve(device.onvif_url or _stream_authority(device.stream_url), allowed, device.tls_sha256)
    except InvalidInput as error:
        return Checked(_found(Answer.NOT_ASKED, error))
    except DeviceUnreachable as error:
        return Checked(_found(Answer.UNREACHABLE, error))
    if device.onvif_url is None:
        return Checked(_connected(endpoint), endpoint.address)
    return _asked(Device(endpoint, login, exchange, clock), device, skew_us)


def _asked(session: Device, device: Registered, skew_us: int) -> Checked:
    firmware = None
    try:
        session.learn_time()
        finding = _clock(session.clock_offset_us, skew_us)
        if session.login is not None:
            told = session.call(Service.DEVICE, "GetDeviceInformation")
            firmware = printable(getattr(told, "FirmwareVersion", None) or "") or None
            finding = _replaced(device.serial, printable(getattr(told, "SerialNumber", None) or "")) or finding
    except DeviceUnreachable as error:
        # A kind of it, such as an encryption that is not used any more, is told by something that does answer.
        finding = _found(Answer.UNREACHABLE if type(error) is DeviceUnreachable else Answer.ODD, error)
    except DeviceAuthFailed as error:
        finding = _found(Answer.AUTH_REFUSED, error)
    except VedetteError as error:
        finding = _found(Answer.ODD, error)
    return Checked(finding, session.endpoint.address, firmware, session.tls_sha256)


def _found(answer: Answer, error: VedetteError) -> Finding:
    return Finding(answer, error.what[:1].upper() + error.what[1:], error.mend)


def _clock(offset_us: int | None, skew_us: int) -> Finding:
    if offset_us is None or abs(offset_us) <= skew_us:
        return Finding(Answer.OK)
    ahead = "ahead of" if offset_us > 0 else "behind"
    cause = f"Its clock is about {_rounded(abs(offset_us) // US_PER_S)} {ahead} this machine's."
    return Finding(Answer.CLOCK_SKEW, cause, "Name this center's time server at the device (NTP).")


def _rounded(seconds: int) -> str:
    """In coarse steps, so that a clock that drifts is not news with every check."""
    for size, unit in _UNITS:
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(5, round(seconds / 5) * 5)} seconds"


def _replaced(registered: str | None, told: str) -> Finding | None:
    if not registered or not told or registered.strip().casefold() == told.strip().casefold():
        return None
    cause = f"Another device answers: its serial number is {told}, registered is {registered}."
    return Finding(Answer.REPLACED, cause, "Find out who changed it; then register the replacement.")


def _stream_authority(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or _RTSP_PORTS.get(parts.scheme, 554)}"


def _connected(endpoint: Endpoint) -> Finding:
    try:
        socket.create_connection((endpoint.address, endpoint.port), OPEN_S).close()
    except OSError as error:
        reason = "nothing came back within 5 s" if isinstance(error, TimeoutError) else str(error.strerror).lower()
        return Finding(Answer.UNREACHABLE, f"No connection: {reason}.", "Check power, cable, address and port.")
    return Finding(Answer.OK)

"""A device's clock, time zone and time servers, read and set (ONVIF Core, sections 8.3.6 to 8.3.8)."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from device_registry.onvif.definitions import Service
from device_registry.onvif.envelope import printable
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Problem, Value, Values
from foundation.errors import InvalidInput

_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*")
_NAME: Final = r"([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)"
_OFFSET: Final = r"[+-]?\d{1,3}(:\d{2}){0,2}"
_RULE: Final = rf",(M\d{{1,2}}\.\d\.\d|J?\d{{1,3}})(/{_OFFSET})?"
_POSIX: Final = re.compile(rf"{_NAME}{_OFFSET}({_NAME}({_OFFSET})?({_RULE}{_RULE})?)?")


class DeviceClock:
    """Settings: `ntp` (hosts, in their order), `ntp_from_dhcp`, `set_by` (NTP or Manual) and `zone` (POSIX TZ)."""

    name = "clock"

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def read(self) -> dict[str, Value]:
        device = self._connected.device
        clock = device.call(Service.DEVICE, "GetSystemDateAndTime")
        servers = device.call(Service.DEVICE, "GetNTP")
        zone = clock.TimeZone.TZ if clock is not None and clock.TimeZone is not None else None
        return {
            "ntp": _hosts(getattr(servers, "NTPManual", None)),
            "ntp_from_dhcp": bool(getattr(servers, "FromDHCP", False)),
            "set_by": printable(getattr(clock, "DateTimeType", None) or ""),
            "zone": printable(zone) if zone else None,
        }

    def problems(self, wanted: Values) -> list[Problem]:
        """None: a device tells nothing of what it would take."""
        return []

    def write(self, values: Values) -> None:
        """Time servers first: a device that is told to follow NTP looks for them at once."""
        device = self._connected.device
        now = self.read() | dict(values)
        if {"ntp", "ntp_from_dhcp"} & set(values):
            hosts = now["ntp"] if isinstance(now["ntp"], tuple) and not now["ntp_from_dhcp"] else ()
            manual = [_host(host) for host in hosts]
            device.call(Service.DEVICE, "SetNTP", FromDHCP=now["ntp_from_dhcp"], NTPManual=manual)
        if {"set_by", "zone"} & set(values):
            self._set_clock(str(now["set_by"]), str(now["zone"]) if now["zone"] else None)
        device.learn_time()  # it may have jumped, and the next request is signed with it

    def _set_clock(self, set_by: str, zone: str | None) -> None:
        summer = zone is not None and has_summer_time(zone)
        given: dict[str, Any] = {"DateTimeType": set_by, "DaylightSavings": summer}
        if zone is not None:
            given["TimeZone"] = {"TZ": zone}
        if set_by == "Manual":  # such a request sets the time, too: to what it is
            given["UTCDateTime"] = _utc(self._connected)
        self._connected.device.call(Service.DEVICE, "SetSystemDateAndTime", **given)


def _utc(connected: Connected) -> object:
    told = connected.device.call(Service.DEVICE, "GetSystemDateAndTime").UTCDateTime
    return {
        "Time": {"Hour": told.Time.Hour, "Minute": told.Time.Minute, "Second": told.Time.Second},
        "Date": {"Year": told.Date.Year, "Month": told.Date.Month, "Day": told.Date.Day},
    }


def _hosts(rows: Sequence[object] | None) -> tuple[str, ...]:
    names = ("DNSname", "IPv4Address", "IPv6Address")
    told = (next((getattr(row, name) for name in names if getattr(row, name, None)), None) for row in rows or ())
    return tuple(dict.fromkeys(printable(host) for host in told if host))


def _host(host: str) -> dict[str, str]:
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return {"Type": "DNS", "DNSname": host}
    return {"Type": f"IPv{version}", f"IPv{version}Address": host}


def time_servers(hosts: Sequence[str]) -> tuple[str, ...]:
    """Names and addresses, checked. Raises `InvalidInput`."""
    found = tuple(host.strip() for host in hosts)
    for host in found:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if not _HOST.fullmatch(host):
                raise InvalidInput(
                    "this is no host.", where=f"time server {host[:100]!r}", mend="Name or IP."
                ) from None
    return found


def posix_zone(text: str) -> str:
    """A zone as devices take it (POSIX.1-2017, section 8.3, TZ), from one such or a name like Asia/Shanghai.

    Raises `InvalidInput`. POSIX counts west of Greenwich: UTC+8 is `CST-8`.
    """
    if _POSIX.fullmatch(text):
        return text
    found = _rule_of(text)
    if found is None or not _POSIX.fullmatch(found):
        mend = "Write Asia/Shanghai, or CST-8 for UTC+8: POSIX counts west of Greenwich."
        raise InvalidInput("this is no time zone.", where=f"zone {text[:100]!r}", mend=mend)
    return found


def _rule_of(name: str) -> str | None:
    """The last line of the zone's file (RFC 9636, section 3.3)."""
    if name not in zoneinfo.available_timezones():
        return None
    for folder in zoneinfo.TZPATH:
        file = Path(folder, name)
        if file.is_file():
            return file.read_bytes().rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
    return None


def has_summer_time(zone: str) -> bool:
    found = _POSIX.fullmatch(zone)
    return found is not None and found[3] is not None

"""What the device lets somebody change, and what of it it tells: the operations that `answers` does not know."""

from __future__ import annotations

from copy import deepcopy
from typing import Protocol

from lxml import etree

from foundation.clock import US_PER_S
from simulator.onvif_device import encoder_answers, imaging_answers, osd_answers, ptz_answers
from simulator.onvif_device.answers import DEVICE, IMAGING, MEDIA, MEDIA2, PTZ
from simulator.onvif_device.faults import Faults
from simulator.onvif_device.parts import Operation, Refused, text
from simulator.onvif_device.state import State

__all__ = ["Refused", "operate"]
_HOSTS = {"DNS": "tt:DNSname", "IPv4": "tt:IPv4Address", "IPv6": "tt:IPv6Address"}


class Owner(Protocol):
    """What is needed of the device."""

    state: State
    faults: Faults

    def now_us(self) -> int: ...


def operate(namespace: str, name: str, operation: etree._Element, device: Owner) -> str | None:
    """The answer; None: this is none of these operations."""
    found = _OPERATIONS.get(namespace, {}).get(name)
    if found is None or namespace == (MEDIA if device.faults.media2_only else MEDIA2):
        return None
    before = deepcopy(device.state)
    answer = found(operation, device.state, device.now_us())
    if name == "SystemReboot":
        device.state.silent_until_us = device.now_us() + round(device.faults.reboot_s * US_PER_S)
    elif device.faults.forgetful:
        device.state = before
    return answer


def _set_ntp(operation: etree._Element, state: State, _now_us: int) -> str:
    state.ntp_from_dhcp = text(operation, "tds:FromDHCP") == "true"
    rows = operation.iterfind("tds:NTPManual", {"tds": DEVICE})
    state.ntp = [(kind, text(row, _HOSTS[kind])) for row in rows if (kind := text(row, "tt:Type")) in _HOSTS]
    return "<tds:SetNTPResponse/>"


def _set_time(operation: etree._Element, state: State, _now_us: int) -> str:
    state.set_by = text(operation, "tds:DateTimeType")
    state.summer = text(operation, "tds:DaylightSavings") == "true"
    state.zone = text(operation, "tds:TimeZone/tt:TZ") or state.zone
    return "<tds:SetSystemDateAndTimeResponse/>"


def _reboot(_operation: etree._Element, state: State, _now_us: int) -> str:
    return "<tds:SystemRebootResponse><tds:Message>Rebooting</tds:Message></tds:SystemRebootResponse>"


_OPERATIONS: dict[str, dict[str, Operation]] = {
    DEVICE: {"SetNTP": _set_ntp, "SetSystemDateAndTime": _set_time, "SystemReboot": _reboot},
    MEDIA: encoder_answers.MEDIA | osd_answers.MEDIA,
    MEDIA2: encoder_answers.MEDIA2 | osd_answers.MEDIA2,
    PTZ: ptz_answers.OPERATIONS,
    IMAGING: imaging_answers.OPERATIONS,
}

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.onvif.clock import DeviceClock, has_summer_time, posix_zone, time_servers
from device_registry.onvif.device import Device
from device_registry.onvif.elements import NAMES
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.services import Connected
from foundation.clock import ManualClock
from foundation.errors import InvalidInput

CAMERA = Endpoint("http", "10.0.0.7", 80, "/onvif/device_service", "10.0.0.7")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Shanghai", "CST-8"),
        ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("Asia/Urumqi", "<+06>-6"),
        ("CST-8", "CST-8"),
        ("<+0530>-5:30", "<+0530>-5:30"),
        ("MoroccoStandardTime0", "MoroccoStandardTime0"),
    ],
)
def test_zones_are_written_as_devices_take_them(text: str, zone: str) -> None:
    assert posix_zone(text) == zone


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "UTC+8:00:00:00", "CST", "../../etc/passwd", "-8", "CST-8\n"])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        posix_zone(text)


def test_summer_time_is_seen_in_the_zone() -> None:
    assert has_summer_time("CET-1CEST,M3.5.0,M10.5.0/3")
    assert not has_summer_time("CST-8")


@pytest.mark.parametrize("host", ["", "a b", "http://x", "-x", "x" * 254, "ntp.example;reboot"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput, match="no host"):
        time_servers([host])


def test_hosts_may_be_names_and_addresses() -> None:
    assert time_servers([" ntp.example ", "192.0.2.1", "2001:db8::1"]) == ("ntp.example", "192.0.2.1", "2001:db8::1")


def answering(bodies: Mapping[str, bytes]) -> Connected:
    def exchange(endpoint: Endpoint, request: bytes, headers: Mapping[str, str]) -> Answer:
        body = next(body for name, body in bodies.items() if name.encode() in request)
        return Answer(200, "", (), None, None, body, None)

    return Connected(Device(CAMERA, None, exchange, ManualClock()), {NAMES["tds"]: CAMERA})


def test_real_answers_are_read(shared_data: Path) -> None:
    folder = shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup"
    names = {"GetSystemDateAndTime": "GetSystemDateAndTime.xml", "GetNTP": "device.GetNTP.xml"}
    connected = answering({name: (folder / file).read_bytes() for name, file in names.items()})
    assert DeviceClock(connected).read() == {
        "ntp": ("192.168.1.168",),
        "ntp_from_dhcp": False,
        "set_by": "Manual",
        "zone": "MoroccoStandardTime0",
    }


@given(st.text(max_size=60))
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert posix_zone(text).isascii()

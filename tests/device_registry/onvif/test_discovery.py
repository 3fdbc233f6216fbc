from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.onvif import discovery
from device_registry.onvif.discovery import Discovered, discover, matches, sweep
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import AnswerRefused, DeviceUnreachable
from foundation.errors import InvalidInput

ID = "urn:uuid:1"
SENDER = "10.0.0.7"


def answer(addresses: str, scopes: str = "", relates_to: str = ID, rows: int = 1) -> bytes:
    row = f"<d:ProbeMatch><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch>"
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
        f"<s:Header><a:RelatesTo> {relates_to} </a:RelatesTo></s:Header>"
        f"<s:Body><d:ProbeMatches>{row * rows}</d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


def test_the_answer_of_a_camera_is_read(shared_data: Path) -> None:
    text = (shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup" / "Probe.xml").read_text()
    text = text.replace("RELATES_TO", ID).replace("SERVICE_URI", "http://10.0.0.7:8000/onvif/device_service")
    (found,) = matches(text.encode(), SENDER, {ID})
    assert found == Discovered(SENDER, "http://10.0.0.7:8000/onvif/device_service", "PREDATOR", "HD_PREDATOR", "")


def test_what_a_device_says_of_itself_is_decoded() -> None:
    scopes = (
        "onvif://www.onvif.org/name/%E5%8D%97%E9%97%A8 onvif://www.onvif.org/hardware/DS-2CD "
        "onvif://www.onvif.org/location/city/%0A%1B[31m onvif://www.onvif.org/type/video"
    )
    (found,) = matches(answer("http://10.0.0.7/x", scopes), SENDER, {ID})
    assert (found.name, found.hardware, found.location) == ("南门", "DS-2CD", "city/ [31m")


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("http://[fe80::1]/x http://10.0.0.7/y", "http://10.0.0.7/y"),
        ("http://192.168.1.64:81/x", "http://10.0.0.7:81/x"),
        ("http://169.254.169.254/latest", "http://10.0.0.7/latest"),
        ("ftp://x/ https://10.0.0.9/z", "https://10.0.0.7/z"),
    ],
)
def test_the_host_is_always_the_one_that_answered(told: str, url: str) -> None:
    assert [one.url for one in matches(answer(told), SENDER, {ID})] == [url]


@pytest.mark.parametrize(
    "datagram",
    [b"", b"lollipop", answer("http://h/", relates_to="urn:uuid:2"), answer(""), b"<!DOCTYPE a>" + answer("http://h/")],
)
def test_what_is_no_answer_to_what_was_asked_is_none(datagram: bytes) -> None:
    assert matches(datagram, SENDER, {ID}) == []


def test_one_answer_tells_a_few_devices_at_most() -> None:
    assert len(matches(answer("http://h/", rows=500), SENDER, {ID})) == 16


@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: answer(text.replace("<", "").replace("&", ""))))
def test_any_datagram_is_read_or_none(datagram: bytes) -> None:
    for one in matches(datagram, SENDER, {ID}):
        assert one.url.partition("://")[2].startswith(SENDER)


def test_an_interface_that_there_is_not_is_told() -> None:
    with pytest.raises(InvalidInput, match="no such interface") as caught:
        discover(["lo", "nonesuch0"])
    assert caught.value.where == "interface nonesuch0"


def test_a_network_is_asked_address_by_address_at_its_rate() -> None:
    cameras = {"10.0.0.2": 401, "10.0.0.5": 200}
    asked: list[str] = []
    pauses: list[float] = []

    def exchange(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        asked.append(endpoint.address)
        assert b"Security" not in body
        if endpoint.address == "10.0.0.3":
            raise AnswerRefused("a web page")
        if endpoint.address not in cameras:
            raise DeviceUnreachable("no connection")
        fault = (
            b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault/></s:Body></s:Envelope>'
        )
        return Answer(cameras[endpoint.address], "", (), None, None, fault, None)

    found = sweep("10.0.0.0/29", port=8000, rate_per_s=20, exchange=exchange, sleep=pauses.append)
    assert [one.url for one in found] == [
        "http://10.0.0.2:8000/onvif/device_service",
        "http://10.0.0.5:8000/onvif/device_service",
    ]
    assert sorted(asked) == [str(address) for address in ipaddress.IPv4Network("10.0.0.0/29").hosts()]
    assert pauses == [0.05] * 6


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "10.0.0.0/8", "example", "2001:db8::/120", "0.0.0.0/0"])
def test_a_network_that_is_none_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        sweep(text)


def test_this_machine_is_not_swept() -> None:
    def nobody(*_: object) -> Answer:
        raise AssertionError("dialled")

    assert sweep("127.0.0.0/30", exchange=nobody, sleep=lambda _: None) == []


def test_what_is_asked_names_the_types_of_cameras() -> None:
    (_, first), (_, second) = (discovery._question(*types) for types in discovery._TYPES)
    assert b"dn:NetworkVideoTransmitter<" in first
    assert b"tds:Device<" in second

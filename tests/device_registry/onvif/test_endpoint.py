from __future__ import annotations

import ipaddress
import socket
import threading

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from device_registry.onvif.endpoint import Endpoint, resolve
from device_registry.onvif.faults import DeviceUnreachable
from foundation.errors import InvalidInput

CAMERA = Endpoint("http", "10.0.0.7", 8000, "/onvif/device_service", "10.0.0.7")
SECURE = Endpoint("https", "cam.lan", 443, "/onvif/device_service", "10.0.0.7")


@pytest.mark.parametrize(
    ("text", "authority", "path"),
    [
        ("10.0.0.7", "10.0.0.7", "/onvif/device_service"),
        ("10.0.0.7:8000", "10.0.0.7:8000", "/onvif/device_service"),
        (" http://10.0.0.7/ ", "10.0.0.7", "/onvif/device_service"),
        ("http://10.0.0.7/onvif/device?x=1", "10.0.0.7", "/onvif/device?x=1"),
        ("https://10.0.0.7", "10.0.0.7", "/onvif/device_service"),
        ("https://10.0.0.7:80", "10.0.0.7:80", "/onvif/device_service"),
        ("[2001:db8::7]:81", "[2001:db8::7]:81", "/onvif/device_service"),
    ],
)
def test_a_host_is_read_as_people_write_it(text: str, authority: str, path: str) -> None:
    found = resolve(text, [ipaddress.ip_network("2001:db8::/32")])
    assert (found.authority, found.path) == (authority, path)


@pytest.mark.parametrize(
    "text",
    [
        *("", "http://", "10.0.0.7:0", "10.0.0.7:65536", "10.0.0.7:x", "ftp://10.0.0.7", "10.0.0.7/a b", "[::1"),
        *("http://10.0.0.7/#a", "x" * 2000, "http://admin:hunter2@10.0.0.7", "10.0.0.7\r\nX: y", "http://摄像机/"),
    ],
)
def test_what_names_no_host_is_refused_and_no_password_is_shown(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve(text)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.169.254", "169.254.7.7", "100.100.100.200", "168.63.129.16"),
        *("224.0.0.1", "255.255.255.255", "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]", "[::]"),
    ],
)
def test_what_is_no_cameras_address_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(InvalidInput, match=r"devices\.allow"):
        resolve(host)
    networks = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
    assert ipaddress.ip_address(resolve(host, networks).address) == ipaddress.ip_address(host.strip("[]"))


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["10.0.0.7", "127.0.0.1"]], ids=["own", "one of two"])
def test_a_name_that_leads_to_this_machine_is_refused(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(InvalidInput, match="not of a camera"):
        resolve("cam.example")


def test_a_name_is_looked_up_once_and_for_a_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr("device_registry.onvif.endpoint.RESOLVE_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(30) and [])
    with pytest.raises(DeviceUnreachable, match="no address is known"):
        resolve("cam.example")
    never.set()


@pytest.mark.parametrize(
    ("told", "authority", "path"),
    [
        ("http://10.0.0.7:8000/onvif/media", "10.0.0.7:8000", "/onvif/media"),
        ("http://10.0.0.7:8080/onvif/media", "10.0.0.7:8080", "/onvif/media"),
        ("http://192.168.1.64/onvif/media?a=1", "10.0.0.7:8000", "/onvif/media?a=1"),
        ("http://169.254.169.254:9/latest/meta-data", "10.0.0.7:8000", "/latest/meta-data"),
        ("http://10.0.0.7@evil.example/x", "10.0.0.7:8000", "/x"),
        ("http://[::1/x", "10.0.0.7:8000", "/onvif/device_service"),
        ("gopher://10.0.0.7/x", "10.0.0.7:8000", "/onvif/device_service"),
        ("http://10.0.0.7/a b\r\nHost: x", "10.0.0.7:8000", "/onvif/device_service"),
        ("", "10.0.0.7:8000", "/onvif/device_service"),
        (None, "10.0.0.7:8000", "/onvif/device_service"),
        ("http://10.0.0.7:0/onvif/media", "10.0.0.7:8000", "/onvif/media"),
    ],
)
def test_of_an_address_that_a_device_tells_only_the_path_is_taken(told: str | None, authority: str, path: str) -> None:
    found = CAMERA.forced(told)
    assert (found.authority, found.path, found.address) == (authority, path, "10.0.0.7")


def test_an_encrypted_connection_is_not_given_up_for_what_a_device_tells() -> None:
    assert str(SECURE.forced("http://cam.lan/onvif/media")) == "https://cam.lan"
    assert str(SECURE.forced("https://cam.lan:8443/onvif/media")) == "https://cam.lan:8443"
    assert str(CAMERA.forced("https://10.0.0.7/onvif/media")) == "https://10.0.0.7"


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("rtsp://192.168.1.64:8554/ch1?x=1&y=2", "rtsp://10.0.0.7:8554/ch1?x=1&y=2"),
        ("rtsp://admin:hunter2@10.0.0.7/ch1", "rtsp://10.0.0.7/ch1"),
        ("http://10.0.0.7/ch1", None),
        ("rtsp://10.0.0.7:99999/ch1", None),
        ("", None),
    ],
)
def test_a_streams_address_lies_on_the_host_that_was_named(told: str, url: str | None) -> None:
    assert CAMERA.url_on_host(told, ("rtsp", "rtsps")) == url


@given(st.text(max_size=200) | st.from_regex(r"(https?|rtsp)://[!-~]{0,60}", fullmatch=True))
def test_no_address_that_a_device_tells_leads_anywhere_else(told: str) -> None:
    found = CAMERA.forced(told)
    assert (found.host, found.address) == ("10.0.0.7", "10.0.0.7")
    assert 0 < found.port < 65536
    assert found.path.isascii()
    assert found.path.isprintable()
    url = CAMERA.url_on_host(told, ("rtsp", "rtsps"))
    assert url is None or url.partition("://")[2].startswith("10.0.0.7")


@given(st.text(max_size=60), st.sampled_from(["10.0.0.7/", "10.0.0.7:", "https://10.0.0.7", "[2001:db8::7]"]))
def test_whatever_stands_behind_a_host_is_read_or_refused(text: str, host: str) -> None:
    assume("@" not in text and not text.strip()[:1].isalnum() and text.strip()[:1] not in {".", "-", "_"})
    try:
        found = resolve(host + text)
    except (InvalidInput, DeviceUnreachable):
        return
    assert found.address in {"10.0.0.7", "2001:db8::7"}

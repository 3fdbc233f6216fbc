from __future__ import annotations

import pytest

from device_registry.login import Login
from device_registry.onvif.faults import DeviceUnreachable
from device_registry.onvif.probe import Channel, Information, Probe, Stream
from device_registry.onvif.profiles import Profile
from device_registry.tables import probing
from device_registry.tables.probing import with_streams


def stream(name: str) -> Stream:
    return Stream(Profile(name, name, "s", "H264", 1920, 1080), f"rtsp://10.0.0.7/{name}")


NVR = Probe(
    host="10.0.0.7",
    url="http://10.0.0.7/onvif/device_service",
    information=Information("=Acme", "X1", "5.7", "SN-7", "H"),
    mac="00:1a:2b:3c:4d:5e",
    clock_offset_us=0,
    ntp=(),
    services=(),
    profiles=(),
    channels=(Channel("1", stream("m1"), stream("s1"), None), Channel("2", stream("m2"), None, None)),
    tls_sha256=None,
    findings=(),
)


def test_what_lacks_a_stream_is_asked_once_and_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def probe(host: str, login: Login | None, **_: object) -> Probe:
        asked.append((host, login))
        if host == "10.0.0.8":
            raise DeviceUnreachable("no connection.", where=host, mend="Check power, cable, address.")
        return NVR

    monkeypatch.setattr(probing, "probe", probe)
    device = {"onvif_url": "10.0.0.7", "username": "viewer", "password": "hunter2"}
    rows = [
        (2, {"code": "A", "channel": "1", "maker": "Mine"} | device),
        (3, {"code": "B", "channel": "2"} | device),
        (4, {"code": "C", "channel": "3"} | device),
        (5, {"code": "D", "onvif_url": "10.0.0.8"}),
        (6, {"code": "E", "onvif_url": "10.0.0.9", "main_url": "rtsp://10.0.0.9/m"}),
    ]
    found = dict(with_streams(rows))
    assert sorted(asked) == [("10.0.0.7", Login("viewer", "hunter2")), ("10.0.0.8", None)]
    first, second = found[2], found[3]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["main_url"], first["sub_url"], first["maker"], first["serial"]) == (
        "rtsp://10.0.0.7/m1", "rtsp://10.0.0.7/s1", "Mine", "SN-7",
    )  # fmt: skip
    assert (second["main_url"], "sub_url" in second, second["maker"]) == ("rtsp://10.0.0.7/m2", False, "Acme")
    problems = [row for number, row in found.items() if number in (4, 5)]
    assert [row[0].column for row in problems if isinstance(row, list)] == ["main_url", "onvif_url"]
    assert "hunter2" not in repr(problems)
    assert found[6] == rows[4][1]

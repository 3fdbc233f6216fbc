from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry import particulars
from device_registry.camera_fields import CameraFields, checked
from device_registry.onvif import survey
from device_registry.onvif.faults import DeviceUnreachable
from device_registry.onvif.probe import Channel, Information, Probe, Stream
from device_registry.onvif.profiles import Profile
from device_registry.onvif.survey import Surveyed
from foundation.errors import InvalidInput

MAIN = Stream(Profile("m", "m", "s", "H264", 1920, 1080), "rtsp://10.0.0.7/main")
SUB = Stream(Profile("u", "u", "s", "H264", 640, 360), "rtsp://10.0.0.7/sub")
PROBE = Probe(
    host="http://10.0.0.7:8000",
    url="http://10.0.0.7:8000/onvif/device_service",
    information=Information("Maker", "M-1", "1", "S", "H"),
    mac=None,
    clock_offset_us=0,
    ntp=(),
    services=(),
    profiles=(),
    channels=(Channel("s", MAIN, SUB, None),),
    tls_sha256=None,
    findings=(),
)


def rows(*probes: Probe, username: str | None = None) -> list[dict[str, str]]:
    text = survey.table([Surveyed(one.host, one, None) for one in probes], username)
    return list(csv.DictReader(io.StringIO(text)))


def test_a_list_of_hosts_has_comments_and_no_doubles() -> None:
    assert survey.hosts("# north\n10.0.0.7\n\n 10.0.0.8:8000 \r\n10.0.0.7\n") == ["10.0.0.7", "10.0.0.8:8000"]


@pytest.mark.parametrize("text", ["", "# none\n", "\n".join(f"h{n}" for n in range(10_001))])
def test_an_empty_or_endless_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="hosts"):
        survey.hosts(text)


def test_a_camera_is_a_row() -> None:
    assert rows(PROBE, username="viewer") == [
        {
            "code": "10.0.0.7:8000",
            "name": "M-1 10.0.0.7:8000",
            "maker": "Maker",
            "model": "M-1",
            "firmware": "1",
            "serial": "S",
            "mac": "",
            "main_url": "rtsp://10.0.0.7/main",
            "sub_url": "rtsp://10.0.0.7/sub",
            "onvif_url": "http://10.0.0.7:8000/onvif/device_service",
            "username": "viewer",
        }
    ]


def test_each_channel_with_a_stream_is_a_row() -> None:
    channels = (Channel("1", MAIN, None, None), Channel("2", None, None, None), Channel("3", MAIN, SUB, None))
    found = rows(replace(PROBE, channels=channels))
    assert [(row["code"], row["sub_url"]) for row in found] == [
        ("10.0.0.7:8000-1", ""),
        ("10.0.0.7:8000-3", "rtsp://10.0.0.7/sub"),
    ]


@given(st.text(max_size=150).map(lambda text: "".join(c for c in text if c.isprintable())))
def test_what_a_device_says_is_no_formula_and_passes_an_import(said: str) -> None:
    (row,) = rows(replace(PROBE, information=Information(said, said, said, said, "")))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    particulars.parsed("", {column: cell for column, cell in row.items() if cell})
    checked(CameraFields(**{name: cell or None for name, cell in row.items() if name not in particulars.FIELDS}))


def test_hosts_keep_their_order_and_a_dead_one_stops_no_other() -> None:
    def dead(*_: object) -> None:
        raise DeviceUnreachable("no connection.")

    found = survey.survey(["10.0.0.9", "127.0.0.1", "10.0.0.7"], None, exchange=dead)
    assert [(one.host, type(one.error)) for one in found] == [
        ("10.0.0.9", DeviceUnreachable),
        ("127.0.0.1", InvalidInput),
        ("10.0.0.7", DeviceUnreachable),
    ]
    assert survey.table(found, None).count("\n") == 1

"""Answers of real cameras, and of the canned device of an npm package: each is read, or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.login import Login
from device_registry.onvif import definitions, media, media2
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device, device_time_us
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import AnswerRefused
from foundation.clock import ManualClock
from foundation.errors import DeviceError

CAMERA = Endpoint("http", "10.0.0.7", 80, "/onvif/device_service", "10.0.0.7")
OPERATIONS = {
    Service.DEVICE: {
        "GetSystemDateAndTime": {},
        "GetDeviceInformation": {},
        "GetServices": {"IncludeCapability": False},
        "GetCapabilities": {"Category": "All"},
        "GetNetworkInterfaces": {},
        "GetNTP": {},
    },
    Service.MEDIA: {
        "GetProfiles": {},
        "GetStreamUri": {
            "StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
            "ProfileToken": "main",
        },
        "GetSnapshotUri": {"ProfileToken": "main"},
    },
}
# Files of these folders are named by what their device was asked, or by that and how it ended.
_NAMES = {name.lower(): (service, name) for service, names in OPERATIONS.items() for name in names}


def canned(body: bytes, status: int = 200) -> Device:
    def exchange(endpoint: Endpoint, request: bytes, headers: Mapping[str, str]) -> Answer:
        return Answer(status, "application/soap+xml", (), None, None, body, None)

    return Device(CAMERA, Login("u", "p"), exchange, ManualClock())


def asked(file: Path) -> tuple[Service, str] | None:
    stem = file.stem.removeprefix("invalid_").removesuffix("_response").replace("_", "").lower()
    return _NAMES.get(stem.rpartition(".")[2])


def soap_files(shared_data: Path) -> list[Path]:
    folder = shared_data / "onvif_rtsp"
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and "retina_rtsp" not in file.parts]


def test_every_answer_is_read_or_refused_with_a_reason(shared_data: Path) -> None:
    files = soap_files(shared_data)
    assert len(files) > 100
    read, refused = set(), []
    for file in files:
        service, name = asked(file) or (Service.DEVICE, "GetDeviceInformation")
        try:
            canned(file.read_bytes()).call(service, name, **OPERATIONS[service][name])
            read.add(file.name)
        except DeviceError as error:
            refused.append(error)
    assert all(error.what and error.where for error in refused)
    assert {
        "GetSystemDateAndTime.xml",
        "GetDeviceInformation.xml",
        "GetServices.xml",
        "GetCapabilities.xml",
        "GetProfiles.xml",
        "GetStreamUri.xml",
        "device.GetNTP.xml",
        "device.GetNetworkInterfaces.xml",
        "get_system_date_and_time.xml",
        "get_ntp_response.xml",
    } <= read


@pytest.fixture
def mockup(shared_data: Path) -> Path:
    return shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup"


def test_profiles_and_addresses_of_a_camera(mockup: Path) -> None:
    found = media.profiles(canned((mockup / "GetProfiles.xml").read_bytes()), CAMERA)
    first = found[0]
    assert (first.token, first.encoding, first.width, first.height, first.source) == (
        *("main", "H264", 1920, 1080),
        "vidsrc0",
    )
    assert (first.frame_rate, first.bit_rate_kbps, first.gop, first.ptz) == (5, 1000, 30, True)
    told = media.stream_uri(canned((mockup / "GetStreamUri.xml").read_bytes()), CAMERA, "main")
    assert told == "rtsp://192.168.68.111/h264main"


def test_an_answer_that_is_not_well_formed_is_refused(mockup: Path) -> None:
    with pytest.raises(AnswerRefused, match="well-formed"):
        canned((mockup / "Error.xml").read_bytes(), 500).call(Service.DEVICE, "GetDeviceInformation")


def told_time(inner: str) -> int | None:
    names = 'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
    body = (
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" {names}><s:Body>'
        f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>{inner}</tds:SystemDateAndTime>"
        "</tds:GetSystemDateAndTimeResponse></s:Body></s:Envelope>"
    )
    return device_time_us(canned(body.encode()).call(Service.DEVICE, "GetSystemDateAndTime"))


def utc(hour: str, year: str = "2026") -> str:
    time = f"<tt:Time><tt:Hour>{hour}</tt:Hour><tt:Minute>0</tt:Minute><tt:Second>0</tt:Second></tt:Time>"
    return (
        f"<tt:UTCDateTime>{time}<tt:Date><tt:Year>{year}</tt:Year><tt:Month>1</tt:Month><tt:Day>1</tt:Day></tt:Date>"
        "</tt:UTCDateTime>"
    )


@pytest.mark.parametrize(
    ("inner", "us"),
    [
        (utc("0", "1970"), 0),
        (utc("1", "1970"), 3_600_000_000),
        (utc("24"), None),
        (utc("0", "0"), None),
        (utc("0", "99999999999"), None),
        (utc(""), None),
        ("<tt:UTCDateTime/>", None),
        ("", None),
    ],
)
def test_a_time_is_read_or_is_none(inner: str, us: int | None) -> None:
    assert told_time(inner) == us


MEDIA2_PROFILES = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>
<tr2:GetProfilesResponse><tr2:Profiles token="p1"><tr2:Name>big</tr2:Name><tr2:Configurations>
<tr2:VideoSource><tt:SourceToken> v0 </tt:SourceToken></tr2:VideoSource>
<tr2:VideoEncoder GovLength="x"><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width>
<tt:Height>nan</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>12.5</tt:FrameRateLimit>
<tt:BitrateLimit>-1</tt:BitrateLimit></tt:RateControl></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>
<tr2:Profiles token="bare"/><tr2:Profiles/></tr2:GetProfilesResponse></s:Body></s:Envelope>"""


def test_profiles_of_the_newer_service_are_read_and_nonsense_in_them_is_none() -> None:
    big, bare = media2.profiles(canned(MEDIA2_PROFILES.encode()), CAMERA)
    assert (big.encoding, big.source, big.width, big.height) == ("H265", "v0", 2560, 0)
    assert (big.frame_rate, big.bit_rate_kbps, big.gop) == (12.5, None, None)
    assert (bare.token, bare.encoding, bare.pixels) == ("bare", None, 0)


def test_the_definitions_are_read_once_and_from_no_network() -> None:
    assert definitions.operation(Service.MEDIA, "GetProfiles") is definitions.operation(Service.MEDIA, "GetProfiles")
    assert len(definitions._documents) <= len(Service)


@st.composite
def mangled(draw: st.DrawFn) -> tuple[str, str, int, str]:
    service = draw(st.sampled_from(list(OPERATIONS)))
    name = draw(st.sampled_from(sorted(OPERATIONS[service])))
    return service.name, name, draw(st.integers(0, 10_000)), draw(st.sampled_from(["drop", "blank", "text", "twice"]))


@given(mangled())
def test_an_answer_that_lacks_or_twists_anything_is_read_or_refused(shared_data: Path, case: Any) -> None:
    service, name, place, change = Service[case[0]], case[1], case[2], case[3]
    folder = shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup"
    file = next(f for f in sorted(folder.iterdir()) if asked(f) == (service, name))
    try:
        root = etree.fromstring(file.read_bytes())
    except etree.XMLSyntaxError:
        return
    elements = [element for element in root.iter(etree.Element) if element.getparent() is not None]
    element = elements[place % len(elements)]
    if change == "drop":
        element.getparent().remove(element)
    elif change == "blank":
        element.clear()
    elif change == "text":
        element.text = "-1 x"
    else:
        element.addnext(etree.fromstring(etree.tostring(element)))
    device = canned(etree.tostring(root))
    reader = {
        "GetProfiles": lambda: media.profiles(device, CAMERA),
        "GetStreamUri": lambda: media.stream_uri(device, CAMERA, "main"),
        "GetSnapshotUri": lambda: media.snapshot_uri(device, CAMERA, "main"),
        "GetSystemDateAndTime": device.learn_time,
    }.get(name, lambda: device.call(service, name, **OPERATIONS[service][name]))
    try:
        reader()
    except DeviceError:
        pass

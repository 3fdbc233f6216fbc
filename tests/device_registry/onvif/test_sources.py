from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.sources import stream_place, stream_tokens

NVR = Endpoint("http", "10.0.0.7", 80, "/onvif/device_service", "10.0.0.7")
NAMES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"'
)


def profile(number: int) -> str:
    return (
        f'<tr2:Profiles token="p{number}"><tr2:Name>p</tr2:Name><tr2:Configurations>'
        f'<tr2:VideoSource token="vsc{number}"><tt:SourceToken>v{number}</tt:SourceToken>'
        "</tr2:VideoSource></tr2:Configurations></tr2:Profiles>"
    )


ANSWERS = {
    "GetServices": "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl"
    "</tds:Namespace><tds:XAddr>http://10.0.0.7/media2</tds:XAddr></tds:Service></tds:GetServicesResponse>",
    "GetProfiles": f"<tr2:GetProfilesResponse>{profile(1)}{profile(2)}</tr2:GetProfilesResponse>",
    "GetVideoSourceConfigurations": "<tr2:R>"
    + "".join(
        f'<tr2:Configurations token="vsc{n}"><tt:SourceToken>v{n}</tt:SourceToken></tr2:Configurations>' for n in (1, 2)
    )
    + "</tr2:R>",
}


def nvr(answers: Mapping[str, str]) -> Device:
    def exchange(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        assert endpoint.address == NVR.address
        request = etree.fromstring(body)[-1][0]
        name = etree.QName(request).localname
        token = request.findtext("{*}ProfileToken")
        told = f"<tr2:R><tr2:Uri>rtsp://192.0.2.1/ch{token}?x=1</tr2:Uri></tr2:R>"
        inner = answers.get(name) or (told if name == "GetStreamUri" else "<s:Fault/>")
        envelope = f"<s:Envelope {NAMES}><s:Body>{inner}</s:Body></s:Envelope>"
        return Answer(200, "", (), None, None, envelope.encode(), None)

    return Device(NVR, exchange=exchange)


def test_each_stream_has_the_tokens_of_its_source() -> None:
    assert stream_tokens(nvr(ANSWERS)) == {
        "/chp1?x=1": frozenset({"v1", "vsc1"}),
        "/chp2?x=1": frozenset({"v2", "vsc2"}),
    }


def test_what_a_device_does_not_answer_is_left_out() -> None:
    assert stream_tokens(nvr(ANSWERS | {"GetVideoSourceConfigurations": ""})) == {
        "/chp1?x=1": frozenset({"v1"}),
        "/chp2?x=1": frozenset({"v2"}),
    }
    assert stream_tokens(nvr(ANSWERS | {"GetProfiles": ""})) == {}
    assert stream_tokens(nvr({})) == {}


def test_the_place_of_a_stream_is_its_path_and_query() -> None:
    assert stream_place("rtsp://10.0.0.7:554/ch1?x=1") == stream_place(" rtsp://192.0.2.1/ch1?x=1") == "/ch1?x=1"
    assert stream_place("rtsp://[") == ""

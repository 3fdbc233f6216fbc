from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.onvif import envelope
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import AnswerRefused, DeviceAuthFailed, DeviceFault
from foundation.errors import DeviceError

S12 = "http://www.w3.org/2003/05/soap-envelope"
S11 = "http://schemas.xmlsoap.org/soap/envelope/"


def answered(body: bytes, status: int = 200, content_type: str = "", location: str | None = None) -> Answer:
    return Answer(status, content_type, (), location, None, body, None)


def soap(inner: str, namespace: str = S12) -> str:
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{inner}</s:Body></s:Envelope>'


@pytest.mark.parametrize("namespace", [S12, S11], ids=["1.2", "1.1"])
def test_both_versions_of_soap_are_read(namespace: str) -> None:
    found = envelope.payload(answered(soap("<!-- x --><a>1</a>", namespace).encode()), "cam")
    assert (found.tag, found.text) == ("a", "1")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("gb18030", "GB2312"),
        ("gb18030", "gbk"),
        ("gb18030", "GB18030"),
    ],
)
def test_encodings_of_cameras_are_read(encoding: str, declared: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>\n{soap("<a>球机</a>")}'.encode(encoding)
    assert envelope.payload(answered(body), "cam").text == "球机"


def test_the_word_of_the_xml_stands_above_that_of_http() -> None:
    body = f'<?xml version="1.0" encoding="utf-8"?>{soap("<a>球机</a>")}'.encode()
    assert envelope.payload(answered(body, content_type="text/xml; charset=iso-8859-1"), "cam").text == "球机"
    body = soap("<a>é</a>").encode("latin-1")
    assert envelope.payload(answered(body, content_type="text/xml; charset=iso-8859-1"), "cam").text == "é"


def test_a_bare_ampersand_in_an_address_is_forgiven() -> None:
    body = soap("<a>http://h/p?x=1&y=2&amp;z=3</a>").encode()
    assert envelope.payload(answered(body), "cam").text == "http://h/p?x=1&y=2&z=3"


BOMB = '<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;">]>' + soap("<a>&c;</a>")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (BOMB.encode(), 200, "document type"),
        (BOMB.encode("utf-16"), 200, "document type"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', 200, "encoding"),
        (soap("<a>\xff</a>").encode("latin-1"), 200, "not in its encoding"),
        (b"<!doctype html><html></html>", 200, "web page"),
        (b"\n<HTML><body>", 200, "web page"),
        (b"", 200, "empty"),
        (b"  \r\n", 500, "empty"),
        (b"RTSP/1.0 400 Bad", 200, "no XML"),
        (b"<a><b></a>", 200, "well-formed"),
        (b"<a/>", 200, "no SOAP envelope"),
        (f'<s:Envelope xmlns:s="{S12}"/>'.encode(), 200, "empty"),
        (soap("").encode(), 200, "empty"),
        (b"<html>gone</html>", 404, "HTTP 404"),
        (("<a>" * 100_000).encode(), 200, "well-formed"),
        (soap("<a>\x01</a>").encode(), 200, "well-formed"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_reason(body: bytes, status: int, said: str) -> None:
    with pytest.raises(AnswerRefused, match=said) as caught:
        envelope.payload(answered(body, status), "cam GetX")
    assert caught.value.where == "cam GetX"
    assert caught.value.mend


def test_a_redirect_tells_the_host_and_nothing_that_may_be_secret() -> None:
    answer = answered(b"", 307, location="https://u:hunter2@10.0.0.9:8443/login?token=hunter2")
    with pytest.raises(AnswerRefused, match=r"HTTP 307 to https://10\.0\.0\.9:8443\)") as caught:
        envelope.payload(answer, "cam")
    assert "hunter2" not in str(caught.value)


def fault12(*codes: str, reason: str = "") -> str:
    code = ""
    for value in reversed(codes):
        code = f"<s:Value>{value}</s:Value>" + (f"<s:Subcode>{code}</s:Subcode>" if code else "")
    return f"<s:Fault><s:Code>{code}</s:Code><s:Reason><s:Text>{reason}</s:Text></s:Reason></s:Fault>"


@pytest.mark.parametrize(
    "body",
    [
        soap(fault12("s:Sender", "ter:NotAuthorized")),
        soap(fault12("s:Sender", "wsse:FailedAuthentication")),
        soap(fault12("s:Sender", reason="Sender not Authorized")),
        soap("<s:Fault><faultcode>wsse:FailedCheck</faultcode><faultstring/></s:Fault>", S11),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_refused_password_is_told_apart(body: str, status: int) -> None:
    with pytest.raises(DeviceAuthFailed):
        envelope.payload(answered(body.encode(), status), "cam")


def test_what_a_device_says_is_one_short_line() -> None:
    body = soap(fault12("s:Receiver", "ter:ActionNotSupported", reason="no\r\n such\x9b31m " + "x" * 999))
    with pytest.raises(DeviceFault) as caught:
        envelope.payload(answered(body.encode(), 500), "cam")
    assert caught.value.what.startswith("the device answered no (Receiver / ActionNotSupported: no such31m x")
    assert len(caught.value.what) < 300


@given(st.binary(max_size=300), st.sampled_from([200, 302, 400, 401, 404, 500]), st.text(max_size=40))
def test_any_bytes_are_an_answer_or_refused(body: bytes, status: int, content_type: str) -> None:
    try:
        envelope.payload(answered(body, status, content_type), "cam")
    except DeviceError:
        pass


@given(
    st.sampled_from(sorted(envelope._ENCODINGS)),
    st.text(max_size=80),
    st.sampled_from(["", "<!DOCTYPE a>", "<!DOCTYPE a [<!ENTITY b 'c'>]>"]),
)
def test_a_document_type_is_refused_in_every_encoding(encoding: str, text: str, document_type: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{document_type}'
    body = (declared + soap(f"<a>{text}</a>")).encode(encoding, "ignore")
    try:
        found = envelope.payload(answered(body), "cam")
    except AnswerRefused:
        return
    assert not document_type
    assert not found.getroottree().docinfo.internalDTD


def test_an_envelope_of_our_own_goes_round_what_came() -> None:
    inner = etree.fromstring("<a/>")
    assert envelope.wrapped(inner).find(f"{{{S12}}}Body")[0].tag == "a"

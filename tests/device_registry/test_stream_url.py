from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.stream_url import parse
from foundation.errors import InvalidInput

WHERE = "camera C1, main_url"


@pytest.mark.parametrize(
    ("text", "url", "username", "password"),
    [
        ("rtsp://10.0.0.5/live", "rtsp://10.0.0.5/live", None, None),
        ("RTSP://Cam.Local:8554/a?b=1&c=2", "rtsp://cam.local:8554/a?b=1&c=2", None, None),
        ("rtsp://admin:p%40ss%3A1@10.0.0.5:554/ch1", "rtsp://10.0.0.5:554/ch1", "admin", "p@ss:1"),
        ("rtsp://admin:p@ss@10.0.0.5/ch1", "rtsp://10.0.0.5/ch1", "admin", "p@ss"),
        ("rtsp://admin@10.0.0.5/", "rtsp://10.0.0.5/", "admin", None),
        ("rtsp://u:pw@[fe80:0::1]:554/x", "rtsp://[fe80::1]:554/x", "u", "pw"),
        (" rtsp://h ", "rtsp://h", None, None),
        ("RTSPS://admin:pw@10.0.0.5/ch1", "rtsps://10.0.0.5/ch1", "admin", "pw"),
    ],
)
def test_parts_the_credentials_from_the_url(text: str, url: str, username: str | None, password: str | None) -> None:
    parsed = parse(text, WHERE)
    assert (parsed.url, parsed.username, parsed.password) == (url, username, password)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://10.0.0.5/",
        "10.0.0.5:554/live",
        "admin:hunter2@10.0.0.5/live",
        "rtsp:///live",
        "rtsp://10.0.0.5:0/",
        "rtsp://10.0.0.5:70000/",
        "rtsp://10.0.0.5:port/",
        "rtsp://10.0.0.5/live#main",
        "rtsp://10.0.0/live",
        "rtsp://10.0.0.256/live",
        "rtsp://-bad-/live",
        "rtsp://[::1/live",
        "rtsp://[::g]/live",
        "rtsp://10.0.0.5/a b",
        "rtsp://10.0.0.5/a\r\nX: y",
        "rtsp://摄像机/live",
        "rtsp://:hunter2@10.0.0.5/",
        "rtsp://10.0.0.5/?user=admin&password=hunter2",
        "rtsp://10.0.0.5/user=admin_password=hunter2_channel=1_stream=0.sdp",
        "rtsp://10.0.0.5/" + "a" * 1024,
    ],
)
def test_refuses_what_is_no_plain_rtsp_url_and_keeps_secrets_out_of_the_error(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text, WHERE)
    assert caught.value.where == WHERE
    assert caught.value.mend
    assert "hunter2" not in str(caught.value)


def test_the_password_is_not_in_the_representation() -> None:
    assert "hunter2" not in repr(parse("rtsp://admin:hunter2@h/", WHERE))


@given(st.text(max_size=80) | st.text("rtsp:/@#?[]%.&=_abc019", max_size=40).map("rtsp://".__add__))
def test_anything_is_either_refused_or_becomes_a_url_that_parses_to_itself(text: str) -> None:
    try:
        parsed = parse(text, WHERE)
    except InvalidInput:
        return
    again = parse(parsed.url, WHERE)
    assert (again.url, again.username, again.password) == (parsed.url, None, None)


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_percent_encoded_credentials_come_back_as_they_were(username: str, password: str) -> None:
    from urllib.parse import quote

    try:
        encoded = f"rtsp://{quote(username, safe='')}:{quote(password, safe='')}@h/"
    except UnicodeEncodeError:
        return
    parsed = parse(encoded, WHERE)
    assert (parsed.username, parsed.password, parsed.url) == (username, password, "rtsp://h/")

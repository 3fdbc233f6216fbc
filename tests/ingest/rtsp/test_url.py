from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import StreamRefused
from ingest.rtsp.url import Endpoint, check_redirect, control_url, endpoint


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("rtsp://10.0.0.7/a", Endpoint("10.0.0.7", 554, tls=False)),
        ("RTSPS://10.0.0.7/a", Endpoint("10.0.0.7", 322, tls=True)),
        ("rtsps://camera:8322/a", Endpoint("camera", 8322, tls=True)),
        ("rtsp://[fe80::1]:8554/a", Endpoint("fe80::1", 8554, tls=False)),
    ],
)
def test_where_a_url_leads(url: str, found: Endpoint) -> None:
    assert endpoint(url) == found


@pytest.mark.parametrize("url", ["http://h/", "rtspu://h/", "rtsps:///x", "rtsps://h/a b", "rtsps://user:secret@h/"])
def test_what_is_no_address_of_a_stream(url: str) -> None:
    with pytest.raises(StreamRefused) as refused:
        endpoint(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "location", "followed"),
    [
        ("rtsp://h/a", "rtsp://h:8554/b", True),
        ("rtsp://h/a", "rtsps://h/b", True),
        ("rtsps://h/a", "rtsps://h:8322/b", True),
        ("rtsps://h/a", "rtsp://h/b", False),
        ("rtsp://h/a", "rtsp://other/a", False),
        ("rtsps://h/a", "rtsps://other/a", False),
        ("rtsp://h/a", "/b", False),
    ],
)
def test_redirects_stay_with_the_host_and_in_the_encryption(url: str, location: str, followed: bool) -> None:
    if followed:
        check_redirect(endpoint(url), location)
        return
    with pytest.raises(StreamRefused):
        check_redirect(endpoint(url), location)


def test_a_control_of_its_own_scheme_is_taken_whole() -> None:
    assert control_url("rtsps://h/a", "rtsps://h/a/track1") == "rtsps://h/a/track1"
    assert control_url("rtsps://h/a", "track1") == "rtsps://h/a/track1"


@given(st.text(max_size=60) | st.text("rtsp:/@#?[]%.ab019", max_size=40).map("rtsps://".__add__))
def test_any_text_is_an_endpoint_or_refused(url: str) -> None:
    try:
        found = endpoint(url)
    except StreamRefused:
        return
    assert found.host
    assert found.tls == url.lower().startswith("rtsps:")

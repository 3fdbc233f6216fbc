from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from foundation.http_auth import Authenticator, Challenge, Credentials, strongest

# RFC 7616, section 3.9.1
MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
REALM = "http-auth@example.org"


def _response(algorithm: str, monkeypatch_client: str, monkeypatch: object) -> str:
    challenge = Challenge("digest", REALM, NONCE, algorithm=algorithm, named_algorithm=True, qop_auth=True)
    header = Authenticator(MUFASA, challenge).authorization("GET", "/dir/index.html")
    found = re.search(r'response="([0-9a-f]+)"', header)
    assert found
    return found[1]


def test_the_examples_of_rfc_7616(monkeypatch) -> None:
    client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("foundation.http_auth.secrets.token_hex", lambda _: client)
    sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert _response("MD5", client, monkeypatch) == "8ca523f5e9506fed4657c9700eebdbec"
    assert _response("SHA-256", client, monkeypatch) == sha256


def test_the_example_of_rfc_2617_without_qop() -> None:
    challenge = Challenge("digest", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    header = Authenticator(Credentials("Mufasa", "Circle Of Life"), challenge).authorization("GET", "/dir/index.html")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header
    assert "algorithm" not in header


def test_the_strongest_that_is_known() -> None:
    basic, md5 = 'Basic realm="a"', 'Digest realm="a", nonce="n", qop="auth,auth-int"'
    sha256, unknown = 'Digest realm="a", nonce="n", algorithm=SHA-256', 'Digest nonce="n", algorithm=SHA-512-256'
    assert strongest([basic, md5, sha256, unknown]).algorithm == "SHA-256"
    assert strongest([basic, md5]).qop_auth
    assert strongest([basic]).scheme == "basic"
    assert strongest([unknown, "Negotiate"]) is None
    assert strongest(['Digest realm="r", nonce="n", stale=TRUE']).stale


def test_basic_and_no_secret_in_the_representation() -> None:
    credentials = Credentials("viewer", "s3cret")
    assert Authenticator(credentials, Challenge("basic")).authorization("OPTIONS", "x") == "Basic dmlld2VyOnMzY3JldA=="
    assert "s3cret" not in repr(credentials)


@given(st.text())
def test_any_header_is_read_without_an_error(header: str) -> None:
    strongest([header, "Digest " + header])

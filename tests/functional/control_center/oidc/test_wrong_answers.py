"""What a provider may do wrong, or somebody in its name, and that nobody gets in by it."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from control_center.identity.oidc.outbound import LARGEST_ANSWER

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
SECRET = "a secret that both sides know"
UNREACHABLE = "/#/?sign-in=provider_unreachable"
REFUSED = "/#/?sign-in=refused"
NOW_S = int(time.time())
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def wrong(sign_ins: Any, scripted: Any) -> Iterator[Any]:
    with scripted.ScriptedProvider().running() as provider:
        sign_ins.use(provider.issuer, secret=SECRET)
        yield provider


def entered(sign_ins: Any) -> str:
    """Where the browser ends; whoever was turned away has no session."""
    with sign_ins.browser() as browser:
        url = sign_ins.begin(browser)
        if not url.startswith("http"):
            return url
        url = sign_ins.finish(browser, browser.get(url).headers["location"])
        assert (sign_ins.account(browser) is not None) == (url == "/")
        return url


def test_without_a_script_it_does_right(sign_ins: Any, wrong: Any) -> None:
    assert entered(sign_ins) == "/"
    assert wrong.asked == ["/.well-known/openid-configuration", "/authorize", "/token", "/keys"]
    assert entered(sign_ins) == "/"
    assert wrong.asked[4:] == ["/authorize", "/token"]  # the rest is known for an hour
    sign_ins.web.clock.advance(3601)
    sign_ins.web.clock.step(-3601)
    assert entered(sign_ins) == "/"
    assert "/keys" in wrong.asked[6:]


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://evil.example"),
        ("aud", "another"),
        ("nonce", "another"),
        ("exp", NOW_S - 120),
        ("auth_time", NOW_S - 3600),
    ],
    ids=["iss", "aud", "nonce", "exp", "auth_time"],
)
def test_a_claim_that_is_wrong(sign_ins: Any, wrong: Any, claim: str, value: object) -> None:
    """The tests of the ID token have more of them."""
    wrong.script.claims[claim] = value
    assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == [f"claim_{claim}"]


def test_a_token_for_several_names_whom_it_was_given_to(sign_ins: Any, wrong: Any) -> None:
    wrong.script.claims["aud"] = ["another", "vedette"]
    assert entered(sign_ins) == REFUSED
    wrong.script.claims["azp"] = "another"
    assert entered(sign_ins) == REFUSED
    wrong.script.claims["azp"] = "vedette"
    assert entered(sign_ins) == "/"
    assert sign_ins.causes() == ["claim_azp", "claim_azp"]


def test_a_token_that_nobody_signed(sign_ins: Any, wrong: Any) -> None:
    wrong.script.unsigned = True
    assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == ["id_token"]


def test_a_token_signed_with_what_both_sides_know(sign_ins: Any, wrong: Any) -> None:
    for known in (SECRET.encode(), wrong.key.as_pem(private=False), json.dumps(wrong.key.as_dict()).encode()):
        wrong.script.secret = known
        assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == ["id_token"] * 3


def test_a_token_changed_on_its_way(sign_ins: Any, wrong: Any) -> None:
    wrong.script.broken = True
    assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == ["id_token"]


def test_a_header_that_need_not_be_understood(sign_ins: Any, wrong: Any) -> None:
    wrong.script.header = {"x": "y"}
    assert entered(sign_ins) == "/"


def test_a_key_unknown_is_looked_for_once(sign_ins: Any, wrong: Any, scripted: Any) -> None:
    assert entered(sign_ins) == "/"
    wrong.key = scripted.new_key("k-2")
    assert entered(sign_ins) == REFUSED
    assert wrong.asked.count("/keys") == 2
    wrong.shown = [wrong.key]
    assert entered(sign_ins) == "/"
    assert wrong.asked.count("/keys") == 3
    assert sign_ins.causes() == ["unknown_key"]


def test_a_key_of_the_same_name_that_is_another(sign_ins: Any, wrong: Any, scripted: Any) -> None:
    wrong.key = scripted.new_key("k-1")
    assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == ["id_token"]


def test_a_token_that_does_not_name_its_key(sign_ins: Any, wrong: Any, scripted: Any) -> None:
    wrong.script.header = {"kid": None}
    assert entered(sign_ins) == "/"
    wrong.shown.append(scripted.new_key("k-2"))
    sign_ins.use(wrong.issuer, secret=SECRET)
    assert entered(sign_ins) == REFUSED


def test_keys_that_cannot_be_used_are_left_out(sign_ins: Any, wrong: Any) -> None:
    strange = [
        {"kty": "oct", "kid": "k-1", "k": "c2VjcmV0"},
        {"kty": "AKP", "kid": "k-1", "alg": "ML-DSA-44", "pub": "AA"},
        {"kty": "RSA", "kid": "k-1", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "kid": "k-1", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "k-1", "crv": "P-none"},
        "no key",
    ]
    keys = [*strange, wrong.key.as_dict(private=False)]
    wrong.script.replies["/keys"] = (200, JSON, json.dumps({"keys": keys}).encode())
    assert entered(sign_ins) == "/"


NO_ANSWERS = {
    "error": (500, {}, b""),
    "absent": (404, {}, b""),
    "redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
    "page": (200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"),
    "list": (200, JSON, b"[]"),
    "nested": (200, JSON, b"[" * 50_000 + b"]" * 50_000),
    "latin": (200, JSON, b'{"a": "\xff"}'),
    "strange": (200, JSON, b'{"expires_in": [], "keys": {}, "issuer": [], "error": {}, "sub": {}}'),
    "large": (200, JSON, b'{"a": "' + b"x" * LARGEST_ANSWER + b'"}'),
    "packed": (200, JSON | {"Content-Encoding": "gzip"}, gzip.compress(b'{"a": "' + b"x" * 900_000 + b'"}')),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys", "/userinfo"])
def test_an_answer_that_is_none(sign_ins: Any, wrong: Any, path: str) -> None:
    wrong.script.claims["preferred_username"] = None  # so that more is asked
    assert entered(sign_ins) == "/"
    for what, reply in NO_ANSWERS.items():
        wrong.script.replies[path] = reply
        sign_ins.use(wrong.issuer, secret=SECRET)
        assert entered(sign_ins) in (UNREACHABLE, REFUSED), what


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys", "/userinfo"])
@pytest.mark.parametrize("manner", ["silent", "dripping"])
def test_a_slow_provider_is_not_waited_for(sign_ins: Any, wrong: Any, path: str, manner: str) -> None:
    """Were the time not bounded, the browser of this test would give up first."""
    wrong.script.claims["preferred_username"] = None
    getattr(wrong.script, manner).add(path)
    sign_ins.web.app.state.sign_in_desk.provider.patience_s = 0.5
    assert entered(sign_ins) == UNREACHABLE


ASTRAY = [
    {"issuer": "https://evil.example"},
    {"issuer": None},
    {"token_endpoint": None},
    {"token_endpoint": 7},
    {"token_endpoint": "http://127.0.0.2:1/token"},
    {"token_endpoint": "https://169.254.169.254/token"},
    {"jwks_uri": "http://localhost:1/keys"},
    {"jwks_uri": "file:///etc/passwd"},
    {"userinfo_endpoint": "//evil.example/"},
    {"authorization_endpoint": "https://evil.example/authorize"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "http://127.0.0.1:{port}@evil.example/"},
    {"authorization_endpoint": "http://127.0.0.1:{port}/a\r\nSet-Cookie: vedette_session=x"},
    {"authorization_endpoint": "http://127.0.0.1:{port}/a#b"},
]


def test_a_discovery_document_that_leads_astray(sign_ins: Any, wrong: Any) -> None:
    for change in ASTRAY:
        wrong.script.discovery = {
            name: value.replace("{port}", str(wrong.port)) if isinstance(value, str) else value
            for name, value in change.items()
        }
        assert entered(sign_ins) == UNREACHABLE, change
    assert set(wrong.asked) == {"/.well-known/openid-configuration"}


def test_a_further_host_of_the_provider_must_be_named(sign_ins: Any, wrong: Any) -> None:
    wrong.script.discovery["jwks_uri"] = f"http://localhost:{wrong.port}/keys"
    assert entered(sign_ins) == UNREACHABLE
    sign_ins.use(wrong.issuer, secret=SECRET, hosts=[f"localhost:{wrong.port}"])
    assert entered(sign_ins) == "/"


def test_an_error_of_the_provider(sign_ins: Any, wrong: Any) -> None:
    for error, where in (
        ("access_denied", REFUSED),
        ("login_required", REFUSED),
        ("server_error", UNREACHABLE),
        ("temporarily_unavailable", UNREACHABLE),
        ("x\r\nSet-Cookie: a=b", REFUSED),
        ("\u0000<script>", REFUSED),
    ):
        wrong.script.answer = {"code": None, "error": error, "error_description": "x" * 2000}
        assert entered(sign_ins) == where
    assert set(sign_ins.causes()) == {"provider_error"}


def test_an_answer_without_a_code(sign_ins: Any, wrong: Any) -> None:
    wrong.script.answer = {"code": None}
    assert entered(sign_ins) == REFUSED


def test_the_issuer_of_an_answer_is_checked_where_it_stands(sign_ins: Any, wrong: Any) -> None:
    wrong.script.answer = {"iss": "https://evil.example"}
    assert entered(sign_ins) == REFUSED
    wrong.script.answer = {"iss": wrong.issuer}
    assert entered(sign_ins) == "/"


def test_user_info_of_another_person(sign_ins: Any, wrong: Any) -> None:
    wrong.script.claims["preferred_username"] = None
    wrong.script.user_info = {"sub": "s-wang"}
    assert entered(sign_ins) == REFUSED
    assert sign_ins.causes() == ["user_info"]


def test_tokens_that_are_none(sign_ins: Any, wrong: Any) -> None:
    for tokens in ({"id_token": None}, {"id_token": 7}, {"id_token": "x.y"}, {"access_token": None}):
        wrong.script.tokens = tokens
        assert entered(sign_ins) == REFUSED


def test_a_name_that_is_none(sign_ins: Any, wrong: Any) -> None:
    for name in (7, ["li"], {"a": "li"}, "\u212ai", "l\u0131", "li\x00"):
        wrong.script.claims["preferred_username"] = name
        assert entered(sign_ins) == "/#/?sign-in=unknown_account"

"""The claims of an ID token, one wrong at a time (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_center.identity.oidc import flow
from control_center.identity.oidc.id_token import check_claims, user_name
from control_center.identity.oidc.refusal import SignInRefused
from foundation.clock import US_PER_S, ManualClock
from foundation.keyring import Keyring

NOW_S = 1_800_000_000
GOOD = {
    "iss": "https://id.example",
    "sub": "s-li",
    "aud": "vedette",
    "iat": NOW_S,
    "exp": NOW_S + 60,
    "auth_time": NOW_S,
    "nonce": "n",
}


def cause(claims: dict[str, Any]) -> str | None:
    """Why the token is refused; None when it is good."""
    present = {name: value for name, value in claims.items() if value is not None}
    try:
        check_claims(
            present,
            issuer="https://id.example",
            client_id="vedette",
            nonce="n",
            begun_us=(NOW_S - 30) * US_PER_S,
            now_us=NOW_S * US_PER_S,
        )
    except SignInRefused as refused:
        return refused.cause
    return None


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"aud": ["vedette"]},
        {"aud": ["another", "vedette"], "azp": "vedette"},
        {"exp": NOW_S - 59},  # clocks differ by a minute at most
        {"iat": NOW_S + 59},
        {"auth_time": NOW_S - 90},
        {"auth_time": NOW_S + 0.5},
        {"sub": "x" * 255},
        {"more": {"of": ["anything"]}},
    ],
)
def test_good_ones(good: dict[str, Any]) -> None:
    assert cause(GOOD | good) is None


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://id.example/"),
        ("iss", ["https://id.example"]),
        ("iss", None),
        ("nonce", "another"),
        ("nonce", ["n"]),
        ("nonce", None),
        ("aud", "another"),
        ("aud", ["another"]),
        ("aud", [["vedette"]]),
        ("aud", []),
        ("aud", None),
        ("azp", "another"),
        ("azp", ["vedette"]),
        ("exp", NOW_S - 60),
        ("exp", "tomorrow"),
        ("exp", float("nan")),
        ("exp", None),
        ("iat", NOW_S + 61),
        ("iat", None),
        ("nbf", NOW_S + 61),
        ("sub", ""),
        ("sub", 7),
        ("sub", "x" * 256),
        ("sub", "li\u0301"),
        ("sub", "li\n"),
        ("sub", None),
        ("auth_time", NOW_S - 91),
        ("auth_time", "now"),
        ("auth_time", float("nan")),
        ("auth_time", None),
    ],
)
def test_wrong_ones(claim: str, value: object) -> None:
    assert cause(GOOD | {claim: value}) == f"claim_{claim}"


def test_a_token_for_several_names_whom_it_was_given_to() -> None:
    assert cause(GOOD | {"aud": ["vedette", "another"]}) == "claim_azp"


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=4)


@given(st.dictionaries(st.sampled_from([*GOOD, "azp", "nbf"]), JSON))
def test_whatever_stands_in_it_is_good_or_refused(claims: dict[str, Any]) -> None:
    found = cause(GOOD | json.loads(json.dumps(claims)))
    assert found is None or found.startswith("claim_")


@given(st.text())
def test_a_user_name_is_never_made_of_foreign_letters(name: str) -> None:
    found = user_name("name", {"name": name})
    assert found is None or found.isascii()


@pytest.fixture
def flows(tmp_path: Path) -> flow.Flows:
    return flow.Flows(Keyring.open(tmp_path / "keys"), ManualClock())


@given(text=st.text(min_size=1))
def test_a_made_up_cookie_is_none(flows: flow.Flows, text: str) -> None:
    with pytest.raises(SignInRefused) as caught:
        flows.resume(text)
    assert caught.value.cause == "bad_cookie"

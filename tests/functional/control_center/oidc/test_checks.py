"""What `vedette doctor` says of the provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from control_center.identity.oidc.checks import check_sign_in_provider
from foundation.doctor import Finding, Verdict, examine
from foundation.settings import Settings

pytestmark = pytest.mark.functional


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data_dir=tmp_path)
    found.api.public_url = "https://center.example"
    return found


@pytest.fixture
def wrong(settings: Settings, scripted: Any) -> Iterator[Any]:
    with scripted.ScriptedProvider().running() as provider:
        settings.identity.oidc.issuer = provider.issuer
        yield provider


def look(settings: Settings) -> list[Finding]:
    return examine(settings, [check_sign_in_provider])


def test_nothing_is_asked_where_no_provider_is_set(settings: Settings) -> None:
    assert look(settings) == []


def test_a_provider_that_answers(settings: Settings, wrong: Any) -> None:
    [found] = look(settings)
    assert (found.verdict, found.what) == (Verdict.OK, f"{wrong.issuer} answers, with 1 key")


def test_what_is_wrong_with_a_provider(settings: Settings, wrong: Any) -> None:
    for change, said in (
        ({"issuer": "https://other.example"}, "it calls itself by another name"),
        ({"token_endpoint": "https://other.example/token"}, "it names addresses on other hosts"),
        ({"jwks_uri": f"{wrong.issuer}/userinfo"}, "its keys cannot be read"),
    ):
        wrong.script.discovery = change
        [found] = look(settings)
        assert found.verdict is Verdict.FAULT
        assert said in found.what
    wrong.script.discovery = {"code_challenge_methods_supported": None}
    assert [found.verdict for found in look(settings)] == [Verdict.WARNING]
    wrong.shown = []
    assert [found.verdict for found in look(settings)] == [Verdict.FAULT]


def test_a_provider_that_is_away(settings: Settings) -> None:
    settings.identity.oidc.issuer = "http://127.0.0.1:1"
    [found] = look(settings)
    assert (found.verdict, found.what) == (Verdict.FAULT, "http://127.0.0.1:1: it does not answer.")


def test_plain_http_to_another_machine_is_a_fault(settings: Settings) -> None:
    settings.identity.oidc.issuer = "http://id.example"
    [found] = look(settings)
    assert found.verdict is Verdict.FAULT
    assert "without https" in found.what


def test_a_public_address_is_missed(settings: Settings, wrong: Any) -> None:
    settings.api.public_url = None
    assert [found.verdict for found in look(settings)] == [Verdict.WARNING, Verdict.OK]


def test_the_secret_is_for_our_eyes(settings: Settings, wrong: Any, tmp_path: Path) -> None:
    secret = tmp_path / "client-secret"
    settings.identity.oidc.client_secret_file = secret
    [absent] = look(settings)
    assert (absent.verdict, absent.what) == (Verdict.FAULT, f"{secret}: there is no such file.")
    secret.write_text("x")
    secret.chmod(0o640)
    [shown] = look(settings)
    assert (shown.verdict, "other users" in shown.what) == (Verdict.FAULT, True)
    secret.chmod(0o600)
    assert [found.verdict for found in look(settings)] == [Verdict.OK]
    secret.write_text("two\nlines")
    assert [found.verdict for found in look(settings)] == [Verdict.FAULT]

"""`vedette accounts`, as an administrator types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from control_center.cli import build_app
from control_center.identity import accounts
from control_center.identity.models import Account, ApiToken, ExternalIdentity
from foundation.audit import AuditEntry
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import open_stores, reading, transaction
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import new_id
from foundation.settings import load_settings
from ingest.live.ended import FILE_NAME

STATION = "110101010000"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(folder))
    monkeypatch.setenv("VEDETTE_CENTER__LEVEL", "city")
    monkeypatch.setenv("COLUMNS", "200")
    return folder


def vedette(*words: str) -> Result:
    return CliRunner().invoke(build_app(), ["accounts", *words], catch_exceptions=False)


def test_an_account_is_made_with_its_roles_and_shown(data: Path) -> None:
    made = vedette("add", "Chen", "--name", "Chen Yu", "--role", "administrator", "--role", "auditor")
    assert re.search(r"One-time password: +[a-z2-9]{4}(-[a-z2-9]{4}){3}\n", made.output)
    assert "administrator" in vedette("ls").output
    shown = vedette("ls").output
    assert "Chen Yu" in shown
    assert "auditor" in shown
    assert "one_time" in shown


def test_roles_are_given_lent_and_taken_back(data: Path) -> None:
    vedette("add", "chen", "--role", "administrator")
    vedette("add", "bo")
    assert vedette("grant", "bo", "analyst").output == "bo is analyst now.\n"
    assert "bo is technician there until 20" in vedette("lend", "bo", "technician", "--reason", "festival").output
    assert re.search(r"technician until \d{4}-\d\d-\d\d", vedette("ls").output)
    assert "no longer" in vedette("revoke", "bo", "technician").output
    assert "technician" not in vedette("ls").output
    with pytest.raises(NotFound, match="does not have the role"):
        vedette("revoke", "bo", "technician")
    with pytest.raises(InvalidInput, match="needs a reason"):
        vedette("lend", "bo", "operator")


def test_the_last_administrator_stays_at_the_command_line_too(data: Path) -> None:
    vedette("add", "chen", "--role", "administrator")
    for words in (["disable", "chen"], ["revoke", "chen", "administrator"]):
        with pytest.raises(Conflict, match="without an administrator"):
            vedette(*words)


def test_whose_rights_change_loses_their_pictures(data: Path) -> None:
    vedette("add", "bo")
    ended = data / "run" / FILE_NAME
    assert not ended.exists()
    vedette("sign-out", "bo")
    assert len(json.loads(ended.read_text())["accounts"]) == 1
    assert vedette("disable", "bo").output == "Disabled bo.\n"
    assert "disabled" in vedette("ls").output
    assert vedette("enable", "bo").output == "Enabled bo.\n"
    assert "disabled" not in vedette("ls").output


def test_what_does_not_exist_is_named(data: Path) -> None:
    with pytest.raises(NotFound, match="nobody"):
        vedette("password", "nobody")
    with pytest.raises(NotFound, match=STATION):
        vedette("add", "bo", "--center", STATION)


def test_a_lost_second_factor_is_reset(data: Path) -> None:
    vedette("add", "bo")
    with pytest.raises(Conflict, match="no second factor"):
        vedette("reset-second-factor", "bo")
    stores = open_stores(load_settings())
    with transaction(stores.core) as session:
        account = session.scalars(select(Account)).one()
        account.totp_secret, account.totp_confirmed_us = "sealed", 1
    assert "yes" in vedette("ls").output
    assert vedette("reset-second-factor", "bo").output == "bo has no second factor now.\n"
    with reading(stores.core) as session:
        assert session.scalars(select(Account.totp_secret)).one() is None
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "cli:second_factor:reset"
    stores.dispose()


def test_tokens_are_shown_and_revoked(data: Path) -> None:
    vedette("add", "bo")
    token_id = give_token(data)
    shown = vedette("tokens", "bo").output
    assert token_id in shown
    assert "lamp" in shown
    assert "in force" in shown
    assert vedette("revoke-token", token_id).output == "Revoked the token of bo for lamp.\n"
    assert "revoked 20" in vedette("tokens", "bo").output
    assert json.loads((data / "run" / FILE_NAME).read_text())["sessions"].keys() == {token_id}
    for again in (token_id, "none"):
        with pytest.raises(NotFound, match="no such token"):
            vedette("revoke-token", again)


def give_token(data: Path) -> str:
    stores = open_stores(load_settings())
    with transaction(stores.core) as session:
        account = accounts.require(session, "bo")
        now_us = SYSTEM_CLOCK.now_us()
        row = ApiToken(
            id=new_id(SYSTEM_CLOCK),
            token_hash="0" * 64,
            account_id=account.id,
            name="lamp",
            rights=["read"],
            created_us=now_us,
            expires_us=now_us + 3600 * US_PER_S,
        )
        session.add(row)
    stores.dispose()
    return row.id


def test_who_an_account_is_at_the_provider_is_forgotten(data: Path) -> None:
    vedette("add", "bo")
    with pytest.raises(NotFound, match="not tied to anybody"):
        vedette("unlink", "bo")
    stores = open_stores(load_settings())
    with transaction(stores.core) as session:
        account = accounts.require(session, "bo")
        session.add(ExternalIdentity(issuer="https://id.example", subject="s-bo", account_id=account.id, linked_us=1))
    stores.dispose()
    assert vedette("unlink", "bo").output == "bo is tied to nobody at the provider now.\n"
    with pytest.raises(NotFound, match="not tied to anybody"):
        vedette("unlink", "bo")

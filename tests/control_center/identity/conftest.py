from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine

from control_center.identity import accounts, passwords, sessions
from control_center.identity.authority import Authority
from control_center.identity.principal import Principal, Rules
from control_center.identity.roles import Role
from control_center.identity.sessions import Entrance
from device_registry import centers
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.identifiers import Origin
from foundation.keyring import Keyring

PASSWORD = "four words of mine"


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2id with its least cost: these tests are about the rules around it."""
    hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHash((hasher,)))
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def password() -> str:
    """Everybody's, once they have set their own."""
    return PASSWORD


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def origin(core: Engine, clock: ManualClock) -> Origin:
    """A city with a station below."""
    with transaction(core) as session:
        city = centers.add(session, clock, node="node-1", code="110000000000", name="City", level="city", actor="test")
        centers.add(
            session,
            clock,
            node="node-1",
            code="110101010000",
            name="Station",
            level="station",
            parent_code="110000000000",
            actor="test",
        )
        return Origin(city.id, "node-1")


@pytest.fixture
def entrance(core: Engine, origin: Origin, clock: ManualClock, tmp_path: Path) -> Entrance:
    return Entrance(core, origin, Keyring.open(tmp_path / "keys"), clock, Rules())


@pytest.fixture
def authority(origin: Origin) -> Authority:
    return Authority.command_line("cli:test", origin)


@pytest.fixture
def own(entrance: Entrance, authority: Authority) -> Principal:
    """`li`, an operator of the city, signed in, with a password of their own."""
    with transaction(entrance.core) as session:
        roles = [(Role.OPERATOR, authority.local.center_id)]
        account = accounts.create_account(session, authority, entrance.clock, username="li", roles=roles)
        once = accounts.issue_one_time_password(session, authority, entrance.clock, account)
    sessions.set_password(entrance, sessions.sign_in(entrance, "li", once).principal, PASSWORD)
    return sessions.sign_in(entrance, "li", PASSWORD).principal

"""A token from its making to its end."""

import pytest

from control_center.identity import tokens
from control_center.identity.models import Account
from control_center.identity.roles import Right
from foundation.database import reading, transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated


def test_life(entrance, own, password, clock):
    with pytest.raises(InvalidInput):
        tokens.create(entrance, own, name="x", rights=[Right.READ], days=1, password="no")
    with pytest.raises(Forbidden):
        tokens.create(entrance, own, name="x", rights=[Right.DECIDE], days=1, password=password)
    with pytest.raises(Forbidden):
        tokens.create(entrance, own, name="x", rights=[Right.AUDIT], days=1, password=password)
    row, token = tokens.create(entrance, own, name="x", rights=[Right.READ], days=1, password=password)
    assert len(token) == 47
    with reading(entrance.core) as session:
        principal, used = tokens.principal_for(session, token, clock, entrance.rules)
    assert set(principal.scopes) == {Right.READ} and used is None
    principal.require(Right.READ)
    tokens.note_use(entrance.core, principal, used, clock)
    with reading(entrance.core) as session:
        _, used = tokens.principal_for(session, token, clock, entrance.rules)
    assert used == clock.now_us() // 60_000_000 * 60_000_000
    for _ in range(19):
        tokens.create(entrance, own, name="x", rights=[Right.READ], days=1, password=password)
    with pytest.raises(Conflict):
        tokens.create(entrance, own, name="x", rights=[Right.READ], days=1, password=password)
    with transaction(entrance.core) as session:
        tokens.revoke(session, own, clock, session.get_one(Account, own.account_id), row.id)
    with reading(entrance.core) as session, pytest.raises(NotAuthenticated):
        tokens.principal_for(session, token, clock, entrance.rules)

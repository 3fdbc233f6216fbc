"""API tokens: some of their owner's present rights, from their making to their end."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update

from control_center.identity import accounts, grants, sessions, tokens
from control_center.identity.models import Account, AccountGrant, ApiToken
from control_center.identity.principal import Principal, Rules
from control_center.identity.recognition import recognise_program
from control_center.identity.roles import RIGHTS, TOKEN_RIGHTS, Right, Role
from control_center.identity.sessions import Entrance
from device_registry.models import Center
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S, ManualClock
from foundation.database import reading, reading_rows, transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound, VedetteError
from foundation.identifiers import new_id

DAY_US = 24 * 3600 * US_PER_S
MINUTE_US = 60 * US_PER_S


@pytest.fixture
def make(entrance, own, password):
    """Makes a token of `li`; returns its id and what is shown once."""

    def make(rights: Collection[Right] = (Right.READ,), days: int = 1, **changed: object) -> tuple[str, str]:
        wanted = {"name": "lamp", "rights": rights, "days": days, "password": password} | changed
        row, token = tokens.create(entrance, own, **wanted)
        return row.id, token

    return make


def shown(entrance: Entrance, token: str) -> Principal:
    return found(entrance, token)[0]


def found(entrance: Entrance, token: str) -> tuple[Principal, int | None]:
    now_us = entrance.clock.now_us()
    with reading_rows(entrance.core) as rows:
        return recognise_program(rows, sessions.token_hash(token), now_us, entrance.rules)


def is_dead(entrance: Entrance, token: str) -> bool:
    try:
        shown(entrance, token)
    except NotAuthenticated:
        return True
    return False


def test_a_token_has_the_rights_it_was_given_where_its_owner_has_them(entrance, own, make) -> None:
    _, token = make([Right.READ, Right.ENTER, Right.READ])
    assert token.startswith("vdt_")
    assert len(token) == 4 + 43
    program = shown(entrance, token)
    assert (program.method, program.username, program.locked) == ("token", "li", False)
    assert program.scopes == {right: own.scopes[right] for right in (Right.READ, Right.ENTER)}
    program.require(Right.READ)
    with pytest.raises(Forbidden):
        program.require(Right.WATCH)


def test_what_lies_in_the_database_opens_nothing(entrance, make) -> None:
    token_id, token = make()
    with reading(entrance.core) as session:
        row = session.get_one(ApiToken, token_id)
        everything = repr([vars(each) for table in (ApiToken, AuditEntry) for each in session.scalars(select(table))])
    assert token not in everything
    assert token[4:] not in everything
    for wrong in (row.token_hash, row.id, f"vdt_{row.token_hash}", token[4:], token.lower(), f"{token} ", "", "\udcff"):
        assert is_dead(entrance, wrong)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"password": "not the one"}, InvalidInput),
        ({"name": " "}, InvalidInput),
        ({"name": "x" * 101}, InvalidInput),
        ({"name": "a\nb"}, InvalidInput),
        ({"days": 0}, InvalidInput),
        ({"days": 367}, InvalidInput),
        ({"rights": []}, InvalidInput),
        ({"rights": [Right.DECIDE]}, Forbidden),
        ({"rights": [Right.READ, Right.AUDIT]}, Forbidden),
    ],
)
def test_tokens_that_are_refused(entrance, make, changed: dict[str, object], error: type[VedetteError]) -> None:
    with pytest.raises(error):
        make(**changed)
    with reading(entrance.core) as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_who_has_a_password_or_a_second_factor_to_set_makes_no_token(entrance, own, password) -> None:
    for held in (replace(own, must_change_password=True), replace(own, must_enrol=True), replace(own, locked=True)):
        with pytest.raises(VedetteError):
            tokens.create(entrance, held, name="x", rights=[Right.READ], days=1, password=password)


def test_a_token_ends_with_its_time_with_its_account_and_when_revoked(entrance, own, make, authority, clock) -> None:
    _, first = make(days=1)
    second_id, second = make(days=366)
    clock.advance(24 * 3600 - 1)
    assert not is_dead(entrance, first)
    clock.advance(1)
    assert is_dead(entrance, first)
    with transaction(entrance.core) as session:
        accounts.disable(session, authority, clock, accounts.require(session, "li"))
    assert is_dead(entrance, second)
    with transaction(entrance.core) as session:
        account = accounts.find(session, "li")
        assert account is not None
        accounts.enable(session, authority, clock, account)
    assert not is_dead(entrance, second)
    with transaction(entrance.core) as session:
        tokens.revoke(session, clock, session.get_one(Account, own.account_id), second_id, by="li")
    assert is_dead(entrance, second)


def test_a_token_is_revoked_once_and_only_for_its_account(entrance, own, make, authority, clock) -> None:
    token_id, token = make()
    with transaction(entrance.core) as session:
        other = accounts.create_account(session, authority, clock, username="bo")
        with pytest.raises(NotFound):
            tokens.revoke(session, clock, other, token_id, by="bo")
        assert not is_dead(entrance, token)
    with transaction(entrance.core) as session:
        account = session.get_one(Account, own.account_id)
        tokens.revoke(session, clock, account, token_id, by="cli:test", source="cli")
        with pytest.raises(NotFound):
            tokens.revoke(session, clock, account, token_id, by="li")
    with reading(entrance.core) as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("%:token:%")).order_by(AuditEntry.seq)
        ).all()
    assert [(entry.actor, entry.action, entry.detail["token"]) for entry in entries] == [
        ("li", "api:token:create", token_id),
        ("cli:test", "cli:token:revoke", token_id),
    ]


def test_an_account_has_twenty_in_force_whoever_asks_at_once(entrance, own, make, password, clock) -> None:
    first_id, _ = make()
    for _ in range(17):
        make(days=2)

    def one_more(_: int) -> bool:
        try:
            tokens.create(entrance, own, name="x", rights=[Right.READ], days=2, password=password)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(one_more, range(5))) == 2
    with transaction(entrance.core) as session:
        tokens.revoke(session, clock, session.get_one(Account, own.account_id), first_id, by="li")
    assert one_more(0)
    assert not one_more(0)
    clock.advance(2 * 24 * 3600)
    assert one_more(0)
    with reading(entrance.core) as session:
        assert len(tokens.listed(session, own.account_id)) == 22


def test_a_role_taken_back_counts_at_once(entrance, own, make, authority, clock) -> None:
    _, token = make([Right.READ, Right.ENTER])
    with transaction(entrance.core) as session:
        account = accounts.require(session, "li")
        [held] = session.scalars(select(AccountGrant).where(AccountGrant.account_id == account.id))
        grants.revoke(session, authority, clock, account, held.id)
        assert grants.grant(session, authority, clock, account, Role.TECHNICIAN, authority.local.center_id)
    assert set(shown(entrance, token).scopes) == {Right.ENTER}


def test_a_token_rests_while_its_owner_has_a_password_or_a_second_factor_to_set(entrance, make, authority) -> None:
    _, token = make()
    strict = replace(entrance, rules=Rules(second_factor_roles=frozenset({"operator"})))
    with pytest.raises(Forbidden, match="second factor"):
        shown(strict, token).require(Right.READ)
    with transaction(entrance.core) as session:
        once = accounts.issue_one_time_password(session, authority, entrance.clock, accounts.require(session, "li"))
    with pytest.raises(Forbidden, match="own password"):
        shown(entrance, token).require(Right.READ)
    sessions.set_password(entrance, sessions.sign_in(entrance, "li", once).principal, "other words of mine")
    shown(entrance, token).require(Right.READ)


def test_its_use_is_noted_once_a_minute(entrance: Entrance, make, clock: ManualClock) -> None:
    token_id, token = make()
    writes: list[str] = []
    event.listen(
        entrance.core,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: writes.append(statement) if statement.startswith("UPDATE api_token") else None,
    )

    def use() -> int | None:
        program, noted_us = found(entrance, token)
        tokens.note_use(entrance.core, program, noted_us, clock)
        with reading(entrance.core) as session:
            return session.get_one(ApiToken, token_id).used_us

    minute_us = clock.now_us() // MINUTE_US * MINUTE_US
    assert {use() for _ in range(10)} == {minute_us}
    assert len(writes) == 1
    clock.advance(60)
    assert {use() for _ in range(10)} == {minute_us + MINUTE_US}
    clock.step(-3600)
    assert use() == minute_us + MINUTE_US
    assert len(writes) == 2


def test_a_use_that_cannot_be_noted_stops_nobody(entrance: Entrance, make, clock: ManualClock) -> None:
    _, token = make()
    program = shown(entrance, token)
    with entrance.core.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE api_token RENAME TO elsewhere")
    tokens.note_use(entrance.core, program, None, clock)
    assert program.session_id not in tokens._being_noted


@st.composite
def held_roles(draw: st.DrawFn) -> list[tuple[Role, int, str]]:
    kind = st.sampled_from(["for_good", "loan", "over", "revoked"])
    role = st.tuples(st.sampled_from(Role), st.integers(0, 1), kind)
    return draw(st.lists(role, max_size=4, unique_by=lambda held: held[:2]))


@settings(max_examples=30)
@given(
    asked=st.sets(st.sampled_from(Right)),
    before=held_roles(),
    after=held_roles(),
    required=st.sets(st.sampled_from(Role)),
)
def test_no_token_ever_exceeds_its_owner(entrance, own, password, asked, before, after, required) -> None:
    """Whatever was asked for, and whatever the owner's roles become: where the program gets, its owner does."""
    strict = replace(entrance, rules=Rules(second_factor_roles=frozenset(required)))
    _hold(entrance, own.account_id, before)
    opened = sessions.sign_in(entrance, "li", password)
    allowed = _present(entrance, opened.token)
    try:
        row, token = tokens.create(entrance, allowed, name="x", rights=asked, days=1, password=password)
    except VedetteError:
        assert not asked or not asked <= TOKEN_RIGHTS & set(allowed.scopes)
        return
    assert asked <= TOKEN_RIGHTS & set(allowed.scopes)
    _hold(entrance, own.account_id, after)
    person, program = _present(strict, opened.token), shown(strict, token)
    assert set(program.scopes) == asked & set(person.scopes)
    assert all(program.scope_of(right).center_ids <= person.scope_of(right).center_ids for right in Right)
    assert (program.must_enrol, program.must_change_password) == (person.must_enrol, person.must_change_password)
    assert program.rights_until_us <= row.expires_us
    with transaction(entrance.core) as session:
        session.execute(delete(ApiToken))


def test_no_token_decides_lends_or_administers() -> None:
    assert not TOKEN_RIGHTS & {Right.DECIDE, Right.OVERRULE, Right.LEND, Right.ADMINISTER}
    assert set().union(*RIGHTS.values()) >= TOKEN_RIGHTS


def test_rights_that_were_written_into_the_row_by_hand_count_for_nothing(entrance, make) -> None:
    token_id, token = make()
    with transaction(entrance.core) as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(rights=["decide", "king", "read"]))
    assert set(shown(entrance, token).scopes) == {Right.READ}


def _present(entrance: Entrance, token: str) -> Principal:
    with reading(entrance.core) as session:
        return sessions.authenticate(session, token, entrance.clock, entrance.rules)


def _hold(entrance: Entrance, account_id: str, roles: list[tuple[Role, int, str]]) -> None:
    """These are the account's roles now."""
    now_us = entrance.clock.now_us()
    until = {"loan": now_us + DAY_US, "over": now_us}
    with transaction(entrance.core) as session:
        session.execute(delete(AccountGrant).where(AccountGrant.account_id == account_id))
        places = session.scalars(select(Center.id).order_by(Center.code)).all()
        for role, place, kind in roles:
            session.add(
                AccountGrant(
                    id=new_id(entrance.clock),
                    account_id=account_id,
                    role=role,
                    center_id=places[place],
                    granted_us=now_us,
                    granted_by="cli:test",
                    until_us=until.get(kind),
                    revoked_us=now_us if kind == "revoked" else None,
                )
            )

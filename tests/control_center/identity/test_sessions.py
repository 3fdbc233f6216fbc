from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from control_center.identity import accounts, passwords, session_rows, sessions
from control_center.identity.authority import Authority
from control_center.identity.models import Account, AccountSession
from control_center.identity.principal import Principal, Rules
from control_center.identity.roles import RIGHTS, Right, Role
from control_center.identity.sessions import Entrance
from device_registry import centers
from foundation.audit import AuditEntry
from foundation.clock import ManualClock
from foundation.database import reading, transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound, SessionLocked, TooMany
from foundation.identifiers import Origin
from foundation.scope import Scope

OWN = "four words of mine"


@pytest.fixture
def once(core: Engine, authority: Authority, clock: ManualClock) -> str:
    """The one-time password of the account `li`, an operator."""
    with transaction(core) as session:
        roles = [(Role.OPERATOR, authority.local.center_id)]
        account = accounts.create_account(session, authority, clock, username="Li", roles=roles)
        return accounts.issue_one_time_password(session, authority, clock, account)


@pytest.fixture
def own(entrance: Entrance, once: str) -> Principal:
    """`li`, signed in, with a password of their own."""
    principal = sessions.sign_in(entrance, "li", once).principal
    sessions.set_password(entrance, principal, OWN)
    return principal


def _may_enter(entrance: Entrance, password: str, username: str = "li") -> bool:
    try:
        sessions.sign_in(entrance, username, password)
    except NotAuthenticated:
        return False
    return True


def _issue(entrance: Entrance, authority: Authority, username: str = "li") -> str:
    with transaction(entrance.core) as session:
        account = accounts.require(session, username)
        return accounts.issue_one_time_password(session, authority, entrance.clock, account)


def test_an_account_without_a_password_lets_nobody_in(
    entrance: Entrance, authority: Authority, core: Engine, clock: ManualClock
) -> None:
    with transaction(core) as session:
        accounts.create_account(session, authority, clock, username="li")
    assert not _may_enter(entrance, "")


def test_a_one_time_password_works_once_and_for_a_day(
    entrance: Entrance, authority: Authority, clock: ManualClock, once: str
) -> None:
    second = _issue(entrance, authority)
    assert not _may_enter(entrance, once)
    assert _may_enter(entrance, second)
    assert not _may_enter(entrance, second)
    third = _issue(entrance, authority)
    clock.advance(24 * 3600)
    assert not _may_enter(entrance, third)


def test_of_two_who_use_a_one_time_password_at_once_one_gets_in(entrance: Entrance, once: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        entered = list(pool.map(lambda _: _may_enter(entrance, once), range(4)))
    assert entered.count(True) == 1


def test_only_an_own_password_gives_rights(entrance: Entrance, core: Engine, clock: ManualClock, once: str) -> None:
    opened = sessions.sign_in(entrance, "li", once)
    with pytest.raises(Forbidden, match="own password"):
        opened.principal.require(Right.READ)
    sessions.set_password(entrance, opened.principal, OWN)
    with reading(core) as session:
        sessions.authenticate(session, opened.token, clock, entrance.rules).require(Right.READ)


def test_ten_failures_lock_the_account_for_five_minutes(entrance: Entrance, clock: ManualClock, own: Principal) -> None:
    for _ in range(9):
        assert not _may_enter(entrance, "wrong")
    assert _may_enter(entrance, OWN)
    for _ in range(10):
        assert not _may_enter(entrance, "wrong")
    assert not _may_enter(entrance, OWN)
    clock.advance(5 * 60 - 1)
    assert not _may_enter(entrance, OWN)
    clock.advance(1)
    assert _may_enter(entrance, OWN)


def test_a_new_one_time_password_ends_sessions_and_lock(
    entrance: Entrance, authority: Authority, core: Engine, own: Principal
) -> None:
    for _ in range(10):
        _may_enter(entrance, "wrong")
    fresh = _issue(entrance, authority)
    with reading(core) as session:
        assert session.scalar(select(func.count()).where(AccountSession.ended_us.is_(None))) == 0
    assert _may_enter(entrance, fresh)


def test_an_unknown_user_costs_the_same_work_and_gets_the_same_answer(
    entrance: Entrance, own: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting:
        def verify(self, _password: str, known: str) -> bool:
            verified.append(known)
            return False

        def hash(self, _password: str) -> str:
            return "$nobody"

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    answers = set()
    for username in ("li", "nobody", "", "li\0", "\udcff"):
        with pytest.raises(NotAuthenticated) as caught:
            sessions.sign_in(entrance, username, "wrong")
        answers.add(str(caught.value))
    assert len(verified) == 5
    assert len(answers) == 1


def test_a_disabled_account_is_out_at_once(
    entrance: Entrance, authority: Authority, core: Engine, clock: ManualClock, own: Principal
) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    with transaction(core) as session:
        accounts.disable(session, authority, clock, accounts.require(session, "li"))
    with reading(core) as session, pytest.raises(NotAuthenticated):
        sessions.authenticate(session, token, clock, entrance.rules)
    assert not _may_enter(entrance, OWN)
    with pytest.raises(NotFound):
        _issue(entrance, authority)


def test_the_scope_is_the_center_and_all_below(core: Engine, origin: Origin, own: Principal) -> None:
    with reading(core) as session:
        station = centers.find(session, "110101010000")
        assert station is not None
    assert own.scope_of(Right.READ) == Scope([origin.center_id, station.id])
    assert own.scope == Scope()


@pytest.mark.parametrize("password", ["", "eleven char", "li li li", "x" * 257, OWN])
def test_passwords_that_are_refused(entrance: Entrance, own: Principal, password: str) -> None:
    with pytest.raises(InvalidInput, match="password"):
        sessions.set_password(entrance, own, password)


def test_a_password_is_the_same_on_every_keyboard(
    entrance: Entrance, core: Engine, clock: ManualClock, own: Principal
) -> None:
    sessions.set_password(entrance, own, "ｆｕｌｌ-ｗｉｄｔｈ１２３ é")
    assert _may_enter(entrance, "full-width123 e\u0301")


def test_no_secret_lies_in_the_database(entrance: Entrance, core: Engine, own: Principal) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    with reading(core) as session:
        rows = [
            repr(vars(row)) for table in (Account, AccountSession, AuditEntry) for row in session.scalars(select(table))
        ]
    assert not any(token in row or OWN in row for row in rows)


@pytest.mark.parametrize("username", ["", "a b", "ü", "-x", "x" * 65, "a/b"])
def test_names_that_are_refused(authority: Authority, core: Engine, clock: ManualClock, username: str) -> None:
    with transaction(core) as session, pytest.raises(InvalidInput):
        accounts.create_account(session, authority, clock, username=username)


def test_a_name_is_taken_whatever_its_case(authority: Authority, core: Engine, clock: ManualClock, once: str) -> None:
    with transaction(core) as session, pytest.raises(Conflict):
        accounts.create_account(session, authority, clock, username="LI")


def test_every_role_has_its_rights() -> None:
    assert set(RIGHTS) == set(Role)


@given(st.text(max_size=40))
def test_a_wrong_password_never_verifies(text: str) -> None:
    assert not passwords.verify_password(text, None)
    assert not passwords.verify_password(text, "not a hash")


def test_one_time_passwords_differ_and_keep_the_rules() -> None:
    issued = {passwords.new_one_time_password() for _ in range(50)}
    assert len(issued) == 50
    assert all(len(password) == 19 for password in issued)


def test_who_has_a_password_proves_it_to_set_another(
    entrance: Entrance, core: Engine, own: Principal, clock: ManualClock
) -> None:
    present = sessions.sign_in(entrance, "li", OWN).principal
    for wrong in (None, "", "other words of mine"):
        with pytest.raises(InvalidInput, match="not the password you have"):
            sessions.set_password(entrance, present, "other words of mine", wrong)
    sessions.set_password(entrance, present, "other words of mine", OWN)
    assert _may_enter(entrance, "other words of mine")


def test_a_flood_of_passwords_is_refused_and_not_waited_for() -> None:
    with passwords._PLACES, passwords._PLACES, ThreadPoolExecutor(30) as threads:
        floods = [threads.submit(passwords.hash_password, "x" * 12) for _ in range(30)]
        refused, _ = wait(floods, timeout=60, return_when=FIRST_COMPLETED)
        assert all(isinstance(flood.exception(), TooMany) for flood in refused)
        while len(refused) < 20:
            refused, _ = wait(floods, timeout=0.1)
        for _ in range(2):
            passwords._PLACES.release()
        answered = [flood for flood in floods if flood.exception() is None]
        for _ in range(2):
            passwords._PLACES.acquire()
    assert len(answered) == 10


def _again(entrance: Entrance, token: str) -> Principal:
    with reading(entrance.core) as session:
        return sessions.authenticate(session, token, entrance.clock, entrance.rules)


def test_a_console_without_a_person_locks_and_keeps_its_wall(
    entrance: Entrance, own: Principal, clock: ManualClock
) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    clock.advance(30 * 60)
    assert not _again(entrance, token).locked
    clock.advance(1)
    locked = _again(entrance, token)
    assert locked.locked
    for right in (Right.ENTER, Right.SEE_CAMERAS, Right.WATCH):
        locked.require(right)
    for right in (Right.READ, Right.PLAYBACK, Right.DECIDE):
        with pytest.raises(SessionLocked):
            locked.require(right)
    with transaction(entrance.core) as session, pytest.raises(SessionLocked):
        sessions.note_activity(session, locked, clock)


def test_input_keeps_a_console_unlocked(entrance: Entrance, own: Principal, clock: ManualClock) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    for _ in range(3):
        clock.advance(20 * 60)
        with transaction(entrance.core) as session:
            sessions.note_activity(session, _again(entrance, token), clock)
    assert not _again(entrance, token).locked


def test_a_locked_console_opens_for_its_person_alone(entrance: Entrance, own: Principal, clock: ManualClock) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    with transaction(entrance.core) as session:
        sessions.lock(session, _again(entrance, token), clock)
    for _ in range(10):
        with pytest.raises(NotAuthenticated):
            sessions.unlock(entrance, _again(entrance, token), "wrong")
    with pytest.raises(TooMany):  # the session's own tries; strangers cannot use them up
        sessions.unlock(entrance, _again(entrance, token), OWN)
    clock.advance(30)
    sessions.unlock(entrance, _again(entrance, token), OWN)
    assert not _again(entrance, token).locked


def test_a_clock_set_back_locks_nobody_for_longer(entrance: Entrance, own: Principal, clock: ManualClock) -> None:
    token = sessions.sign_in(entrance, "li", OWN).token
    clock.step(-3600)
    assert not _again(entrance, token).locked
    clock.step(2 * 3600)
    assert _again(entrance, token).locked
    sessions.unlock(entrance, _again(entrance, token), OWN)
    assert not _again(entrance, token).locked


def test_a_session_that_was_ended_stays_ended(entrance: Entrance, own: Principal, clock: ManualClock) -> None:
    opened = sessions.sign_in(entrance, "li", OWN, visit=sessions.Visit("192.0.2.7", "Browser\r\nX: 1" + "x" * 500))
    with reading(entrance.core) as session:
        row = session.get_one(AccountSession, opened.principal.token_hash)
        assert (row.address, len(row.agent), "\n" in row.agent) == ("192.0.2.7", 200, False)
    with transaction(entrance.core) as session:
        session_rows.end_session(session, clock, opened.principal.session_id, by="chen")
    with pytest.raises(NotAuthenticated):
        _again(entrance, opened.token)
    with transaction(entrance.core) as session, pytest.raises(NotFound):
        session_rows.end_session(session, clock, opened.principal.session_id, by="chen")


def test_each_sign_in_has_a_token_of_its_own(entrance: Entrance, own: Principal) -> None:
    tokens = {sessions.sign_in(entrance, "li", OWN).token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 43 for token in tokens)


def test_a_role_may_ask_for_a_second_factor(entrance: Entrance, own: Principal) -> None:
    strict = replace(entrance, rules=Rules(second_factor_roles=frozenset({"operator"})))
    principal = sessions.sign_in(strict, "li", OWN).principal
    assert principal.must_enrol
    with pytest.raises(Forbidden, match="second factor"):
        principal.require(Right.ENTER)

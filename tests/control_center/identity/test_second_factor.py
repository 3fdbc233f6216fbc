"""A second factor from its setting up to its end, and what it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select

from control_center.identity import accounts, passwords, recovery, second_factor, sessions
from control_center.identity.authority import Authority
from control_center.identity.models import Account, AccountSession, RecoveryCode
from control_center.identity.principal import Principal, Rules
from control_center.identity.roles import Right, Role
from control_center.identity.sessions import Entrance
from device_registry import centers
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, SecondFactor, TooMany
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope


def shown(entrance: Entrance, secret: bytes) -> str:
    """What the authenticator shows."""
    return TOTP(secret, 6, SHA1(), 30).generate(entrance.clock.now_us() // US_PER_S).decode()


def wrong(entrance: Entrance, secret: bytes) -> str:
    now_s = entrance.clock.now_us() // US_PER_S
    near = {TOTP(secret, 6, SHA1(), 30).generate(now_s + off).decode() for off in (-30, 0, 30)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


@pytest.fixture
def secret(entrance: Entrance, own: Principal, password: str) -> bytes:
    """Of `li`'s authenticator, begun and not confirmed."""
    return second_factor.begin(entrance, own, password)


@pytest.fixture
def codes(entrance: Entrance, own: Principal, secret: bytes) -> list[str]:
    """The recovery codes of `li`, whose second factor is in force; the code of this step is still good."""
    codes = second_factor.confirm(entrance, own, shown(entrance, secret))
    entrance.clock.advance(30)
    return codes


def holder(entrance: Entrance, password: str, code: str) -> Principal:
    return sessions.sign_in(entrance, "li", password, code=code).principal


def enters(entrance: Entrance, password: str, code: str | None) -> bool:
    try:
        sessions.sign_in(entrance, "li", password, code=code)
    except NotAuthenticated:
        return False
    return True


def test_it_is_asked_for_from_its_first_right_code_on(
    entrance: Entrance, own: Principal, password: str, secret: bytes
) -> None:
    assert enters(entrance, password, None)
    with pytest.raises(InvalidInput, match="the code is wrong"):
        second_factor.confirm(entrance, own, wrong(entrance, secret))
    assert enters(entrance, password, None)
    code = shown(entrance, secret)
    assert len(second_factor.confirm(entrance, own, f"{code[:3]} {code[3:]}")) == 10
    with pytest.raises(SecondFactor, match="is needed"):
        sessions.sign_in(entrance, "li", password)
    with pytest.raises(SecondFactor, match="used already"):
        sessions.sign_in(entrance, "li", password, code=code)


def test_a_code_opens_one_session(entrance: Entrance, password: str, secret: bytes, codes: list[str]) -> None:
    code = shown(entrance, secret)
    assert holder(entrance, password, code).has_second_factor
    assert not enters(entrance, password, code)
    assert enters(entrance, password, codes[3])
    assert not enters(entrance, password, codes[3])


@pytest.mark.parametrize("kind", ["authenticator", "recovery"])
def test_of_many_who_sign_in_with_one_code_one_gets_in(
    entrance: Entrance, password: str, secret: bytes, codes: list[str], kind: str
) -> None:
    code = shown(entrance, secret) if kind == "authenticator" else codes[0]
    gate = Barrier(4)

    def at_once(_: int) -> bool:
        gate.wait(20)
        return enters(entrance, password, code)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(at_once, range(4))).count(True) == 1


def test_a_code_is_worth_nothing_without_the_password(
    entrance: Entrance, password: str, secret: bytes, codes: list[str]
) -> None:
    code = shown(entrance, secret)
    with pytest.raises(NotAuthenticated) as caught:
        sessions.sign_in(entrance, "li", "not the password", code=code)
    assert caught.type is NotAuthenticated  # no word of a second factor
    assert enters(entrance, password, code)  # nor was it used up


def test_wrong_codes_count_as_wrong_passwords_do(
    entrance: Entrance, password: str, secret: bytes, codes: list[str]
) -> None:
    for _ in range(10):
        with pytest.raises(SecondFactor):
            sessions.sign_in(entrance, "li", password, code=wrong(entrance, secret))
    with pytest.raises(NotAuthenticated) as caught:
        sessions.sign_in(entrance, "li", password, code=shown(entrance, secret))
    assert caught.type is NotAuthenticated
    entrance.clock.advance(300)  # the account's rest is over; codes come at a pace of their own
    with pytest.raises(TooMany):
        sessions.sign_in(entrance, "li", password, code=shown(entrance, secret))
    entrance.clock.advance(300)
    assert enters(entrance, password, shown(entrance, secret))


def test_a_right_password_alone_does_not_wipe_out_wrong_codes(
    entrance: Entrance, password: str, secret: bytes, codes: list[str]
) -> None:
    for _ in range(10):
        assert not enters(entrance, password, wrong(entrance, secret))
        assert not enters(entrance, password, None)
    assert not enters(entrance, password, shown(entrance, secret))


def test_whoever_is_refused_cost_the_same_work(
    entrance: Entrance, password: str, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One computation each, whether the user is unknown or has a second factor, with a code or without."""
    verified: list[str] = []

    class Counting:
        def verify(self, _password: str, known: str) -> bool:
            verified.append(known)
            return False

        def hash(self, _password: str) -> str:
            return "$nobody"

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    answers = set()
    for username in ("li", "nobody"):
        for code in (None, "", "123456", codes[0]):
            with pytest.raises(NotAuthenticated) as caught:
                sessions.sign_in(entrance, username, password, code=code)
            answers.add((caught.type, str(caught.value)))
    assert len(verified) == 8
    assert len(answers) == 1


def test_setting_up_and_removing_ask_for_the_password(
    entrance: Entrance, own: Principal, password: str, secret: bytes
) -> None:
    with pytest.raises(InvalidInput, match="not the password you have"):
        second_factor.begin(entrance, own, "not the password")
    second_factor.confirm(entrance, own, shown(entrance, secret))
    entrance.clock.advance(30)
    with pytest.raises(Conflict, match="Remove it first"):
        second_factor.begin(entrance, own, password)
    present = holder(entrance, password, shown(entrance, secret))
    entrance.clock.advance(30)
    code = shown(entrance, secret)
    for given, proof in (("not the password", code), (password, ""), (password, wrong(entrance, secret))):
        with pytest.raises(InvalidInput):
            second_factor.remove(entrance, present, given, proof)
    second_factor.remove(entrance, present, password, code)
    assert enters(entrance, password, None)


def test_an_unattended_console_is_no_place_to_guess(entrance: Entrance, own: Principal, password: str) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            second_factor.begin(entrance, own, "not the password")
    with pytest.raises(TooMany):
        second_factor.begin(entrance, own, password)


def test_a_secret_begun_anew_replaces_the_one_before(
    entrance: Entrance, own: Principal, password: str, secret: bytes
) -> None:
    another = second_factor.begin(entrance, own, password)
    with pytest.raises(InvalidInput):
        second_factor.confirm(entrance, own, shown(entrance, secret))
    second_factor.confirm(entrance, own, shown(entrance, another))
    with pytest.raises(Conflict):
        second_factor.confirm(entrance, own, shown(entrance, another))


def test_nothing_is_confirmed_that_was_not_begun(entrance: Entrance, own: Principal) -> None:
    with pytest.raises(Conflict, match="Begin anew"):
        second_factor.confirm(entrance, own, "123456")
    with pytest.raises(Conflict, match="no second factor"):
        second_factor.remove(entrance, own, "four words of mine", "123456")


def test_who_holds_a_one_time_password_sets_their_own_first(entrance: Entrance, authority: Authority) -> None:
    with transaction(entrance.core) as session:
        account = accounts.create_account(session, authority, entrance.clock, username="bo")
        once = accounts.issue_one_time_password(session, authority, entrance.clock, account)
    principal = sessions.sign_in(entrance, "bo", once).principal
    with pytest.raises(Forbidden, match="own password first"):
        second_factor.begin(entrance, principal, once)


def test_sessions_opened_without_it_end(entrance: Entrance, own: Principal, password: str, secret: bytes) -> None:
    other = sessions.sign_in(entrance, "li", password)
    second_factor.confirm(entrance, own, shown(entrance, secret))
    with reading(entrance.core) as session:
        with pytest.raises(NotAuthenticated):
            sessions.authenticate(session, other.token, entrance.clock, entrance.rules)
        assert session.get_one(AccountSession, own.token_hash).ended_us is None


def test_a_role_that_asks_for_one_gives_no_right_before(entrance: Entrance, own: Principal, password: str) -> None:
    strict = replace(entrance, rules=Rules(second_factor_roles=frozenset({"operator"})))
    opened = sessions.sign_in(strict, "li", password)
    assert opened.principal.must_enrol
    for right in Right:
        with pytest.raises(Forbidden, match="second factor"):
            opened.principal.require(right)
    secret = second_factor.begin(strict, opened.principal, password)
    second_factor.confirm(strict, opened.principal, shown(strict, secret))
    with reading(strict.core) as session:
        present = sessions.authenticate(session, opened.token, strict.clock, strict.rules)
    present.require(Right.READ)


def test_an_administrator_resets_it(
    entrance: Entrance, authority: Authority, password: str, secret: bytes, codes: list[str]
) -> None:
    opened = sessions.sign_in(entrance, "li", password, code=shown(entrance, secret))
    with transaction(entrance.core) as session:
        second_factor.reset(session, authority, entrance.clock, accounts.require(session, "li"))
    with reading(entrance.core) as session:
        with pytest.raises(NotAuthenticated):
            sessions.authenticate(session, opened.token, entrance.clock, entrance.rules)
        assert session.scalars(select(RecoveryCode)).all() == []
    assert enters(entrance, password, None)
    with transaction(entrance.core) as session, pytest.raises(Conflict, match="has no second factor"):
        second_factor.reset(session, authority, entrance.clock, accounts.require(session, "li"))


def test_nobody_resets_their_own_nor_that_of_an_account_that_reaches_further(
    entrance: Entrance, origin: Origin, own: Principal, codes: list[str]
) -> None:
    with reading(entrance.core) as session:
        station = centers.find(session, "110101010000")
        assert station is not None
    narrow = Authority("api", "chen", "another", origin, Scope([station.id]))
    self_made = Authority("api", "li", own.account_id, origin, Scope([origin.center_id, station.id]))
    for authority, words in ((narrow, "beyond yours"), (self_made, "their own rights")):
        with transaction(entrance.core) as session, pytest.raises(Forbidden, match=words):
            second_factor.reset(session, authority, entrance.clock, accounts.require(session, "li"))


def test_neither_secret_nor_code_lies_in_the_database_or_the_trail(
    entrance: Entrance, password: str, secret: bytes, codes: list[str]
) -> None:
    code = shown(entrance, secret)
    holder(entrance, password, code)
    with reading(entrance.core) as session:
        rows = [row for table in (Account, RecoveryCode, AuditEntry) for row in session.scalars(select(table))]
        told = repr([vars(row) for row in rows])
        actions = [row.action for row in rows if isinstance(row, AuditEntry)]
    assert "api:second_factor:enrol" in actions
    assert repr(secret)[2:-1] not in told
    assert not any(each in told for each in [*codes, *map(recovery.canonical, codes)])


def test_the_secret_outlives_the_key_it_was_sealed_with(
    entrance: Entrance, password: str, secret: bytes, codes: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from foundation import sealed

    old = entrance.keyring.current_id
    entrance.keyring.rotate()
    assert sealed.reseal(entrance.core, entrance.keyring).done == {"account.totp_secret": 1}
    entrance.keyring.retire(old)
    assert isinstance(entrance.keyring, Keyring)
    assert enters(entrance, password, shown(entrance, secret))


def test_all_roles_may_be_asked_for_one() -> None:
    from foundation.settings import IdentitySettings

    assert Rules.of(IdentitySettings(second_factor_roles=[*Role])).second_factor_roles == set(Role)

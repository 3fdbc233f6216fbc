"""Codes of the second factor: right, wrong, used, raced for, and under a clock that is set back."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from control_center.identity import recovery, totp
from control_center.identity.models import Account, RecoveryCode
from control_center.identity.principal import Principal
from control_center.identity.sessions import Entrance
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S, ManualClock
from foundation.database import reading, transaction

SECRET = b"12345678901234567890"


def shown(clock: ManualClock, after_s: float = 0) -> str:
    """What an authenticator with `SECRET` shows."""
    return TOTP(SECRET, 6, SHA1(), 30).generate(clock.now_us() // US_PER_S + after_s).decode()


@pytest.fixture
def codes(entrance: Entrance, own: Principal) -> list[str]:
    """Recovery codes of `li`, who has the second factor `SECRET`."""
    with transaction(entrance.core) as session:
        account = session.get_one(Account, own.account_id)
        account.totp_secret = totp.sealed(entrance.keyring, account.id, SECRET)
        account.totp_confirmed_us = entrance.clock.now_us()
        return recovery.issue(session, account)


@pytest.fixture
def accepts(entrance: Entrance, own: Principal, codes: list[str]) -> Callable[[str], bool]:
    def ask(code: str) -> bool:
        with transaction(entrance.core) as session:
            account = session.get_one(Account, own.account_id, with_for_update=True)
            return totp.check(session, entrance.keyring, account, code, entrance.clock)

    return ask


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(accepts: Callable[[str], bool], clock: ManualClock, at_s: int, code: str) -> None:
    clock.step(at_s - clock.now_us() / US_PER_S)
    assert accepts(code)


@pytest.mark.parametrize(("after_s", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_either_way(accepts: Callable[[str], bool], clock: ManualClock, after_s: int, good: bool) -> None:
    assert accepts(shown(clock, after_s)) is good


def test_a_code_works_once_and_none_before_it(accepts: Callable[[str], bool], clock: ManualClock) -> None:
    code, before = shown(clock), shown(clock, -30)
    assert accepts(f" {code[:3]} {code[3:]}\n")
    assert not accepts(code)
    assert not accepts(before)
    clock.advance(30)
    assert not accepts(code)
    assert accepts(shown(clock))


@given(st.lists(st.tuples(st.integers(-600, 600), st.integers(-1, 1)), min_size=2, max_size=20))
def test_no_code_works_twice_whatever_the_clock_does(
    accepts: Callable[[str], bool], clock: ManualClock, moves: list[tuple[int, int]]
) -> None:
    taken = set()
    for seconds, off in moves:
        clock.step(seconds)
        step = clock.now_us() // US_PER_S // 30 + off
        if accepts(shown(clock, off * 30)):
            assert step not in taken
            taken.add(step)


def test_a_clock_that_was_wrong_locks_nobody_out(accepts: Callable[[str], bool], clock: ManualClock) -> None:
    right = shown(clock)
    clock.step(86_400)
    assert not accepts(right)  # the authenticator is right, the server is not
    clock.step(-86_400)
    assert accepts(right)


@pytest.mark.parametrize(
    "code", ["", " ", "-", "12345", "1234567", "１２３４５６", "abcdef", "\0" * 6, "\udcff", "9" * 64]
)
def test_what_is_no_code(accepts: Callable[[str], bool], code: str) -> None:
    assert not accepts(code)


def test_of_two_with_one_code_one_gets_in(
    entrance: Entrance, own: Principal, codes: list[str], clock: ManualClock
) -> None:
    """Without the account's row held first, as the statement alone must do it."""
    for code in (shown(clock), codes[0]):
        gate = Barrier(4)

        def ask(code: str = code, gate: Barrier = gate) -> bool:
            with reading(entrance.core) as session:
                account = session.get_one(Account, own.account_id)
            gate.wait(20)
            with transaction(entrance.core) as session:
                return totp.check(session, entrance.keyring, account, code, clock)

        with ThreadPoolExecutor(4) as pool:
            taken = [each.result() for each in [pool.submit(ask) for _ in range(4)]]
        assert taken.count(True) == 1


def test_a_recovery_code_works_once_and_is_audited(
    entrance: Entrance, accepts: Callable[[str], bool], codes: list[str]
) -> None:
    assert len(set(codes)) == 10
    for code in codes:
        assert accepts(code.upper().replace("-", " "))
        assert not accepts(code)
    with reading(entrance.core) as session:
        rows = session.scalars(select(RecoveryCode)).all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:recovery_code:use")).all()
    assert all(row.used_us is not None for row in rows)
    assert len(entries) == 10
    told = repr([vars(row) for row in [*rows, *entries]])
    assert not any(code in told or recovery.canonical(code) in told for code in codes)


def test_another_accounts_secret_opens_nothing(
    entrance: Entrance, own: Principal, accepts: Callable[[str], bool], codes: list[str], clock: ManualClock
) -> None:
    with transaction(entrance.core) as session:
        stolen = totp.sealed(entrance.keyring, "0190-somebody-else", SECRET)
        session.get_one(Account, own.account_id).totp_secret = stolen
    assert not accepts(shown(clock))
    assert accepts(codes[0])


def test_a_lost_key_leaves_the_recovery_codes(
    entrance: Entrance, own: Principal, accepts: Callable[[str], bool], codes: list[str], clock: ManualClock
) -> None:
    with transaction(entrance.core) as session:
        account = session.get_one(Account, own.account_id)
        assert account.totp_secret is not None
        account.totp_secret = "f" * 16 + account.totp_secret[16:]
    assert not accepts(shown(clock))
    assert accepts(codes[0])


def test_what_an_authenticator_is_given() -> None:
    secret = totp.new_secret()
    assert len(secret) == 20
    read = urlsplit(totp.provisioning_uri(secret, "li.na"))
    assert (read.scheme, read.netloc, read.path) == ("otpauth", "totp", "/Vedette:li.na")
    asked = {name: values[0] for name, values in parse_qs(read.query).items()}
    assert base64.b32decode(asked.pop("secret")) == base64.b32decode(totp.as_base32(secret)) == secret
    assert asked == {"issuer": "Vedette", "algorithm": "SHA1", "digits": "6", "period": "30"}

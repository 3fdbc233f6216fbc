"""Signing in and out, locking and unlocking. A session is an opaque random token in the browser and its hash in the
database.

Whoever fails to sign in gets one answer, whether the user is unknown, the password wrong, or the account locked. Only
who had the right password learns that a second factor is asked for.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from control_center.identity import accounts, totp
from control_center.identity.devices import Device
from control_center.identity.models import Account, AccountSession
from control_center.identity.passwords import LONGEST, check_rules, hash_password, verify_password
from control_center.identity.principal import Method, Principal, Rules
from control_center.identity.recognition import recognise
from control_center.identity.session_rows import end_sessions
from control_center.identity.throttle import Attempt, Refusal, Throttle, note_refusal
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock
from foundation.database import reading, transaction
from foundation.errors import InvalidInput, NotAuthenticated, SecondFactor
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring

SESSION_US = 12 * 3600 * US_PER_S
ONE_TIME_US = 24 * 3600 * US_PER_S
FAILURES_ALLOWED = 10
LOCK_OUT_US = 5 * 60 * US_PER_S


@dataclass(frozen=True, slots=True)
class Entrance:
    """What it takes to let people in. `origin` is this center, for the audit of unknown users."""

    core: Engine
    origin: Origin
    keyring: Keyring
    clock: Clock
    rules: Rules
    throttle: Throttle = field(default_factory=Throttle)


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a sign-in comes from, as far as the server can tell."""

    address: str = ""
    agent: str = ""
    device: Device | None = None  # the browser, where it is known


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    principal: Principal


def sign_in(
    entrance: Entrance, username: str, password: str, *, code: str | None = None, visit: Visit | None = None
) -> SignedIn:
    """Open a session, or raise `NotAuthenticated`; `SecondFactor` when the password was right and the code was not."""
    with reading(entrance.core) as session:
        account = accounts.find(session, username)
    known_hash = account.password_hash if account else None
    visit = visit or Visit()
    known = visit.device.key_for(account.id) if visit.device and account else None
    with entrance.throttle.attempt(entrance.clock, visit.address, known) as attempt:
        # Outside of any transaction: hashing takes a tenth of a second, and SQLite has one writer.
        right = verify_password(password[: 4 * LONGEST], known_hash)
        with transaction(entrance.core) as session:
            account = _held(session, account.id) if account else None
            refusal = _refusal(session, entrance, attempt, account, known_hash if right else None, code)
            if account is not None and refusal is None:
                return open_session(session, entrance, account, "password", visit)
    raise refusal or _not_let_in()


def open_session(session: Session, entrance: Entrance, account: Account, method: Method, visit: Visit) -> SignedIn:
    """Open a session for somebody whose proof was checked."""
    now_us = entrance.clock.now_us()
    token = secrets.token_urlsafe(32)
    account.failures = 0
    if account.password_state == "one_time" and method == "password":  # noqa: S105 - a state
        account.password_state = "consumed"  # noqa: S105 - a state
    session.execute(delete(AccountSession).where(AccountSession.expires_us <= now_us))
    opened = AccountSession(
        token_hash=token_hash(token),
        id=new_id(entrance.clock),
        account_id=account.id,
        method=method,
        address=visit.address[:64],
        agent=_printable(visit.agent)[:200],
        created_us=now_us,
        expires_us=now_us + SESSION_US,
        active_us=now_us,
    )
    session.add(opened)
    principal = authenticate(session, token, entrance.clock, entrance.rules)
    detail = {"session": opened.id, "method": method, "address": opened.address}
    _audit(session, AuditAction.API_SESSION_OPEN, principal, entrance.clock, detail)
    return SignedIn(token, principal)


def authenticate(session: Session, token: str, clock: Clock, rules: Rules) -> Principal:
    """Who holds this session's token; raises `NotAuthenticated`."""
    session.flush()
    return recognise(session.connection(), token_hash(token), clock.now_us(), rules)


def sign_out(session: Session, principal: Principal, clock: Clock) -> None:
    session.execute(
        update(AccountSession)
        .where(AccountSession.token_hash == principal.token_hash, AccountSession.ended_us.is_(None))
        .values(ended_us=clock.now_us(), ended_by=principal.username)
    )
    _audit(session, AuditAction.API_SESSION_CLOSE, principal, clock, {"session": principal.session_id})


def note_activity(session: Session, principal: Principal, clock: Clock) -> None:
    """A person is at the console. Too late once it is locked."""
    principal.require_unlocked()
    session.execute(
        update(AccountSession).where(AccountSession.token_hash == principal.token_hash).values(active_us=clock.now_us())
    )


def lock(session: Session, principal: Principal, clock: Clock) -> None:
    """What the person does who leaves the console."""
    session.execute(
        update(AccountSession)
        .where(AccountSession.token_hash == principal.token_hash, AccountSession.locked_us.is_(None))
        .values(locked_us=clock.now_us())
    )
    _audit(session, AuditAction.API_SESSION_LOCK, principal, clock, {"session": principal.session_id})


def unlock(entrance: Entrance, principal: Principal, password: str, *, code: str | None = None) -> None:
    """Go on with a locked session; the same proof and the same refusals as at the sign-in. Only its own wrong guesses
    count: strangers who lock the account out do not keep its person from a console that is open."""
    refusal = _proof_refused(entrance, principal, password, code)
    if refusal is not None:
        raise refusal
    with transaction(entrance.core) as session:
        session.execute(
            update(AccountSession)
            .where(AccountSession.token_hash == principal.token_hash)
            .values(locked_us=None, active_us=entrance.clock.now_us())
        )
        detail = {"session": principal.session_id}
        _audit(session, AuditAction.API_SESSION_UNLOCK, principal, entrance.clock, detail)


def prove(
    entrance: Entrance, principal: Principal, password: str, *, code: str | None = None, where: str = "password"
) -> None:
    """Before what an unattended console must not be enough for: raise `InvalidInput` unless the person shows their
    password, and the second factor if they have one and `code` is not None. Wrong guesses count for the session."""
    refusal = _proof_refused(entrance, principal, password, code, asks_code=code is not None)
    if isinstance(refusal, SecondFactor):
        raise InvalidInput(refusal.what, where="code", mend=refusal.mend)
    if refusal is not None:
        raise InvalidInput("this is not the password you have.", where=where, mend="Type it again.")


def _proof_refused(
    entrance: Entrance, principal: Principal, password: str, code: str | None, *, asks_code: bool = True
) -> NotAuthenticated | None:
    with reading(entrance.core) as session:
        known_hash = session.scalars(select(Account.password_hash).where(Account.id == principal.account_id)).one()
    with entrance.throttle.attempt(entrance.clock, "", principal.session_id) as attempt:
        right = verify_password(password[: 4 * LONGEST], known_hash)
        with transaction(entrance.core) as session:
            account = _held(session, principal.account_id)
            proven_hash = known_hash if right else None
            return _refusal(session, entrance, attempt, account, proven_hash, code, asks_code=asks_code)


def set_password(
    entrance: Entrance, principal: Principal, new_password: str, current_password: str | None = None
) -> None:
    """Give the account a password of its person's own; its other sessions end.

    Who has one already proves it: an unattended console must not be enough to take an account over.
    """
    check_rules(new_password, principal.username)
    if not principal.must_change_password:
        prove(entrance, principal, current_password or "", where="current_password")
    core, clock = entrance.core, entrance.clock
    with reading(core) as session:
        old_hash = session.scalars(select(Account.password_hash).where(Account.id == principal.account_id)).one()
    if verify_password(new_password, old_hash):
        raise InvalidInput("this is the password you have.", where="new_password", mend="Choose another one.")
    new_hash = hash_password(new_password)
    with transaction(core) as session:
        session.execute(
            update(Account)
            .where(Account.id == principal.account_id)
            .values(password_hash=new_hash, password_state="own", password_us=clock.now_us())  # noqa: S106 - a state
        )
        end_sessions(session, clock, principal.account_id, by=principal.username, but=principal.session_id)
        _audit(session, AuditAction.API_PASSWORD_SET, principal, clock)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _held(session: Session, account_id: str) -> Account:
    return session.get_one(Account, account_id, populate_existing=True, with_for_update=True)


def _refusal(
    session: Session,
    entrance: Entrance,
    attempt: Attempt,
    account: Account | None,
    proven_hash: str | None,
    code: str | None,
    *,
    asks_code: bool = True,
) -> NotAuthenticated | None:
    """Why the account is not let in, noted; None when it is. `proven_hash` is the hash that the password was right
    for: the account may have got another one meanwhile."""
    clock = entrance.clock
    proven = account is not None and proven_hash is not None and account.password_hash == proven_hash
    if account is None or not proven or not _may_enter(account, attempt, clock):
        _note_failure(session, entrance, attempt, account)
        return _not_let_in()
    if not asks_code or account.totp_confirmed_us is None:
        return None
    if not code:
        return SecondFactor("a code of your second factor is needed.", mend="Look it up in your authenticator.")
    entrance.throttle.take_code(attempt, clock, account.id)
    if totp.check(session, entrance.keyring, account, code, clock):
        return None
    _note_failure(session, entrance, attempt, account)
    return SecondFactor("the code is wrong, or was used already.", mend="Wait for the next one.")


def _not_let_in() -> NotAuthenticated:
    return NotAuthenticated(
        "the user name or the password is wrong, or the account is locked for five minutes after ten failures.",
        mend="Check both, or ask an administrator for a new one-time password.",
    )


def _may_enter(account: Account, attempt: Attempt, clock: Clock) -> bool:
    now_us = clock.now_us()
    if account.disabled_us is not None or (account.locked_until_us > now_us and attempt.known is None):
        return False
    if account.password_state == "one_time":  # noqa: S105 - a state
        return now_us < (account.password_us or 0) + ONE_TIME_US
    return account.password_state == "own"  # noqa: S105 - a state


def _note_failure(session: Session, entrance: Entrance, attempt: Attempt, account: Account | None) -> None:
    """Strangers lock an account out, for strangers. Who is known has a few tries of their own (see throttle)."""
    now_us = entrance.clock.now_us()
    attempt.failed = True
    locked = attempt.known is None and account is not None and account.locked_until_us > now_us
    note_refusal(Refusal.LOCKED_OUT if locked else Refusal.PROOF)
    if account is not None and attempt.known is None and not locked:
        account.failures += 1
        if account.failures >= FAILURES_ALLOWED:
            account.failures, account.locked_until_us = 0, now_us + LOCK_OUT_US
    audit.record(
        session,
        AuditAction.API_SESSION_REFUSED,
        origin=Origin(account.center_id, account.node) if account else entrance.origin,
        # An unknown name may be a password typed into the wrong field.
        actor=account.username if account else "unknown",
        subject=account.id if account else "",
        detail={"locked": bool(account and account.locked_until_us > now_us)},
        clock=entrance.clock,
    )


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _audit(
    session: Session,
    action: AuditAction,
    principal: Principal,
    clock: Clock,
    detail: dict[str, str] | None = None,
) -> None:
    audit.record(
        session,
        action,
        origin=principal.origin,
        actor=principal.username,
        subject=principal.account_id,
        detail=detail,
        clock=clock,
    )

"""Signing in and out, locking and unlocking. A session is an opaque random token in the browser and its hash in the
database.

Whoever fails to sign in gets one answer, whether the user is unknown, the password wrong, or the account locked. Only
who had the right password learns that a second factor is asked for.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from control_center.identity import accounts, totp
from control_center.identity.models import Account, AccountSession
from control_center.identity.passwords import LONGEST, check_rules, hash_password, verify_password
from control_center.identity.principal import Method, Principal, Rules, grants_of, must_enrol, scopes_of
from control_center.identity.session_rows import end_sessions, is_open
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


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a sign-in comes from, as far as the server can tell."""

    address: str = ""
    agent: str = ""


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
    # Outside of any transaction: hashing takes a tenth of a second, and SQLite has one writer.
    right = verify_password(password[: 4 * LONGEST], known_hash)
    with transaction(entrance.core) as session:
        account = _held(session, account.id) if account else None
        refusal = _refusal(session, entrance, account, known_hash if right else None, code)
        if account is not None and refusal is None:
            return open_session(session, entrance, account, "password", visit or Visit())
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
    session.flush()
    principal = _principal(session, account, opened, now_us, entrance.rules)
    detail = {"session": opened.id, "method": method, "address": opened.address}
    _audit(session, AuditAction.API_SESSION_OPEN, principal, entrance.clock, detail)
    return SignedIn(token, principal)


def authenticate(session: Session, token: str, clock: Clock, rules: Rules) -> Principal:
    """Who holds this session's token; raises `NotAuthenticated`."""
    now_us = clock.now_us()
    found = session.execute(
        select(Account, AccountSession)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(AccountSession.token_hash == token_hash(token), is_open(now_us), Account.disabled_us.is_(None))
    ).one_or_none()
    if found is None:
        raise NotAuthenticated("nobody is signed in, or the session has ended.", mend="Sign in.")
    return _principal(session, *found, now_us, rules)


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
    """Go on with a locked session; the same proof, the same refusals and the same lock-out as at the sign-in."""
    with reading(entrance.core) as session:
        known_hash = session.scalars(select(Account.password_hash).where(Account.id == principal.account_id)).one()
    right = verify_password(password[: 4 * LONGEST], known_hash)
    with transaction(entrance.core) as session:
        account = _held(session, principal.account_id)
        refusal = _refusal(session, entrance, account, known_hash if right else None, code)
        if refusal is None:
            session.execute(
                update(AccountSession)
                .where(AccountSession.token_hash == principal.token_hash)
                .values(locked_us=None, active_us=entrance.clock.now_us())
            )
            _audit(
                session, AuditAction.API_SESSION_UNLOCK, principal, entrance.clock, {"session": principal.session_id}
            )
    if refusal is not None:
        raise refusal


def set_password(
    core: Engine, principal: Principal, new_password: str, clock: Clock, current_password: str | None = None
) -> None:
    """Give the account a password of its person's own; its other sessions end.

    Who has one already proves it: an unattended console must not be enough to take an account over.
    """
    check_rules(new_password, principal.username)
    with reading(core) as session:
        old_hash = session.scalars(select(Account.password_hash).where(Account.id == principal.account_id)).one()
    if not principal.must_change_password and not verify_password(current_password or "", old_hash):
        raise InvalidInput("this is not the password you have.", where="current_password", mend="Type it again.")
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


def proves_password(core: Engine, principal: Principal, password: str) -> bool:
    """Whether this is the password that the principal's account has now."""
    with reading(core) as session:
        known_hash = session.scalars(select(Account.password_hash).where(Account.id == principal.account_id)).one()
    return verify_password(password[: 4 * LONGEST], known_hash)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _held(session: Session, account_id: str) -> Account:
    return session.get_one(Account, account_id, populate_existing=True, with_for_update=True)


def _refusal(
    session: Session, entrance: Entrance, account: Account | None, proven_hash: str | None, code: str | None
) -> NotAuthenticated | None:
    """Why the account is not let in, noted; None when it is. `proven_hash` is the hash that the password was right
    for: the account may have got another one meanwhile."""
    clock = entrance.clock
    if account is None or proven_hash is None or account.password_hash != proven_hash or not _may_enter(account, clock):
        _note_failure(session, account, entrance)
        return _not_let_in()
    if account.totp_confirmed_us is None or totp.check(session, entrance.keyring, account, code or "", clock):
        return None
    if code:
        _note_failure(session, account, entrance)
        return SecondFactor("the code is wrong, or was used already.", mend="Wait for the next one.")
    return SecondFactor("a code of your second factor is needed.", mend="Look it up in your authenticator.")


def _not_let_in() -> NotAuthenticated:
    return NotAuthenticated(
        "the user name or the password is wrong, or the account is locked for five minutes after ten failures.",
        mend="Check both, or ask an administrator for a new one-time password.",
    )


def _may_enter(account: Account, clock: Clock) -> bool:
    now_us = clock.now_us()
    if account.disabled_us is not None or account.locked_until_us > now_us:
        return False
    if account.password_state == "one_time":  # noqa: S105 - a state
        return now_us < (account.password_us or 0) + ONE_TIME_US
    return account.password_state == "own"  # noqa: S105 - a state


def _note_failure(session: Session, account: Account | None, entrance: Entrance) -> None:
    now_us = entrance.clock.now_us()
    if account is not None and account.locked_until_us <= now_us:
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


def _principal(session: Session, account: Account, opened: AccountSession, now_us: int, rules: Rules) -> Principal:
    grants = grants_of(session, account.id, now_us)
    method: Method = "oidc" if opened.method == "oidc" else "password"
    return Principal(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        origin=Origin(account.center_id, account.node),
        grants=grants,
        scopes=scopes_of(session, grants),
        must_change_password=method == "password" and account.password_state != "own",  # noqa: S105 - a state
        must_enrol=must_enrol(account, grants, method, rules),
        has_second_factor=account.totp_confirmed_us is not None,
        locked=opened.locked_us is not None or now_us - opened.active_us > rules.lock_after_us,
        method=method,
        session_id=opened.id,
        token_hash=opened.token_hash,
        expires_us=opened.expires_us,
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

"""Signing in and out. A session is an opaque random token in the browser and its hash in the database.

Whoever fails to sign in gets one answer, whether the user is unknown, the password wrong, or the account locked.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from control_center.identity import accounts
from control_center.identity.models import Account, AccountSession
from control_center.identity.passwords import LONGEST, check_rules, hash_password, verify_password
from control_center.identity.roles import RIGHTS, Right, Role
from device_registry import centers
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock
from foundation.database import reading, transaction
from foundation.errors import Forbidden, InvalidInput, NotAuthenticated
from foundation.identifiers import Origin

SESSION_US = 12 * 3600 * US_PER_S
ONE_TIME_US = 24 * 3600 * US_PER_S
FAILURES_ALLOWED = 10
LOCK_US = 5 * 60 * US_PER_S

# The ids of the centers that a person may see: their own and all below.
Scope = frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they may see and do."""

    account_id: str
    username: str
    display_name: str
    role: Role
    origin: Origin
    scope: Scope
    must_change_password: bool
    token_hash: str
    expires_us: int  # end of the session

    @property
    def center_id(self) -> str:
        return self.origin.center_id

    def require(self, right: Right) -> None:
        if self.must_change_password:
            raise Forbidden("set your own password first.", where=self.username, mend="Choose one of 12 characters.")
        if right not in RIGHTS[self.role]:
            raise Forbidden(
                f"the role {self.role} does not carry the right to {right}.",
                where=self.username,
                mend="Ask an administrator for another role.",
            )


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str
    principal: Principal


def sign_in(core: Engine, origin: Origin, username: str, password: str, clock: Clock) -> SignedIn:
    """Open a session, or raise `NotAuthenticated`. `origin` is this center, for the audit of unknown users."""
    with reading(core) as session:
        account = accounts.find(session, username)
    # Outside of any transaction: hashing takes a tenth of a second, and SQLite has one writer.
    known_hash = account.password_hash if account else None
    right = verify_password(password[: 4 * LONGEST], known_hash)
    with transaction(core) as session:
        account = session.get(Account, account.id, populate_existing=True, with_for_update=True) if account else None
        if account is not None and right and account.password_hash == known_hash and _may_enter(account, clock):
            return _open(session, account, clock)
        _note_failure(session, account, origin, username, clock)
    raise NotAuthenticated(
        "the user name or the password is wrong, or the account is locked for five minutes after ten failures.",
        mend="Check both, or ask an administrator for a new one-time password.",
    )


def authenticate(session: Session, token: str, clock: Clock) -> Principal:
    """Who holds this token; raises `NotAuthenticated`."""
    found = session.execute(
        select(Account, AccountSession)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(
            AccountSession.token_hash == _hash(token),
            AccountSession.expires_us > clock.now_us(),
            Account.disabled_us.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotAuthenticated("nobody is signed in, or the session has ended.", mend="Sign in.")
    return _principal(session, *found)


def sign_out(session: Session, principal: Principal, clock: Clock) -> None:
    session.execute(delete(AccountSession).where(AccountSession.token_hash == principal.token_hash))
    _audit(session, AuditAction.API_SESSION_CLOSE, principal, clock)


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
        accounts.end_sessions(session, principal.account_id, but=principal.token_hash)
        _audit(session, AuditAction.API_PASSWORD_SET, principal, clock)


def _may_enter(account: Account, clock: Clock) -> bool:
    now_us = clock.now_us()
    if account.disabled_us is not None or account.locked_until_us > now_us:
        return False
    if account.password_state == "one_time":  # noqa: S105 - a state
        return now_us < (account.password_us or 0) + ONE_TIME_US
    return account.password_state == "own"  # noqa: S105 - a state


def _open(session: Session, account: Account, clock: Clock) -> SignedIn:
    now_us = clock.now_us()
    token = secrets.token_urlsafe(32)
    account.failures = 0
    if account.password_state == "one_time":  # noqa: S105 - a state
        account.password_state = "consumed"  # noqa: S105 - a state
    session.execute(delete(AccountSession).where(AccountSession.expires_us <= now_us))
    opened = AccountSession(
        token_hash=_hash(token), account_id=account.id, created_us=now_us, expires_us=now_us + SESSION_US
    )
    session.add(opened)
    session.flush()
    principal = _principal(session, account, opened)
    _audit(session, AuditAction.API_SESSION_OPEN, principal, clock)
    return SignedIn(token, principal)


def _note_failure(session: Session, account: Account | None, origin: Origin, username: str, clock: Clock) -> None:
    now_us = clock.now_us()
    if account is not None and account.locked_until_us <= now_us:
        account.failures += 1
        if account.failures >= FAILURES_ALLOWED:
            account.failures, account.locked_until_us = 0, now_us + LOCK_US
    audit.record(
        session,
        AuditAction.API_SESSION_REFUSED,
        origin=Origin(account.center_id, account.node) if account else origin,
        # An unknown name may be a password typed into the wrong field.
        actor=account.username if account else "unknown",
        subject=account.id if account else "",
        detail={"locked": bool(account and account.locked_until_us > now_us)},
        clock=clock,
    )


def _principal(session: Session, account: Account, opened: AccountSession) -> Principal:
    return Principal(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        role=Role(account.role),
        origin=Origin(account.center_id, account.node),
        scope=centers.descendants(session, account.center_id),
        must_change_password=account.password_state != "own",  # noqa: S105 - a state
        token_hash=opened.token_hash,
        expires_us=opened.expires_us,
    )


def _audit(session: Session, action: AuditAction, principal: Principal, clock: Clock) -> None:
    audit.record(
        session,
        action,
        origin=principal.origin,
        actor=principal.username,
        subject=principal.account_id,
        clock=clock,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()

"""Accounts: made and given one-time passwords by an administrator at the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountSession
from control_center.identity.passwords import hash_password, new_one_time_password
from control_center.identity.roles import Role
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LOCAL_ACTOR = "local"


def create_account(
    session: Session,
    origin: Origin,
    clock: Clock,
    *,
    username: str,
    display_name: str,
    role: Role,
    actor: str = _LOCAL_ACTOR,
) -> Account:
    """An account of the origin's center, which nobody can sign in to before a one-time password is issued."""
    username = canonical(username)
    if not _USERNAME.fullmatch(username):
        raise InvalidInput(
            "a user name is 1-64 of a-z, 0-9, dot, hyphen and underscore.", where=username, mend="Choose another name."
        )
    if find(session, username) is not None:
        raise Conflict("this user name is taken.", where=username, mend="Choose another name.")
    display_name = display_name.strip() or username
    if len(display_name) > 128 or not display_name.isprintable():
        raise InvalidInput("the display name is too long or not printable.", where=username, mend="Shorten it.")
    account = Account(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        username=username,
        display_name=display_name,
        role=role,
        password_hash=None,
        password_state="none",  # noqa: S106 - a state
        failures=0,
        locked_until_us=0,
        created_us=clock.now_us(),
    )
    session.add(account)
    _audit(session, AuditAction.CLI_ACCOUNT_CREATE, origin, clock, actor, account, {"role": role})
    return account


def issue_one_time_password(
    session: Session, origin: Origin, clock: Clock, username: str, *, actor: str = _LOCAL_ACTOR
) -> str:
    """A password for one sign-in, after which the person sets their own; ends the account's sessions and lock-out."""
    account = require(session, username)
    password = new_one_time_password()
    account.password_hash, account.password_state = hash_password(password), "one_time"
    account.password_us = clock.now_us()
    account.failures, account.locked_until_us = 0, 0
    end_sessions(session, account.id)
    _audit(session, AuditAction.CLI_PASSWORD_ISSUE, origin, clock, actor, account, {})
    return password


def disable(session: Session, origin: Origin, clock: Clock, username: str, *, actor: str = _LOCAL_ACTOR) -> None:
    """Close the account for good and end its sessions. What it did stays under its name."""
    account = require(session, username)
    account.disabled_us = clock.now_us()
    end_sessions(session, account.id)
    _audit(session, AuditAction.CLI_ACCOUNT_DISABLE, origin, clock, actor, account, {})


def find(session: Session, username: str) -> Account | None:
    if not _USERNAME.fullmatch(canonical(username)):
        return None  # nor could every database be asked for just any text
    return session.scalar(select(Account).where(Account.username == canonical(username)))


def require(session: Session, username: str) -> Account:
    account = find(session, username)
    if account is None or account.disabled_us is not None:
        raise NotFound("there is no such account.", where=username, mend="`vedette accounts ls` lists them.")
    return account


def list_accounts(session: Session) -> Sequence[Account]:
    return session.scalars(select(Account).order_by(Account.username)).all()


def end_sessions(session: Session, account_id: str, *, but: str = "") -> None:
    """Sign the account out everywhere, except in the session of the token hash `but`."""
    session.execute(
        delete(AccountSession).where(AccountSession.account_id == account_id, AccountSession.token_hash != but)
    )


def canonical(username: str) -> str:
    return username.strip().lower()


def _audit(
    session: Session,
    action: AuditAction,
    origin: Origin,
    clock: Clock,
    actor: str,
    account: Account,
    detail: dict[str, str],
) -> None:
    audit.record(
        session,
        action,
        origin=origin,
        actor=actor,
        subject=account.id,
        detail={"username": account.username} | detail,
        clock=clock,
    )

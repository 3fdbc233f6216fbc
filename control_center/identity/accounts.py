"""Accounts: made, renamed, given one-time passwords, disabled and enabled again, by administrators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.identity.authority import Authority
from control_center.identity.grants import administrator_kept, grant
from control_center.identity.models import Account
from control_center.identity.passwords import hash_password, new_one_time_password
from control_center.identity.roles import Role
from control_center.identity.session_rows import end_sessions
from foundation import audit
from foundation.clock import Clock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def create_account(
    session: Session,
    authority: Authority,
    clock: Clock,
    *,
    username: str,
    display_name: str = "",
    center_id: str | None = None,
    roles: Sequence[tuple[Role, str]] = (),
) -> Account:
    """An account at home in the center (this one, unless named), which nobody can sign in to before a one-time
    password is issued. `roles` are granted with it,
    each at its center."""
    center_id = center_id or authority.local.center_id
    authority.require_center(center_id)
    username = canonical(username)
    if not _USERNAME.fullmatch(username):
        raise InvalidInput(
            "a user name is 1-64 of a-z, 0-9, dot, hyphen and underscore.", where=username, mend="Choose another name."
        )
    if find(session, username) is not None:
        raise Conflict("this user name is taken.", where=username, mend="Choose another name.")
    account = Account(
        id=new_id(clock),
        center_id=center_id,
        node=authority.local.node,
        username=username,
        display_name=_checked_name(display_name or username, username),
        password_hash=None,
        password_state="none",  # noqa: S106 - a state
        failures=0,
        locked_until_us=0,
        created_us=clock.now_us(),
        version=1,
        totp_step=0,
    )
    session.add(account)
    session.flush()
    _audit(session, authority, clock, account, "create")
    for role, place in roles:
        grant(session, authority, clock, account, role, place)
    return account


def change(
    session: Session,
    authority: Authority,
    clock: Clock,
    account: Account,
    *,
    display_name: str | None = None,
    center_id: str | None = None,
) -> None:
    """Another name to show, or another home center within the scope."""
    changed: dict[str, Any] = {}
    if display_name is not None and (name := _checked_name(display_name, account.username)) != account.display_name:
        changed["display_name"] = account.display_name = name
    if center_id is not None and center_id != account.center_id:
        authority.require_whole(session, account, clock)
        authority.require_center(center_id)
        changed["center"] = account.center_id = center_id
    if changed:
        account.version += 1
        _audit(session, authority, clock, account, "change", changed)


def issue_one_time_password(session: Session, authority: Authority, clock: Clock, account: Account) -> str:
    """A password for one sign-in, after which the person sets their own; ends the account's sessions and lock-out."""
    authority.require_whole(session, account, clock)
    if account.disabled_us is not None:
        raise Conflict("the account is disabled.", where=account.username, mend="Enable it first.")
    password = new_one_time_password()
    account.password_hash, account.password_state = hash_password(password), "one_time"
    account.password_us = clock.now_us()
    account.failures, account.locked_until_us = 0, 0
    account.version += 1
    end_sessions(session, clock, account.id, by=authority.actor)
    _audit(session, authority, clock, account, "issue", subject="password")
    return password


def disable(session: Session, authority: Authority, clock: Clock, account: Account) -> None:
    """Close the account and end its sessions. What it did stays under its name."""
    authority.require_whole(session, account, clock)
    if account.disabled_us is not None:
        return
    with administrator_kept(session, authority, clock):
        account.disabled_us = clock.now_us()
        account.version += 1
    end_sessions(session, clock, account.id, by=authority.actor)
    _audit(session, authority, clock, account, "disable")


def enable(session: Session, authority: Authority, clock: Clock, account: Account) -> None:
    """Open a closed account again, with the roles that it had."""
    authority.require_whole(session, account, clock)
    if account.disabled_us is None:
        return
    account.disabled_us = None
    account.failures, account.locked_until_us = 0, 0
    account.version += 1
    _audit(session, authority, clock, account, "enable")


def sign_out_everywhere(session: Session, authority: Authority, clock: Clock, account: Account) -> None:
    """End all sessions of the account."""
    authority.require_whole(session, account, clock)
    end_sessions(session, clock, account.id, by=authority.actor)
    _audit(session, authority, clock, account, "revoke", subject="session")


def find(session: Session, username: str) -> Account | None:
    if not _USERNAME.fullmatch(canonical(username)):
        return None  # nor could every database be asked for just any text
    return session.scalar(select(Account).where(Account.username == canonical(username)))


def require(session: Session, username: str) -> Account:
    """The account of that name, in use, held until the transaction ends."""
    account = find(session, username)
    if account is None or account.disabled_us is not None:
        raise NotFound("there is no such account.", where=username, mend="`vedette accounts ls` lists them.")
    return session.get_one(Account, account.id, populate_existing=True, with_for_update=True)


def any_in_use(session: Session) -> bool:
    """Whether anybody could have signed in yet."""
    query = select(func.count()).select_from(Account).where(Account.disabled_us.is_(None))
    return session.scalars(query).one() > 0


def canonical(username: str) -> str:
    return username.strip().lower()


def _checked_name(display_name: str, username: str) -> str:
    display_name = display_name.strip()
    if not 0 < len(display_name) <= 128 or not display_name.isprintable():
        raise InvalidInput(
            "the display name is empty, too long or not printable.", where=username, mend="Give 1-128 characters."
        )
    return display_name


def _audit(
    session: Session,
    authority: Authority,
    clock: Clock,
    account: Account,
    deed: str,
    detail: Mapping[str, Any] | None = None,
    subject: str = "account",
) -> None:
    audit.record(
        session,
        authority.action(subject, deed),
        origin=Origin(account.center_id, account.node),
        actor=authority.actor,
        subject=account.id,
        detail={"username": account.username} | dict(detail or {}),
        clock=clock,
    )

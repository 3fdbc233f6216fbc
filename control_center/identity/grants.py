"""Roles given to people at centers, for good or for a time, and taken back.

Two things hold whatever is asked: nobody changes their own, and this center keeps an administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.identity.authority import Authority
from control_center.identity.models import Account, AccountGrant
from control_center.identity.principal import in_force
from control_center.identity.roles import LENDABLE, Role
from device_registry import centers
from foundation import audit
from foundation.chain import one_writer
from foundation.clock import US_PER_S, Clock
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id

LONGEST_LOAN_US = 30 * 24 * 3600 * US_PER_S
REASON_LIMIT = 500


def grant(
    session: Session, authority: Authority, clock: Clock, account: Account, role: Role, center_id: str
) -> AccountGrant:
    """Give the role at the center and all below, until it is taken back; `account` comes from `Authority.find`."""
    authority.require_other(account)
    authority.require_center(center_id)
    _require_in_use(account)
    held = select(AccountGrant.id).where(
        AccountGrant.account_id == account.id,
        AccountGrant.role == role,
        AccountGrant.center_id == center_id,
        AccountGrant.until_us.is_(None),
        AccountGrant.revoked_us.is_(None),
    )
    if session.scalar(held) is not None:
        raise Conflict(f"the account has the role {role} there already.", where=account.username)
    row = _add(session, authority, clock, account, role, center_id, until_us=None, reason="")
    account.version += 1
    _audit(session, authority, clock, account, row, "role", "grant")
    return row


def revoke(session: Session, authority: Authority, clock: Clock, account: Account, grant_id: str) -> None:
    """Take a role or a loan back at once."""
    authority.require_other(account)
    row = _find(session, authority, clock, grant_id)
    if row.account_id != account.id:
        raise _absent(grant_id)
    with administrator_kept(session, authority, clock):
        row.revoked_us, row.revoked_by = clock.now_us(), authority.actor
        account.version += 1
    _audit(session, authority, clock, account, row, "role" if row.until_us is None else "loan", "revoke")


def lend(
    session: Session,
    authority: Authority,
    clock: Clock,
    account: Account,
    role: Role,
    center_id: str,
    *,
    until_us: int,
    reason: str,
) -> AccountGrant:
    """Let somebody work at the center for a time: they see it and what lies below, and the reason is kept."""
    authority.require_other(account)
    authority.require_center(center_id)
    _require_in_use(account)
    if role not in LENDABLE:
        raise Forbidden(
            f"the role {role} is not lent.", where="role", mend=f"Choose one of {', '.join(sorted(LENDABLE))}."
        )
    now_us = clock.now_us()
    if not now_us < until_us <= now_us + LONGEST_LOAN_US:
        raise InvalidInput("a loan ends within 30 days from now.", where="until_us", mend="Choose another end.")
    reason = _checked_reason(reason)
    row = _add(session, authority, clock, account, role, center_id, until_us=until_us, reason=reason)
    _audit(session, authority, clock, account, row, "loan", "grant", reason=reason)
    return row


def end_loan(session: Session, authority: Authority, clock: Clock, loan_id: str) -> Account:
    """Take a loan back before its end; returns whose it was."""
    row = _find(session, authority, clock, loan_id)
    if row.until_us is None:
        raise _absent(loan_id)
    account = session.get_one(Account, row.account_id)
    authority.require_other(account)
    row.revoked_us, row.revoked_by = clock.now_us(), authority.actor
    _audit(session, authority, clock, account, row, "loan", "revoke")
    return account


@contextmanager
def administrator_kept(session: Session, authority: Authority, clock: Clock) -> Iterator[None]:
    """Refuse, at the end, to leave this center without the administrator that it had at the start.

    Two who remove each other are one after the other, because one at a time writes to the audit chain.
    """
    one_writer(session)
    before = _administrators(session, authority, clock)
    yield
    session.flush()
    if before and not _administrators(session, authority, clock):
        raise Conflict(
            "this would leave the center without an administrator.",
            where="administrator",
            mend="Give somebody else the role first.",
        )


def _administrators(session: Session, authority: Authority, clock: Clock) -> int:
    """How many accounts in use administer this center for good."""
    above = [center.id for center in centers.path(session, authority.local.center_id)]
    query = select(func.count(func.distinct(Account.id))).join(AccountGrant, AccountGrant.account_id == Account.id)
    query = query.where(
        Account.disabled_us.is_(None),
        AccountGrant.role == Role.ADMINISTRATOR,
        AccountGrant.center_id.in_(above),
        AccountGrant.until_us.is_(None),
        in_force(clock.now_us()),
    )
    return session.scalars(query).one()


def _find(session: Session, authority: Authority, clock: Clock, grant_id: str) -> AccountGrant:
    query = select(AccountGrant).where(AccountGrant.id == grant_id, in_force(clock.now_us()))
    if authority.scope is not None:
        query = query.where(authority.scope.covers(AccountGrant.center_id))
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise _absent(grant_id)
    return row


def _absent(grant_id: str) -> NotFound:
    return NotFound("there is no such role in force here.", where=f"grant {grant_id}")


def _add(
    session: Session,
    authority: Authority,
    clock: Clock,
    account: Account,
    role: Role,
    center_id: str,
    *,
    until_us: int | None,
    reason: str,
) -> AccountGrant:
    row = AccountGrant(
        id=new_id(clock),
        account_id=account.id,
        role=role,
        center_id=center_id,
        granted_us=clock.now_us(),
        granted_by=authority.actor,
        until_us=until_us,
        reason=reason,
    )
    session.add(row)
    session.flush()
    return row


def _require_in_use(account: Account) -> None:
    if account.disabled_us is not None:
        raise Conflict("the account is disabled.", where=account.username, mend="Enable it first.")


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise InvalidInput("a loan needs a reason.", where="reason", mend="Say what the person is needed for.")
    if len(reason) > REASON_LIMIT:
        raise InvalidInput(f"the reason is longer than {REASON_LIMIT} characters.", where="reason", mend="Shorten it.")
    return reason


def _audit(
    session: Session,
    authority: Authority,
    clock: Clock,
    account: Account,
    row: AccountGrant,
    subject: str,
    deed: str,
    reason: str | None = None,
) -> None:
    detail: dict[str, Any] = {"username": account.username, "role": row.role, "center": row.center_id}
    if row.until_us is not None:
        detail["until_us"] = row.until_us
    audit.record(
        session,
        authority.action(subject, deed),
        origin=Origin(row.center_id, account.node),
        actor=authority.actor,
        subject=account.id,
        detail=detail,
        clock=clock,
        reason=reason,
    )

"""Sessions as rows: listed, ended one by one or all of an account. A row stays until it would have expired, so that
who looks back sees how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountSession
from foundation.clock import Clock
from foundation.errors import NotFound


def is_open(now_us: int) -> ColumnElement[bool]:
    """The condition of a session that lets somebody in now."""
    return (AccountSession.ended_us.is_(None)) & (AccountSession.expires_us > now_us)


def open_sessions(
    session: Session, now_us: int, *conditions: ColumnElement[bool], limit: int = 200, cursor: str | None = None
) -> Sequence[tuple[AccountSession, Account]]:
    """Newest first, with whose they are; identifiers sort by time, so the last one is the next page's cursor."""
    query = select(AccountSession, Account).join(Account, Account.id == AccountSession.account_id)
    query = query.where(is_open(now_us), Account.disabled_us.is_(None), *conditions)
    if cursor is not None:
        query = query.where(AccountSession.id < cursor)
    rows = session.execute(query.order_by(AccountSession.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


def count_open(session: Session, account_id: str, now_us: int) -> int:
    query = select(func.count()).select_from(AccountSession)
    return session.scalars(query.where(AccountSession.account_id == account_id, is_open(now_us))).one()


def end_sessions(session: Session, clock: Clock, account_id: str, *, by: str, but: str = "") -> None:
    """Sign the account out everywhere, except in the session of the id `but`."""
    now_us = clock.now_us()
    session.execute(
        update(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.id != but, is_open(now_us))
        .values(ended_us=now_us, ended_by=by)
    )


def end_session(session: Session, clock: Clock, session_id: str, *conditions: ColumnElement[bool], by: str) -> str:
    """End one session, at once; returns the account's id. `conditions` limit what the caller may end."""
    now_us = clock.now_us()
    query = select(AccountSession).join(Account, Account.id == AccountSession.account_id)
    row = session.scalar(query.where(AccountSession.id == session_id, is_open(now_us), *conditions))
    if row is None:
        raise NotFound("there is no such session.", where=f"session {session_id}")
    row.ended_us, row.ended_by = now_us, by
    session.flush()
    return row.account_id

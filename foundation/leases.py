"""Leases: who may start a stream, a worker, a batch. Time is the database's clock, so that nodes need not agree.

A lease is needed to start, not to go on. The fence only rises: a holder that sees a higher one stops, and a statement
that writes state under a fence carries `is_current` in its WHERE, so that an old fence's write changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, String, cast, extract, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.chain import insert_for
from foundation.clock import US_PER_S
from foundation.database import CoreBase
from foundation.errors import StaleFence


class LeaseRow(CoreBase):
    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(
        String(128), primary_key=True, comment="what is leased, such as stream:CAMERA/main"
    )
    holder: Mapped[str] = mapped_column(String(128), comment="node and process that hold it")
    fence: Mapped[int] = mapped_column(comment="rises by one with each acquisition, never falls")
    expires_us: Mapped[int] = mapped_column(comment="end of the lease by the database's clock, UTC")


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    holder: str
    fence: int
    expires_us: int


def acquire(session: Session, name: str, holder: str, ttl_s: float) -> Lease | None:
    """Take the lease when it is free, expired, or the holder's own (a process that starts anew); else None."""
    now = now_us(session)
    until = now + int(ttl_s * US_PER_S)
    statement = insert_for(session)(LeaseRow).values(name=name, holder=holder, fence=1, expires_us=until)
    row = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "fence": LeaseRow.fence + 1, "expires_us": until},
            where=(LeaseRow.expires_us <= now) | (LeaseRow.holder == holder),
        ).returning(LeaseRow.fence, LeaseRow.expires_us)
    ).one_or_none()
    return Lease(name, holder, row.fence, row.expires_us) if row else None


def renew(session: Session, lease: Lease, ttl_s: float) -> Lease:
    """Prolong the lease, an expired one too if nobody took it; raise `StaleFence` when somebody did."""
    until = now_us(session) + int(ttl_s * US_PER_S)
    expires_us = session.scalar(
        update(LeaseRow)
        .where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence)
        .values(expires_us=until)
        .returning(LeaseRow.expires_us)
    )
    if expires_us is None:
        raise _stale(session, lease)
    return Lease(lease.name, lease.holder, lease.fence, expires_us)


def release(session: Session, lease: Lease) -> None:
    """Give the lease back; one that somebody else holds meanwhile is left alone."""
    session.execute(
        update(LeaseRow).where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence).values(expires_us=0)
    )


def is_current(name: str, fence: int) -> ColumnElement[bool]:
    """True in a WHERE while nobody has acquired the lease after this fence."""
    return select(LeaseRow.name).where(LeaseRow.name == name, LeaseRow.fence == fence).exists()


def require_current(session: Session, lease: Lease) -> None:
    """Raise `StaleFence` unless the lease's fence is still the newest; holds the row until the transaction ends."""
    query = select(LeaseRow.fence).where(LeaseRow.name == lease.name).with_for_update()
    if session.scalar(query) != lease.fence:
        raise _stale(session, lease)


def _stale(session: Session, lease: Lease) -> StaleFence:
    holder = session.scalar(select(LeaseRow.holder).where(LeaseRow.name == lease.name))
    return StaleFence(
        f"the lease under fence {lease.fence} has passed to {holder or 'nobody'}.",
        where=lease.name,
        mend="Stop this work; the new holder goes on with it.",
    )


def now_us(session: Session) -> int:
    """Now by the database's clock, which all nodes share, in microseconds UTC."""
    if session.get_bind().dialect.name == "postgresql":
        clock = cast(extract("epoch", func.clock_timestamp()) * US_PER_S, BigInteger)
    else:
        clock = cast((func.julianday("now") - 2440587.5) * 86_400 * US_PER_S, BigInteger)
    return int(session.scalars(select(clock)).one())

"""Entries whose time is over go, from the oldest on, and the chain begins after the last of them.

The purge is an entry as well, which names that last one: so nobody can cut the start off and call it a purge. What does
not hold is kept: a purge would take away the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Engine, delete, text, update
from sqlalchemy.orm import Session

from foundation import audit
from foundation.audit import CHAIN, AuditAction, AuditEntry, AuditHead
from foundation.audit.check import AuditFault, Head, Row, Walk, heads, rows_query
from foundation.chain import one_writer
from foundation.clock import Clock
from foundation.database import transaction
from foundation.identifiers import Origin

BATCH = 2000  # entries a transaction, so that nobody else waits long
# A clock that runs years ahead for a night costs this much of the trail an hour, and not all of it.
MOST_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Purged:
    entries: int
    fault: AuditFault | None  # where the purge stopped, because the trail does not hold there


def purge(core: Engine, origin: Origin, actor: str, clock: Clock, before_us: int) -> Purged:
    """Let entries from before the time go, at most `MOST_AT_ONCE`.

    In the order of the chain: an entry stays as long as one before it has to.
    """
    gone = 0
    while gone < MOST_AT_ONCE:
        with transaction(core) as session:
            walk, fault = _old(session, before_us)
            if walk.entries:
                _drop(session, walk, origin, actor, clock, before_us)
        gone += walk.entries
        if fault is not None or walk.entries < BATCH:
            return Purged(gone, fault)
    return Purged(gone, None)


def _old(session: Session, before_us: int) -> tuple[Walk, AuditFault | None]:
    """The next batch that may go, as far as it holds."""
    one_writer(session)
    connection = session.connection()
    _, anchor = heads(connection)
    query = text(f"{rows_query(connection)} WHERE seq > :seq ORDER BY seq LIMIT {BATCH}")
    rows: Iterator[Row] = iter(connection.execute(query, {"seq": anchor.seq}))
    walk = Walk(anchor)
    return walk, walk.follow(takewhile(lambda row: isinstance(row[4], int) and row[4] < before_us, rows))


def _drop(session: Session, walk: Walk, origin: Origin, actor: str, clock: Clock, before_us: int) -> None:
    last = Head(walk.seq, walk.hash)
    session.execute(delete(AuditEntry).where(AuditEntry.seq <= last.seq))
    anchor = {"purged_seq": last.seq, "purged_hash": last.hash}
    session.execute(update(AuditHead).where(AuditHead.chain == CHAIN).values(anchor))
    audit.record(
        session,
        AuditAction.RETENTION_AUDIT_PURGE,
        origin=origin,
        actor=actor,
        subject=origin.center_id,
        detail={"entries": walk.entries, "last_seq": last.seq, "last_hash": last.hash, "before_us": before_us},
        clock=clock,
    )

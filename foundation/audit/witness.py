"""The head of the audit trail goes to the upper center: who forges the trail here cannot forge it there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import outbox
from foundation.audit.check import START, Head, heads
from foundation.chain import one_writer
from foundation.clock import Clock
from foundation.outbox import Lane, OutboxEvent, OutboxStream

HEAD_EVENT = "audit.head"


def tell_head(session: Session, center_id: str, upper_center_id: str, clock: Clock) -> bool:
    """Append the head to the outbox for the upper center, unless it is the one told last; True when it was."""
    one_writer(session)
    head, _ = heads(session.connection())
    if head in (START, _told_last(session, center_id, upper_center_id)):
        return False
    body = {"seq": head.seq, "hash": head.hash, "at_us": clock.now_us()}
    outbox.append(session, center_id, upper_center_id, Lane.NORMAL, HEAD_EVENT, body, clock)
    return True


def _told_last(session: Session, center_id: str, upper_center_id: str) -> Head | None:
    query = select(OutboxEvent.body).join(OutboxStream, OutboxStream.id == OutboxEvent.stream_id)
    query = query.where(OutboxStream.origin == center_id, OutboxStream.destination == upper_center_id)
    query = query.where(OutboxStream.closed_us.is_(None), OutboxEvent.kind == HEAD_EVENT)
    body = session.scalar(query.order_by(OutboxEvent.position.desc()).limit(1))
    return None if body is None else Head(body["seq"], body["hash"])

"""The outbox: what a center says to others, written in the transaction of the business row that it tells of.

A stream is (origin, epoch, destination, lane). Its numbers are contiguous, because the number is taken by an UPDATE
that holds the stream's row until the transaction ends; each event carries the hash of the one before. Call `append`
last in the transaction, so that the row is held briefly.

The destination `console` never leaves the center: the API's event stream reads it, and its events are pruned once no
console can ask for them any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.chain import START_HASH, chain_hash, insert_for, one_writer
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import CoreBase
from foundation.errors import Conflict
from foundation.identifiers import new_id

CONSOLE = "console"


class Lane(StrEnum):
    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class OutboxStream(CoreBase):
    __tablename__ = "outbox_stream"
    __table_args__ = (
        UniqueConstraint("origin", "epoch", "destination", "lane"),
        Index(
            "ix_outbox_stream_open",
            "origin",
            "destination",
            "lane",
            unique=True,
            sqlite_where=text("closed_us IS NULL"),
            postgresql_where=text("closed_us IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    origin: Mapped[str] = mapped_column(String(36), comment="center that speaks")
    epoch: Mapped[str] = mapped_column(String(36), comment="UUIDv7, new after each restore: numbers start again")
    destination: Mapped[str] = mapped_column(String(64), comment="center spoken to, or console")
    lane: Mapped[str] = mapped_column(String(8), comment="urgent, normal or bulk")
    last_seq: Mapped[int] = mapped_column(comment="number of the newest event, 0 before the first")
    last_hash: Mapped[str] = mapped_column(String(64), comment="hash of the newest event, empty before the first")
    closed_us: Mapped[int | None] = mapped_column(comment="when a newer epoch took over; empty while in use")


class OutboxEvent(CoreBase):
    __tablename__ = "outbox_event"
    __table_args__ = (UniqueConstraint("stream_id", "seq"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        comment="place among all events of this database, in the order of commits; may have holes",
    )
    stream_id: Mapped[str] = mapped_column(ForeignKey("outbox_stream.id"), comment="its stream")
    seq: Mapped[int] = mapped_column(comment="place in the stream, from 1, without holes")
    event_id: Mapped[str] = mapped_column(String(36), unique=True, comment="UUIDv7 by which a receiver drops doubles")
    kind: Mapped[str] = mapped_column(String(64), comment="what happened, such as alert.created")
    body: Mapped[dict[str, Any]] = mapped_column(comment="the event's content")
    prev_hash: Mapped[str] = mapped_column(String(64), comment="hash of the event before, empty for the first")
    hash: Mapped[str] = mapped_column(String(64), comment="SHA-256 over prev_hash and the canonical content")
    created_us: Mapped[int] = mapped_column(comment="when it was appended, UTC")
    acked: Mapped[bool] = mapped_column(comment="the destination has confirmed it")

    def content(self) -> dict[str, Any]:
        """What the hash covers besides the hash before."""
        return {
            "stream_id": self.stream_id,
            "seq": self.seq,
            "event_id": self.event_id,
            "kind": self.kind,
            "body": self.body,
            "created_us": self.created_us,
        }


def append(
    session: Session,
    origin: str,
    destination: str,
    lane: Lane | str,
    kind: str,
    body: Mapping[str, Any],
    clock: Clock = SYSTEM_CLOCK,
) -> OutboxEvent:
    """Add an event to the open stream; `body` is what JSON can hold, without NaN."""
    one_writer(session)
    stream_id, seq, last_hash = _take_numbers(session, origin, destination, Lane(lane), 1, clock)
    event = _event(stream_id, seq, last_hash, kind, body, clock)
    session.add(event)
    _note_last(session, event)
    session.flush()
    return event


def append_all(
    session: Session,
    origin: str,
    destination: str,
    lane: Lane | str,
    kind: str,
    bodies: Sequence[Mapping[str, Any]],
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """The same for many, in their order, at the price of few statements."""
    if not bodies:
        return
    one_writer(session)
    stream_id, last, last_hash = _take_numbers(session, origin, destination, Lane(lane), len(bodies), clock)
    events = []
    for seq, body in enumerate(bodies, last - len(bodies) + 1):
        events.append(_event(stream_id, seq, last_hash, kind, body, clock))
        last_hash = events[-1].hash
    columns = OutboxEvent.__table__.columns.keys()
    rows = [{name: getattr(event, name) for name in columns if name != "position"} for event in events]
    session.execute(insert(OutboxEvent), rows)  # not by the unit of work, which may order rows without a key otherwise
    _note_last(session, events[-1])


def _event(stream_id: str, seq: int, previous: str, kind: str, body: Mapping[str, Any], clock: Clock) -> OutboxEvent:
    event = OutboxEvent(
        stream_id=stream_id,
        seq=seq,
        event_id=new_id(clock),
        kind=kind,
        body=dict(body),
        prev_hash=previous,
        created_us=clock.now_us(),
        acked=False,
    )
    event.hash = chain_hash(previous, event.content())
    return event


def _note_last(session: Session, event: OutboxEvent) -> None:
    session.execute(update(OutboxStream).where(OutboxStream.id == event.stream_id).values(last_hash=event.hash))


_CONSOLE_ROWS = (
    select(OutboxEvent.position, OutboxStream.origin, OutboxEvent.kind, OutboxEvent.body)
    .join(OutboxStream, OutboxStream.id == OutboxEvent.stream_id)
    .where(OutboxEvent.position > bindparam("position"), OutboxStream.destination == CONSOLE)
    .order_by(OutboxEvent.position)
    .limit(bindparam("fetched", type_=Integer))
)


def open_stream(session: Session, origin: str, destination: str, lane: Lane | str) -> OutboxStream | None:
    """The stream in use, freshly read; None before the first event."""
    return session.scalar(_open(origin, destination, Lane(lane)).execution_options(populate_existing=True))


def events_after(session: Session, stream: OutboxStream | str, seq: int, limit: int = 500) -> Sequence[OutboxEvent]:
    """The events that follow number `seq`, oldest first."""
    stream_id = stream if isinstance(stream, str) else stream.id
    query = select(OutboxEvent).where(OutboxEvent.stream_id == stream_id, OutboxEvent.seq > seq)
    return session.scalars(query.order_by(OutboxEvent.seq).limit(limit)).all()


def console_rows_after(
    connection: Connection, position: int, limit: int = 500
) -> Sequence[Row[int, str, str, dict[str, Any]]]:
    """What consoles are told after a position, in the order of commits: position, center that speaks, kind, body.

    Positions are taken under the lock of `one_writer`, which lasts until the commit: no event appears before one that
    is shown already.
    """
    return connection.execute(_CONSOLE_ROWS, {"position": position, "fetched": limit}).all()


def newest_position(connection: Connection) -> int:
    """The position of the newest event of all streams, 0 before the first."""
    return connection.execute(select(func.max(OutboxEvent.position))).scalar() or 0


def has_position(connection: Connection, position: int) -> bool:
    return connection.execute(select(OutboxEvent.position).where(OutboxEvent.position == position)).first() is not None


def acknowledge(session: Session, stream_id: str, seq: int) -> None:
    """The destination holds everything up to and including `seq`."""
    session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.stream_id == stream_id, OutboxEvent.seq <= seq, OutboxEvent.acked.is_(False))
        .values(acked=True)
    )


def new_epoch(
    session: Session, origin: str, destination: str, lane: Lane | str, clock: Clock = SYSTEM_CLOCK
) -> OutboxStream:
    """Close the stream in use and open one that starts at 1: after a restore, or when the receiver holds a row that
    this center cannot show."""
    one_writer(session)
    session.execute(
        update(OutboxStream)
        .where(*_key(origin, destination, Lane(lane)))
        .values(closed_us=clock.now_us())
        .execution_options(synchronize_session=False)
    )
    _ensure_open(session, origin, destination, Lane(lane), clock)
    return session.scalars(_open(origin, destination, Lane(lane))).one()


def verify(session: Session, stream_id: str) -> int | None:
    """The number of the first event that is missing or does not follow from the one before, or None.

    A console's stream begins where it was pruned to.
    """
    expected, previous = _first_kept(session, stream_id)
    query = select(OutboxEvent).where(OutboxEvent.stream_id == stream_id).order_by(OutboxEvent.seq)
    with closing(session.scalars(query.execution_options(yield_per=500))) as events:
        for event in events:
            computed = chain_hash(previous, event.content())
            if (event.seq, event.prev_hash, event.hash) != (expected, previous, computed):
                return expected
            expected, previous = expected + 1, event.hash
    stream = session.get_one(OutboxStream, stream_id, populate_existing=True)
    return None if (stream.last_seq, stream.last_hash) == (expected - 1, previous) else expected


def prune_console(session: Session, before_us: int, limit: int) -> int:
    """Drop the oldest console events from before the time; returns how many there were, at most `limit`.

    A stream's newest event stays, so that the chain goes on from a row that can be shown.
    """
    newest = OutboxStream.last_seq == OutboxEvent.seq
    query = select(OutboxEvent.position).join(OutboxStream, OutboxStream.id == OutboxEvent.stream_id)
    query = query.where(OutboxStream.destination == CONSOLE, OutboxEvent.created_us < before_us, ~newest)
    old = session.scalars(query.order_by(OutboxEvent.position).limit(limit)).all()
    session.execute(delete(OutboxEvent).where(OutboxEvent.position.in_(old)))
    return len(old)


def _first_kept(session: Session, stream_id: str) -> tuple[int, str]:
    """The number that a whole stream begins with, and the hash before it."""
    if session.get_one(OutboxStream, stream_id).destination == CONSOLE:
        query = select(OutboxEvent).where(OutboxEvent.stream_id == stream_id).order_by(OutboxEvent.seq)
        first = session.scalars(query.limit(1)).first()
        if first is not None:
            return first.seq, first.prev_hash
    return 1, START_HASH


def _take_numbers(
    session: Session, origin: str, destination: str, lane: Lane, count: int, clock: Clock
) -> tuple[str, int, str]:
    """The open stream, the last of so many numbers, and the hash before the first."""
    for _ in range(2):
        row = session.execute(
            update(OutboxStream)
            .where(*_key(origin, destination, lane))
            .values(last_seq=OutboxStream.last_seq + count)
            .returning(OutboxStream.id, OutboxStream.last_seq, OutboxStream.last_hash)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if row is not None:
            return row.id, row.last_seq, row.last_hash
        _ensure_open(session, origin, destination, lane, clock)
    raise Conflict("the outbox stream was closed meanwhile.", where=f"{destination}/{lane}", mend="Try again.")


def _ensure_open(session: Session, origin: str, destination: str, lane: Lane, clock: Clock) -> None:
    statement = insert_for(session)(OutboxStream).values(
        id=new_id(clock),
        origin=origin,
        epoch=new_id(clock),
        destination=destination,
        lane=lane,
        last_seq=0,
        last_hash=START_HASH,
    )
    session.execute(statement.on_conflict_do_nothing())


def _open(origin: str, destination: str, lane: Lane) -> Select[OutboxStream]:
    return select(OutboxStream).where(*_key(origin, destination, lane))


def _key(origin: str, destination: str, lane: Lane) -> tuple[Any, ...]:
    return (
        OutboxStream.origin == origin,
        OutboxStream.destination == destination,
        OutboxStream.lane == lane,
        OutboxStream.closed_us.is_(None),
    )

"""How far each consumer has read, kept in *core* and moved in the transaction that stores what was derived."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.chain import insert_for
from foundation.database import CoreBase
from foundation.errors import Conflict


class ConsumerCursor(CoreBase):
    __tablename__ = "consumer_cursor"

    consumer: Mapped[str] = mapped_column(String(64), primary_key=True, comment="name of the reader")
    position: Mapped[int] = mapped_column(comment="seq of the last row consumed, 0 before the first")


def position(session: Session, consumer: str) -> int:
    """The seq of the last row consumed, 0 before the first."""
    return session.scalar(select(ConsumerCursor.position).where(ConsumerCursor.consumer == consumer)) or 0


def move(session: Session, consumer: str, expected: int, to: int) -> None:
    """Move from `expected` to `to`, or raise `Conflict` when another process has moved it meanwhile."""
    table = ConsumerCursor
    statement = insert_for(session)(table).values(consumer=consumer, position=to if expected == 0 else expected)
    moved = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["consumer"], set_={"position": to}, where=table.position == expected
        ).returning(table.position)
    )
    if moved != to:
        raise Conflict(
            f"the cursor no longer stands at {expected}.", where=consumer, mend="Read it again and repeat the batch."
        )

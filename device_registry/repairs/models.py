"""The tables of repair tickets, in the store *core*."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns

State = Literal["open", "in_work", "done", "cancelled"]
PictureKind = Literal["photo", "signature"]
Step = Literal["opened", "assigned", "noted", "done", "cancelled", "reopened"]
STATES: tuple[State, ...] = get_args(State)
PICTURE_KINDS: tuple[PictureKind, ...] = get_args(PictureKind)
STEPS: tuple[Step, ...] = get_args(Step)
RUNNING = ("open", "in_work")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class RepairTicket(OriginColumns, CoreBase):
    """Closed some day, never deleted. A camera has one that runs at most."""

    __tablename__ = "repair_ticket"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state"),
        Index(
            "ix_repair_ticket_running",
            "camera_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'in_work')"),
            postgresql_where=text("state IN ('open', 'in_work')"),
        ),
        {"comment": "repairs of cameras; closed some day, never deleted"},
    )

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True, comment="what is to be repaired")
    state: Mapped[State] = mapped_column(String(9), comment="open, in_work, done or cancelled")
    fault: Mapped[str] = mapped_column(Text, comment="what is broken, in the person's words")
    assigned_to: Mapped[str | None] = mapped_column(String(200), comment="who is to mend it: a person or a firm")
    opened_us: Mapped[int] = mapped_column(comment="when it was opened, UTC microseconds")
    closed_us: Mapped[int | None] = mapped_column(comment="when it was done or cancelled; null while it runs")
    work: Mapped[str | None] = mapped_column(Text, comment="what was done, or why nothing was")
    accepted_by: Mapped[str | None] = mapped_column(String(200), comment="name of the person who signed for it")
    version: Mapped[int] = mapped_column(Integer, comment="rises with each change; a change names the version it saw")


class RepairStep(CoreBase):
    __tablename__ = "repair_step"
    __table_args__ = (
        CheckConstraint(_one_of("step", STEPS), name="step"),
        UniqueConstraint("ticket_id", "number"),
        {"comment": "what happened to a repair ticket, in turn"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    ticket_id: Mapped[str] = mapped_column(ForeignKey("repair_ticket.id"), comment="its ticket")
    number: Mapped[int] = mapped_column(Integer, comment="place among the ticket's steps, from 1")
    at_us: Mapped[int] = mapped_column(comment="when, UTC microseconds")
    actor: Mapped[str] = mapped_column(String(200), comment="who did it, as the audit trail names them")
    step: Mapped[Step] = mapped_column(String(9), comment="opened, assigned, noted, done, cancelled or reopened")
    text: Mapped[str] = mapped_column(Text, comment="what they said with it")


class RepairPicture(CoreBase):
    __tablename__ = "repair_picture"
    __table_args__ = (
        CheckConstraint(_one_of("kind", PICTURE_KINDS), name="kind"),
        {"comment": "photos of a repair, and the signature of who accepted it"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    ticket_id: Mapped[str] = mapped_column(ForeignKey("repair_ticket.id"), index=True, comment="its ticket")
    kind: Mapped[PictureKind] = mapped_column(String(9), comment="photo or signature")
    media_type: Mapped[str] = mapped_column(String(10), comment="image/jpeg or image/png")
    sha256: Mapped[str] = mapped_column(String(64), comment="of the content; it is in the audit trail as well")
    content: Mapped[str] = mapped_column(
        Text, comment="base64 of the picture, without what it told of place and device: a backup saves it as text"
    )
    added_us: Mapped[int] = mapped_column(comment="when it was added, UTC microseconds")
    added_by: Mapped[str] = mapped_column(String(200), comment="who added it")

"""The table of evidence locks, in the store *core*."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns


class EvidenceLock(OriginColumns, CoreBase):
    """A span of a camera's footage, every stream of it, that no purge frees. Released some day, never deleted."""

    __tablename__ = "evidence_lock"
    __table_args__ = (
        CheckConstraint("start_us < end_us", name="span"),
        Index("ix_evidence_lock_camera_id_start_us", "camera_id", "start_us"),
        Index(
            "ix_evidence_lock_in_force",
            "camera_id",
            sqlite_where=text("released_us IS NULL"),
            postgresql_where=text("released_us IS NULL"),
        ),
        {"comment": "spans of footage that are kept as evidence, by camera; released some day, never deleted"},
    )

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), comment="whose footage")
    start_us: Mapped[int] = mapped_column(comment="start of the span, UTC microseconds")
    end_us: Mapped[int] = mapped_column(comment="end of the span, UTC microseconds")
    reason: Mapped[str] = mapped_column(Text, comment="why it is kept, in the person's words")
    case_number: Mapped[str | None] = mapped_column(String(64), comment="case it is kept for, if one")
    version: Mapped[int] = mapped_column(Integer, comment="rises with each change; a change names the version it saw")
    locked_us: Mapped[int] = mapped_column(comment="when it was locked, UTC microseconds")
    locked_by: Mapped[str] = mapped_column(String(36), comment="account that locked it")
    locked_by_name: Mapped[str] = mapped_column(String(64), comment="its name at that time")
    held_us: Mapped[int | None] = mapped_column(
        comment="when the recorders confirmed that they hold the whole span, UTC microseconds; null: not yet"
    )
    released_us: Mapped[int | None] = mapped_column(comment="when it was let go, UTC microseconds; null while in force")
    released_by: Mapped[str | None] = mapped_column(String(36), comment="account that let it go")
    released_by_name: Mapped[str | None] = mapped_column(String(64), comment="its name at that time")
    release_reason: Mapped[str | None] = mapped_column(Text, comment="why it was let go, in the person's words")
    release_case_number: Mapped[str | None] = mapped_column(String(64), comment="case named at the release, if one")

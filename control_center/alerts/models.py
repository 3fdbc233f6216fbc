"""The tables of alerts, in the store *core*."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns


class Alert(OriginColumns, CoreBase):
    """A hit that people verify, dispatch and close. Its `center_id` is the center that must act on it."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("hit_id"),
        Index("ix_alert_center_id_created_us", "center_id", "created_us"),
    )

    hit_id: Mapped[str] = mapped_column(ForeignKey("hit.id"), comment="the lead behind it; one alert a hit")
    kind: Mapped[str] = mapped_column(String(16), comment="plate_hit or record_hit")
    state: Mapped[str] = mapped_column(String(16), index=True, comment="new, acknowledged, verified, dismissed, closed")
    version: Mapped[int] = mapped_column(Integer, comment="rises with each step; a step names the version it saw")
    severity: Mapped[str] = mapped_column(String(8), comment="high, medium or low")
    list_name: Mapped[str | None] = mapped_column(
        String(32), comment="list of the hit; null: plate of a stolen vehicle"
    )
    database: Mapped[str | None] = mapped_column(String(32), comment="reference database of the hit, if any")
    subject: Mapped[str] = mapped_column(String(300), comment="whom or what it is about, as shown: a name or a plate")
    plate: Mapped[str | None] = mapped_column(String(32), comment="plate as read, of a plate hit")
    camera_id: Mapped[str | None] = mapped_column(String(36), index=True, comment="camera of a plate hit")
    observed_us: Mapped[int | None] = mapped_column(comment="when the camera saw it, UTC microseconds")
    clip_start_us: Mapped[int | None] = mapped_column(comment="start of the footage to show, UTC microseconds")
    clip_end_us: Mapped[int | None] = mapped_column(comment="end of the footage to show, UTC microseconds")
    verifications_needed: Mapped[int] = mapped_column(Integer, comment="different people who must verify it: 1 or 2")
    created_us: Mapped[int] = mapped_column(comment="when the alert was raised, UTC microseconds")


class AlertSighting(OriginColumns, CoreBase):
    """One passage before a camera. Passages soon after one another belong to one alert: people act on it once."""

    __tablename__ = "alert_sighting"
    __table_args__ = (UniqueConstraint("alert_id", "observation_id"),)

    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"), comment="its alert")
    observation_id: Mapped[str] = mapped_column(String(36), comment="plate read, in the store observations")
    camera_id: Mapped[str] = mapped_column(String(36), index=True, comment="camera that saw it")
    start_us: Mapped[int] = mapped_column(comment="first moment seen, UTC microseconds")
    end_us: Mapped[int] = mapped_column(comment="last moment seen, UTC microseconds")


class AlertStep(OriginColumns, CoreBase):
    """One step a person took. The rows are the alert's history, and its verifications are counted here."""

    __tablename__ = "alert_step"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"), index=True, comment="its alert")
    at_us: Mapped[int] = mapped_column(comment="when, UTC microseconds")
    account_id: Mapped[str] = mapped_column(String(36), comment="who; empty: matching itself")
    account_name: Mapped[str] = mapped_column(String(64), comment="who, by the name at that time")
    from_state: Mapped[str] = mapped_column(String(16), comment="state before")
    to_state: Mapped[str] = mapped_column(String(16), comment="state asked for; a first of two verifications stays")
    note: Mapped[str] = mapped_column(Text, comment="the person's words; a dismissal must have some")

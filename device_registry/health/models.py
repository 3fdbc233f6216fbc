"""The tables of the cameras' health, in the store *core*."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns


class DeviceFault(OriginColumns, CoreBase):
    __tablename__ = "device_fault"
    __table_args__ = (
        Index(
            "ix_device_fault_open",
            "node",
            sqlite_where=text("until_us IS NULL"),
            postgresql_where=text("until_us IS NULL"),
        ),
        {"comment": "one fault that many cameras have in common: their network, or their device"},
    )

    kind: Mapped[str] = mapped_column(String(8), comment="network, or device: an NVR of several cameras")
    network: Mapped[str] = mapped_column(String(253), comment="the network as 10.0.0.0/24; of a device its host")
    since_us: Mapped[int] = mapped_column(comment="since when, UTC microseconds")
    until_us: Mapped[int | None] = mapped_column(comment="when it ended, UTC microseconds; null: it goes on")
    devices: Mapped[int] = mapped_column(comment="how many devices did not answer when it was told")
    cause: Mapped[str] = mapped_column(Text, comment="one sentence")
    mend: Mapped[str] = mapped_column(Text, comment="what to do")


class CameraHealth(CoreBase):
    __tablename__ = "camera_health"
    __table_args__ = ({"comment": "a camera's present health; how it came about stands in camera_health_change"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    state: Mapped[str] = mapped_column(String(16), comment="health, such as online or unreachable")
    since_us: Mapped[int] = mapped_column(comment="since when, UTC microseconds")
    cause: Mapped[str | None] = mapped_column(Text, comment="one sentence; null: all is well")
    mend: Mapped[str | None] = mapped_column(Text, comment="what to do; null: nothing")
    until_us: Mapped[int | None] = mapped_column(comment="when maintenance ends by itself, UTC microseconds")
    fault_id: Mapped[str | None] = mapped_column(
        ForeignKey("device_fault.id"), index=True, comment="the fault that it shares with others, if one"
    )
    asked_us: Mapped[int | None] = mapped_column(
        index=True, comment="when somebody asked for a check that was not done yet, UTC microseconds"
    )


class HealthChange(CoreBase):
    __tablename__ = "camera_health_change"
    __table_args__ = (
        Index("ix_camera_health_change_camera_id_at_us", "camera_id", "at_us"),
        {"comment": "each change of a camera's health, only ever added to; old ones go by health.history_days"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), comment="its camera")
    at_us: Mapped[int] = mapped_column(index=True, comment="from when on, UTC microseconds")
    state: Mapped[str] = mapped_column(String(16), comment="health from then on")
    cause: Mapped[str | None] = mapped_column(Text, comment="one sentence; null: all is well")


class RecordedDay(CoreBase):
    __tablename__ = "camera_recorded_day"
    __table_args__ = ({"comment": "how whole a camera's footage of a day is; kept longer than the footage itself"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    day: Mapped[int] = mapped_column(primary_key=True, comment="days since 1970-01-01, UTC")
    span_us: Mapped[int] = mapped_column(comment="how long the camera was registered on that day, microseconds")
    recorded_us: Mapped[int] = mapped_column(comment="how much of it its main stream is recorded, microseconds")


class CameraMaintenance(CoreBase):
    __tablename__ = "camera_maintenance"
    __table_args__ = (
        Index(
            "ix_camera_maintenance_open",
            "camera_id",
            unique=True,
            sqlite_where=text("ended_us IS NULL"),
            postgresql_where=text("ended_us IS NULL"),
        ),
        {"comment": "times in which work at a camera was announced; none is deleted"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True, comment="its camera")
    from_us: Mapped[int] = mapped_column(comment="when it began, UTC microseconds")
    until_us: Mapped[int] = mapped_column(comment="when it ends by itself, UTC microseconds")
    reason: Mapped[str] = mapped_column(Text, comment="what is done, in the person's words")
    actor: Mapped[str] = mapped_column(String(128), comment="account, or cli:USER")
    ended_us: Mapped[int | None] = mapped_column(comment="when it really ended, UTC microseconds; null: it goes on")

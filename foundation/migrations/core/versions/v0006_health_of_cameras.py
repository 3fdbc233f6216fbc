"""The health of cameras, its changes, maintenance, and faults that many cameras share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "device_fault",
        sa.Column("kind", sa.String(length=8), nullable=False, comment="network, or device: an NVR of several cameras"),
        sa.Column(
            "network", sa.String(length=253), nullable=False, comment="the network as 10.0.0.0/24; of a device its host"
        ),
        sa.Column("since_us", sa.BigInteger(), nullable=False, comment="since when, UTC microseconds"),
        sa.Column(
            "until_us", sa.BigInteger(), nullable=True, comment="when it ended, UTC microseconds; null: it goes on"
        ),
        sa.Column(
            "devices", sa.BigInteger(), nullable=False, comment="how many devices did not answer when it was told"
        ),
        sa.Column("cause", sa.Text(), nullable=False, comment="one sentence"),
        sa.Column("mend", sa.Text(), nullable=False, comment="what to do"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_fault")),
        comment="one fault that many cameras have in common: their network, or their device",
    )
    op.create_index(op.f("ix_device_fault_center_id"), "device_fault", ["center_id"], unique=False)
    op.create_index(
        "ix_device_fault_open",
        "device_fault",
        ["node"],
        unique=False,
        sqlite_where=sa.text("until_us IS NULL"),
        postgresql_where=sa.text("until_us IS NULL"),
    )
    op.create_table(
        "camera_health",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="health, such as online or unreachable"),
        sa.Column("since_us", sa.BigInteger(), nullable=False, comment="since when, UTC microseconds"),
        sa.Column("cause", sa.Text(), nullable=True, comment="one sentence; null: all is well"),
        sa.Column("mend", sa.Text(), nullable=True, comment="what to do; null: nothing"),
        sa.Column(
            "until_us", sa.BigInteger(), nullable=True, comment="when maintenance ends by itself, UTC microseconds"
        ),
        sa.Column(
            "fault_id", sa.String(length=36), nullable=True, comment="the fault that it shares with others, if one"
        ),
        sa.Column(
            "asked_us",
            sa.BigInteger(),
            nullable=True,
            comment="when somebody asked for a check that was not done yet, UTC microseconds",
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_health_camera_id_camera")),
        sa.ForeignKeyConstraint(["fault_id"], ["device_fault.id"], name=op.f("fk_camera_health_fault_id_device_fault")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_health")),
        comment="a camera's present health; how it came about stands in camera_health_change",
    )
    op.create_index(op.f("ix_camera_health_asked_us"), "camera_health", ["asked_us"], unique=False)
    op.create_index(op.f("ix_camera_health_fault_id"), "camera_health", ["fault_id"], unique=False)
    op.create_table(
        "camera_health_change",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="from when on, UTC microseconds"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="health from then on"),
        sa.Column("cause", sa.Text(), nullable=True, comment="one sentence; null: all is well"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_health_change_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_health_change")),
        comment="each change of a camera's health, only ever added to; old ones go by health.history_days",
    )
    op.create_index(op.f("ix_camera_health_change_at_us"), "camera_health_change", ["at_us"], unique=False)
    op.create_index(
        "ix_camera_health_change_camera_id_at_us", "camera_health_change", ["camera_id", "at_us"], unique=False
    )
    op.create_table(
        "camera_maintenance",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("from_us", sa.BigInteger(), nullable=False, comment="when it began, UTC microseconds"),
        sa.Column("until_us", sa.BigInteger(), nullable=False, comment="when it ends by itself, UTC microseconds"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what is done, in the person's words"),
        sa.Column("actor", sa.String(length=128), nullable=False, comment="account, or cli:USER"),
        sa.Column(
            "ended_us",
            sa.BigInteger(),
            nullable=True,
            comment="when it really ended, UTC microseconds; null: it goes on",
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_maintenance_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_maintenance")),
        comment="times in which work at a camera was announced; none is deleted",
    )
    op.create_index(op.f("ix_camera_maintenance_camera_id"), "camera_maintenance", ["camera_id"], unique=False)
    op.create_index(
        "ix_camera_maintenance_open",
        "camera_maintenance",
        ["camera_id"],
        unique=True,
        sqlite_where=sa.text("ended_us IS NULL"),
        postgresql_where=sa.text("ended_us IS NULL"),
    )
    op.create_table(
        "camera_recorded_day",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("day", sa.BigInteger(), nullable=False, comment="days since 1970-01-01, UTC"),
        sa.Column(
            "span_us",
            sa.BigInteger(),
            nullable=False,
            comment="how long the camera was registered on that day, microseconds",
        ),
        sa.Column(
            "recorded_us",
            sa.BigInteger(),
            nullable=False,
            comment="how much of it its main stream is recorded, microseconds",
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_recorded_day_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", "day", name=op.f("pk_camera_recorded_day")),
        comment="how whole a camera's footage of a day is; kept longer than the footage itself",
    )

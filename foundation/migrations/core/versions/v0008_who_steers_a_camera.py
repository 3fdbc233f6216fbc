"""Who steers a camera."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "ptz_control",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("holder", sa.String(length=128), nullable=False, comment="account's user name, or cli:USER"),
        sa.Column(
            "priority",
            sa.BigInteger(),
            nullable=False,
            comment="the higher takes over: 0 patrol, 1 operator, 2 senior, 3 supervisor",
        ),
        sa.Column("since_us", sa.BigInteger(), nullable=False, comment="when the holder took it"),
        sa.Column(
            "expires_us",
            sa.BigInteger(),
            nullable=False,
            comment="until when it is the holder's, unless used again",
        ),
        sa.Column(
            "home_due",
            sa.Boolean(),
            nullable=False,
            comment="moved since it was home; it returns when nobody steers it",
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_ptz_control_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_ptz_control")),
        comment="who steers a camera, or did last; its times are the database's clock, UTC",
    )
    op.create_index(op.f("ix_ptz_control_expires_us"), "ptz_control", ["expires_us"])

"""First schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="camera that saw it"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="motion or plate_read"),
        sa.Column("start_us", sa.BigInteger(), nullable=False, comment="first moment seen, UTC microseconds"),
        sa.Column("end_us", sa.BigInteger(), nullable=False, comment="last moment seen, UTC microseconds"),
        sa.Column(
            "detail", sa.JSON(), nullable=False, comment="what the kind calls for; boxes are fractions of the picture"
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when the row was written, UTC microseconds"),
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
            comment="ascending in the order of commits within this store; consumers keep their cursor on it",
        ),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_observation")),
        sa.UniqueConstraint("id", name=op.f("uq_observation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_observation_camera_id_start_us", "observation", ["camera_id", "start_us"], unique=False)
    op.create_index(op.f("ix_observation_center_id"), "observation", ["center_id"], unique=False)

"""What cameras show that post plates by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "push_token",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column(
            "sha256",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the token, hex; the token is kept nowhere",
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when it was made"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_push_token_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_push_token")),
        comment="what a camera shows that posts plates by itself",
    )

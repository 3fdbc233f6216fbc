"""Rotation of camera passwords; the certificate of a device's ONVIF service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_IS_OPEN = sa.text("state IN ('waiting', 'pending', 'unknown')")
_STATES = "state IN ('waiting', 'pending', 'done', 'unchanged', 'rolled_back', 'unknown', 'withdrawn')"


def upgrade() -> None:
    op.add_column(
        "camera",
        sa.Column(
            "onvif_tls_sha256",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of the certificate that its device must show over https, hex; null: any",
        ),
    )
    op.create_table(
        "password_rotation",
        sa.Column("started_us", sa.BigInteger(), nullable=False, comment="when it was begun, UTC microseconds"),
        sa.Column("started_by", sa.String(length=128), nullable=False, comment="who began it: an account, or cli:USER"),
        *_origin(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_rotation")),
        comment="a rotation of passwords over many devices",
    )
    op.create_index(op.f("ix_password_rotation_center_id"), "password_rotation", ["center_id"], unique=False)
    op.create_table(
        "rotated_device",
        sa.Column("rotation_id", sa.String(length=36), nullable=False, comment="its rotation"),
        sa.Column("place", sa.BigInteger(), nullable=False, comment="its turn within the rotation, from 0"),
        sa.Column(
            "onvif_url",
            sa.String(length=1024),
            nullable=False,
            comment="where the device answers ONVIF; that of its cameras",
        ),
        sa.Column(
            "username",
            sa.String(length=200),
            nullable=False,
            comment="user whose password changes; that of its cameras",
        ),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="waiting, pending, done, unchanged, rolled_back, unknown, withdrawn",
        ),
        sa.Column("cause", sa.Text(), nullable=True, comment="one sentence where it is not done, with what to do"),
        sa.Column(
            "old_password",
            sa.String(length=1024),
            nullable=True,
            comment="sealed by foundation.keyring for purpose credential; null before its turn and when settled",
        ),
        sa.Column(
            "new_password",
            sa.String(length=1024),
            nullable=True,
            comment="sealed by foundation.keyring for purpose credential; null when settled",
        ),
        sa.Column(
            "changed_us", sa.BigInteger(), nullable=False, comment="when its state last changed, UTC microseconds"
        ),
        *_origin(),
        sa.CheckConstraint(_STATES, name=op.f("ck_rotated_device_state")),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["password_rotation.id"], name=op.f("fk_rotated_device_rotation_id_password_rotation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotated_device")),
        comment="a device within a rotation: its user's passwords, before and after, while either may be right",
    )
    op.create_index(op.f("ix_rotated_device_center_id"), "rotated_device", ["center_id"], unique=False)
    op.create_index(op.f("ix_rotated_device_rotation_id"), "rotated_device", ["rotation_id"], unique=False)
    op.create_index(
        "ix_rotated_device_open",
        "rotated_device",
        ["onvif_url", "username"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )


def _origin() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
    )

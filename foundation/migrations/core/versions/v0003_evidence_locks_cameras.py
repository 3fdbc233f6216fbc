"""Evidence locks; how a camera is reached, heard and kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "evidence_lock",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="whose footage"),
        sa.Column("start_us", sa.BigInteger(), nullable=False, comment="start of the span, UTC microseconds"),
        sa.Column("end_us", sa.BigInteger(), nullable=False, comment="end of the span, UTC microseconds"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it is kept, in the person's words"),
        sa.Column("case_number", sa.String(length=64), nullable=True, comment="case it is kept for, if one"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="rises with each change; a change names the version it saw"
        ),
        sa.Column("locked_us", sa.BigInteger(), nullable=False, comment="when it was locked, UTC microseconds"),
        sa.Column("locked_by", sa.String(length=36), nullable=False, comment="account that locked it"),
        sa.Column("locked_by_name", sa.String(length=64), nullable=False, comment="its name at that time"),
        sa.Column(
            "held_us",
            sa.BigInteger(),
            nullable=True,
            comment="when the recorders confirmed that they hold the whole span, UTC microseconds; null: not yet",
        ),
        sa.Column(
            "released_us",
            sa.BigInteger(),
            nullable=True,
            comment="when it was let go, UTC microseconds; null while in force",
        ),
        sa.Column("released_by", sa.String(length=36), nullable=True, comment="account that let it go"),
        sa.Column("released_by_name", sa.String(length=64), nullable=True, comment="its name at that time"),
        sa.Column("release_reason", sa.Text(), nullable=True, comment="why it was let go, in the person's words"),
        sa.Column(
            "release_case_number", sa.String(length=64), nullable=True, comment="case named at the release, if one"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.CheckConstraint("start_us < end_us", name=op.f("ck_evidence_lock_span")),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_evidence_lock_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_lock")),
        comment="spans of footage that are kept as evidence, by camera; released some day, never deleted",
    )
    op.create_index("ix_evidence_lock_camera_id_start_us", "evidence_lock", ["camera_id", "start_us"], unique=False)
    op.create_index(op.f("ix_evidence_lock_center_id"), "evidence_lock", ["center_id"], unique=False)
    op.create_index(
        "ix_evidence_lock_in_force",
        "evidence_lock",
        ["camera_id"],
        unique=False,
        sqlite_where=sa.text("released_us IS NULL"),
        postgresql_where=sa.text("released_us IS NULL"),
    )
    op.add_column(
        "camera",
        sa.Column(
            "transport",
            sa.String(length=3),
            server_default="tcp",
            nullable=False,
            comment="how RTP comes: tcp (interleaved) or udp",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "tls_sha256",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of the certificate that it must show over rtsps, hex; null: any certificate",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "audio_purpose",
            sa.Text(),
            nullable=True,
            comment="the purpose that allows sound; null: no sound is recorded",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "retention_days",
            sa.Double(),
            nullable=True,
            comment="how long footage is kept, days; null: the center's setting",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "retention_bytes",
            sa.BigInteger(),
            nullable=True,
            comment="how much footage is kept, bytes; null: the center's setting",
        ),
    )

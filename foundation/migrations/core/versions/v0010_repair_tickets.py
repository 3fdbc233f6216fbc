"""Repair tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "repair_ticket",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="what is to be repaired"),
        sa.Column("state", sa.String(length=9), nullable=False, comment="open, in_work, done or cancelled"),
        sa.Column("fault", sa.Text(), nullable=False, comment="what is broken, in the person's words"),
        sa.Column("assigned_to", sa.String(length=200), nullable=True, comment="who is to mend it: a person or a firm"),
        sa.Column("opened_us", sa.BigInteger(), nullable=False, comment="when it was opened, UTC microseconds"),
        sa.Column(
            "closed_us", sa.BigInteger(), nullable=True, comment="when it was done or cancelled; null while it runs"
        ),
        sa.Column("work", sa.Text(), nullable=True, comment="what was done, or why nothing was"),
        sa.Column("accepted_by", sa.String(length=200), nullable=True, comment="name of the person who signed for it"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="rises with each change; a change names the version it saw"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.CheckConstraint("state IN ('open', 'in_work', 'done', 'cancelled')", name=op.f("ck_repair_ticket_state")),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_repair_ticket_camera_id_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_ticket")),
        comment="repairs of cameras; closed some day, never deleted",
    )
    op.create_index(op.f("ix_repair_ticket_camera_id"), "repair_ticket", ["camera_id"], unique=False)
    op.create_index(op.f("ix_repair_ticket_center_id"), "repair_ticket", ["center_id"], unique=False)
    op.create_index(
        "ix_repair_ticket_running",
        "repair_ticket",
        ["camera_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'in_work')"),
        postgresql_where=sa.text("state IN ('open', 'in_work')"),
    )
    op.create_table(
        "repair_picture",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("ticket_id", sa.String(length=36), nullable=False, comment="its ticket"),
        sa.Column("kind", sa.String(length=9), nullable=False, comment="photo or signature"),
        sa.Column("media_type", sa.String(length=10), nullable=False, comment="image/jpeg or image/png"),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of the content; it is in the audit trail as well"
        ),
        sa.Column(
            "content",
            sa.Text(),
            nullable=False,
            comment="base64 of the picture, without what it told of place and device: a backup saves it as text",
        ),
        sa.Column("added_us", sa.BigInteger(), nullable=False, comment="when it was added, UTC microseconds"),
        sa.Column("added_by", sa.String(length=200), nullable=False, comment="who added it"),
        sa.CheckConstraint("kind IN ('photo', 'signature')", name=op.f("ck_repair_picture_kind")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repair_ticket.id"], name=op.f("fk_repair_picture_ticket_id_repair_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_picture")),
        comment="photos of a repair, and the signature of who accepted it",
    )
    op.create_index(op.f("ix_repair_picture_ticket_id"), "repair_picture", ["ticket_id"], unique=False)
    op.create_table(
        "repair_step",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("ticket_id", sa.String(length=36), nullable=False, comment="its ticket"),
        sa.Column("number", sa.Integer(), nullable=False, comment="place among the ticket's steps, from 1"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="when, UTC microseconds"),
        sa.Column("actor", sa.String(length=200), nullable=False, comment="who did it, as the audit trail names them"),
        sa.Column(
            "step", sa.String(length=9), nullable=False, comment="opened, assigned, noted, done, cancelled or reopened"
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="what they said with it"),
        sa.CheckConstraint(
            "step IN ('opened', 'assigned', 'noted', 'done', 'cancelled', 'reopened')", name=op.f("ck_repair_step_step")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repair_ticket.id"], name=op.f("fk_repair_step_ticket_id_repair_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_step")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_repair_step_ticket_id")),
        comment="what happened to a repair ticket, in turn",
    )

"""Records know which import wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "key_person",
        sa.Column(
            "imported_version",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="which version (record_version) last wrote the row",
        ),
    )
    op.create_index(op.f("ix_key_person_imported_version"), "key_person", ["imported_version"], unique=False)
    op.add_column(
        "reference_record",
        sa.Column(
            "imported_version",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="which version (record_version) last wrote the row",
        ),
    )
    op.create_index(
        op.f("ix_reference_record_imported_version"), "reference_record", ["imported_version"], unique=False
    )

"""Where a camera's device answers ONVIF."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "camera",
        sa.Column(
            "onvif_url",
            sa.String(length=1024),
            nullable=True,
            comment="where its device answers ONVIF, never with credentials; an NVR's cameras share it",
        ),
    )

"""What technicians keep of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "camera", sa.Column("serial", sa.String(length=100), nullable=True, comment="serial number of the device")
    )
    op.add_column(
        "camera",
        sa.Column(
            "firmware", sa.String(length=100), nullable=True, comment="firmware of the device, as its maker writes it"
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "mac", sa.String(length=17), nullable=True, comment="MAC address, pairs of lower-case digits with colons"
        ),
    )
    op.add_column(
        "camera", sa.Column("gb28181_id", sa.String(length=20), nullable=True, comment="GB/T 28181 ID, 20 digits")
    )
    op.add_column(
        "camera",
        sa.Column("address", sa.String(length=300), nullable=True, comment="postal address, or how to find it"),
    )
    op.add_column(
        "camera", sa.Column("height_m", sa.Double(), nullable=True, comment="mounting height above ground, metres")
    )
    op.add_column(
        "camera",
        sa.Column("azimuth_deg", sa.Double(), nullable=True, comment="where it looks, degrees clockwise from north"),
    )
    op.add_column(
        "camera",
        sa.Column("tilt_deg", sa.Double(), nullable=True, comment="degrees below the horizon; negative: above"),
    )
    op.add_column(
        "camera", sa.Column("fov_deg", sa.Double(), nullable=True, comment="horizontal field of view, degrees")
    )
    op.add_column(
        "camera", sa.Column("range_m", sa.Double(), nullable=True, comment="how far it is meant to see, metres")
    )
    op.add_column("camera", sa.Column("watched_area", sa.String(length=300), nullable=True, comment="what it watches"))
    op.add_column(
        "camera",
        sa.Column("type", sa.String(length=50), nullable=True, comment="kind of camera, such as dome or bullet"),
    )
    op.add_column("camera", sa.Column("owner", sa.String(length=200), nullable=True, comment="who owns it"))
    op.add_column(
        "camera", sa.Column("managing_unit", sa.String(length=200), nullable=True, comment="who looks after it")
    )
    op.add_column("camera", sa.Column("contact", sa.String(length=200), nullable=True, comment="whom to call about it"))
    op.add_column(
        "camera",
        sa.Column("installed_on", sa.String(length=10), nullable=True, comment="day of installation, ISO 8601"),
    )
    op.add_column("camera", sa.Column("purpose", sa.String(length=500), nullable=True, comment="what it is there for"))
    op.add_column(
        "camera",
        sa.Column(
            "purpose_review_on",
            sa.String(length=10),
            nullable=True,
            comment="day when its purpose is to be reviewed, ISO 8601",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "sign_evidence",
            sa.String(length=500),
            nullable=True,
            comment="evidence that the public is told of it: where the sign hangs, its photo",
        ),
    )

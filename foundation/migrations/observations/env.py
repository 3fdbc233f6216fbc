"""Alembic runs this file; the connection comes from `foundation.migrations`."""

from __future__ import annotations

from foundation.migrations.environment import run

run("observations")

"""What a command of this room works with: the stores of this center, opened and up to date."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from foundation.database import open_stores
from foundation.database_faults import explained
from foundation.files import ensure_folder
from foundation.settings import Settings, load_settings


@contextmanager
def opened() -> Iterator[tuple[Engine, Settings]]:
    from foundation import migrations  # a quarter of a second, which --help can do without

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
        with explained(stores.core):
            yield stores.core, settings
    finally:
        stores.dispose()


def actor() -> str:
    """Who types, for the audit trail."""
    return f"cli:{getpass.getuser()}"

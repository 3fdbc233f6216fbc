"""What the commands of this room share: the stores of this center, opened and up to date, and the person who types."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from device_registry import centers
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.database_faults import explained
from foundation.errors import NotFound
from foundation.files import ensure_folder
from foundation.identifiers import Origin
from foundation.scope import NOTHING, Scope
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


def scope_of(session: Session, settings: Settings, center: str | None = None) -> Scope:
    """This center and those below it, or the one of this code among them with those below that. Raises `NotFound`."""
    local = centers.find(session, settings.center.code)
    own = centers.descendants(session, local.id) if local else NOTHING
    if center is None:
        return own
    named = centers.find(session, center)
    if named is None or named.id not in own:
        raise NotFound(
            "there is no such center here or below.", where=f"center {center}", mend="See `vedette centers ls`."
        )
    return centers.descendants(session, named.id)


def actor() -> str:
    """Who types, for the audit trail."""
    return f"cli:{getpass.getuser()}"


@contextmanager
def writing() -> Iterator[tuple[Session, Settings, Origin]]:
    """One transaction; it is committed at the end, or not at all."""
    with opened() as (core, settings), transaction(core) as session:
        yield session, settings, centers.ensure_local(session, settings, SYSTEM_CLOCK)


@contextmanager
def looking() -> Iterator[tuple[Session, Settings]]:
    with opened() as (core, settings), reading(core) as session:
        yield session, settings


def console() -> Console:
    # Names come from outside: square brackets in them are text, not markup.
    return Console(markup=False, highlight=False)


def password_of(username: str) -> str:
    """Asked without an echo, or read from a pipe."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username} at the device: ")
    return sys.stdin.readline().rstrip("\r\n")

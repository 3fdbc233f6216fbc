"""From an older schema to this version's: looked at and rehearsed first, backed up, then migrated in a transaction."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from foundation import audit, migrations
from foundation.audit import AuditAction
from foundation.backup.loading import check_foreign_keys
from foundation.backup.progress import SILENT, Progress
from foundation.backup.restore import chain_faults, stamp_of
from foundation.backup.rooms import FindOrigin
from foundation.backup.sessions import refuse_other_sessions
from foundation.backup.shapes import STORES
from foundation.backup.writer import Written, write_backup
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import Stores, open_engine, reading, transaction
from foundation.database_faults import explained
from foundation.errors import DiskFull
from foundation.files import ensure_folder
from foundation.migrations import Store
from foundation.settings import Settings
from foundation.signing import Signing


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade would do, and whether there is room for it."""

    before: dict[str, str | None]
    after: dict[str, str]
    database_bytes: int
    free_bytes: int

    @property
    def is_empty(self) -> bool:
        return all(revision is None for revision in self.before.values())

    @property
    def is_needed(self) -> bool:
        return self.before != self.after

    @property
    def has_room(self) -> bool:
        """A backup is a fifth of the database; the migration may write all of SQLite's file once more."""
        return self.free_bytes > self.database_bytes * 3 // 2


@dataclass(frozen=True, slots=True)
class Upgraded:
    plan: Plan
    backup: Written
    faults: Sequence[str]


def plan(settings: Settings, stores: Stores) -> Plan:
    """Raises `NewerDatabase` for a database that a newer version wrote."""
    folder = settings.data_dir.absolute()
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    return Plan(
        before=migrations.revisions(stores),
        after={name: store.head for name, store in STORES.items()},
        database_bytes=_size(stores),
        free_bytes=shutil.disk_usage(existing).free,
    )


def rehearse(settings: Settings, stores: Stores) -> list[str]:
    """Migrate a copy (SQLite) or a transaction that is rolled back (PostgreSQL, which waits at most 5 s for its locks);
    the faults that the chains have afterwards. Raises what the real migration would."""
    with _rehearsal(settings, stores) as ground:
        faults: list[str] = []
        for name, engine in (("core", ground.core), ("observations", ground.observations)):
            with explained(engine), engine.connect() as connection, connection.begin() as begun:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
                migrations.upgrade(STORES[name], connection)
                check_foreign_keys(connection)
                if name == "core":
                    faults = chain_faults(Session(connection))
                begun.rollback()
        return faults


def upgrade(
    settings: Settings,
    stores: Stores,
    signing: Signing,
    find_origin: FindOrigin,
    *,
    actor: str,
    clock: Clock = SYSTEM_CLOCK,
    progress: Progress = SILENT,
) -> Upgraded:
    """Back up into DATA/backups, migrate, and look at the result. Raises before anything changed, or with the migration
    rolled back; the backup stays. The caller sees to it that no process uses the database."""
    planned = plan(settings, stores)
    if not planned.has_room:
        raise DiskFull(
            f"{planned.free_bytes / 1e9:.2f} GB are free, and the upgrade of {planned.database_bytes / 1e9:.2f} GB may "
            "need one and a half times as much.",
            where=str(settings.data_dir),
            mend="Free space on this disk.",
        )
    with explained(stores.core), stores.core.execution_options(read_only=True).connect() as connection:
        refuse_other_sessions(connection)
    path = _backup_path(settings, planned, clock)
    backup = write_backup(settings, stores, path, signing, clock=clock, progress=progress)
    migrations.migrate(stores, before_commit=_refuse_broken_keys)
    with reading(stores.core) as session:
        faults = chain_faults(session)
    _record(settings, stores, find_origin, planned, path, actor, clock)
    return Upgraded(planned, backup, faults)


def _refuse_broken_keys(_store: Store, connection: Connection) -> None:
    check_foreign_keys(connection)


def _backup_path(settings: Settings, planned: Plan, clock: Clock) -> Path:
    stamp = stamp_of(clock.now_us())
    return settings.backup_dir / f"vedette-{settings.center.code}-{stamp}-before-{planned.after['core']}.tar"


def _record(
    settings: Settings, stores: Stores, find_origin: FindOrigin, planned: Plan, backup: Path, actor: str, clock: Clock
) -> None:
    with transaction(stores.core) as session:
        origin = find_origin(session, settings, clock)
        audit.record(
            session,
            AuditAction.CLI_DATABASE_UPGRADE,
            origin=origin,
            actor=actor,
            subject=origin.center_id,
            detail={"before": planned.before, "after": planned.after, "backup": backup.name},
            clock=clock,
        )


def _size(stores: Stores) -> int:
    """Bytes of both stores on disk."""
    if stores.core.dialect.name == "postgresql":
        with explained(stores.core), stores.core.connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    names = {engine.url.database for engine in (stores.core, stores.observations)}
    files = [Path(f"{name}{suffix}") for name in names for suffix in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.exists())


@contextmanager
def _rehearsal(settings: Settings, stores: Stores) -> Iterator[Stores]:
    if stores.core.dialect.name == "postgresql":
        yield stores
        return
    ensure_folder(settings.data_dir)
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=settings.data_dir) as folder:
        urls = {
            engine.url.database: f"sqlite:///{_copied(engine.url.database, folder)}"
            for engine in (stores.core, stores.observations)
        }
        ground = Stores(*(open_engine(urls[engine.url.database]) for engine in (stores.core, stores.observations)))
        try:
            yield ground
        finally:
            ground.dispose()


def _copied(file: str | None, folder: str) -> Path:
    """As it is at one moment, though others may write to it."""
    copy = Path(folder) / Path(file or "").name
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    return copy

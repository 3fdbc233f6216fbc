"""Where a restore goes: a new database that takes the place of the old one as a whole, or not at all.

PostgreSQL does all of it in one transaction, and the old tables are kept in a schema of their own. With SQLite new
files are made beside the old ones; then the old get another name and the new get theirs. A marker in the data folder
says while names change that neither state is whole; nothing opens the stores then, and the next restore puts the old
names back first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from foundation.backup.cut import quoted
from foundation.backup.sessions import refuse_other_sessions
from foundation.backup.shapes import STORES
from foundation.database import open_engine, restore_marker
from foundation.database_faults import explained
from foundation.files import sync_folder, write_atomically, write_error
from foundation.migrations.environment import version_table
from foundation.settings import Settings

_STAGED = ".restoring"
_CACHE = "cache_size=-65536"  # KiB; in SQLite's usual 2 MiB the indexes of a large table have no room
_VERSION_TABLES = frozenset(version_table(store) for store in STORES)


class Target(Protocol):
    def content(self) -> str | None:
        """What the present database holds, for people; None when there is nothing that could be lost."""

    def old_audit_head(self) -> tuple[int, str] | None:
        """Number and hash of the newest audit entry of the present database, where it can be read."""

    def is_taken(self, stamp: str) -> bool:
        """Whether an old database is kept under this stamp already."""

    def fresh(self, stamp: str) -> AbstractContextManager[Mapping[str, Connection]]:
        """Empty databases by store, which take the old one's place when it ends without an error."""

    def clean_up(self) -> bool:
        """Undo what an interrupted restore has done; True when there was something."""

    def way_back(self, stamp: str) -> list[str]:
        """How to have the old database again, a command or sentence a line."""


@contextmanager
def target_of(settings: Settings) -> Iterator[Target]:
    if make_url(settings.core_url).get_backend_name() == "sqlite":
        yield SqliteTarget(settings)
        return
    engine = open_engine(settings.core_url)
    try:
        yield PostgresqlTarget(engine)
    finally:
        engine.dispose()


class PostgresqlTarget:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clean_up(self) -> bool:
        return False  # a transaction that was interrupted has left nothing

    def content(self) -> str | None:
        with explained(self._engine), self._engine.connect() as connection:
            full = [table for table in _own_tables(connection) if _has_rows(connection, table)]
        return f"rows in {len(full)} tables" if full else None

    def old_audit_head(self) -> tuple[int, str] | None:
        return _audit_head(self._engine)

    def is_taken(self, stamp: str) -> bool:
        with explained(self._engine), self._engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT to_regnamespace(%s) IS NOT NULL", (_aside_schema(stamp),))
            return bool(found.scalar_one())

    @contextmanager
    def fresh(self, stamp: str) -> Iterator[Mapping[str, Connection]]:
        with explained(self._engine), self._engine.begin() as connection:
            refuse_other_sessions(connection)
            connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            self._set_aside(connection, _aside_schema(stamp))
            yield dict.fromkeys(STORES, connection)

    def _set_aside(self, connection: Connection, schema: str) -> None:
        tables = _own_tables(connection)
        if not any(_has_rows(connection, table) for table in tables):
            for table in tables:
                connection.exec_driver_sql(f"DROP TABLE {quoted(connection, table)} CASCADE")
            return
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {quoted(connection, table)} SET SCHEMA {schema}")

    def way_back(self, stamp: str) -> list[str]:
        with self._engine.connect() as connection:
            schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        aside = _aside_schema(stamp)
        return [
            f"The old tables are kept in the schema {aside}. To go back, stop the center and run in psql:",
            f"  BEGIN; DROP SCHEMA {schema} CASCADE; ALTER SCHEMA {aside} RENAME TO {schema}; COMMIT;",
            f"When you need them no more: DROP SCHEMA {aside} CASCADE;",
        ]


class SqliteTarget:
    def __init__(self, settings: Settings) -> None:
        self._marker = restore_marker(settings)
        urls = {"core": settings.core_url, "observations": settings.observations_url}
        self._files = {store: Path(make_url(url).database or "") for store, url in urls.items()}

    def content(self) -> str | None:
        full = [file for file in dict.fromkeys(self._files.values()) if _is_worth_keeping(file)]
        return ", ".join(str(file) for file in full) or None

    def old_audit_head(self) -> tuple[int, str] | None:
        if not self._files["core"].exists():
            return None
        engine = open_engine(f"sqlite:///{self._files['core']}")
        try:
            return _audit_head(engine)
        finally:
            engine.dispose()

    def is_taken(self, stamp: str) -> bool:
        return any(_aside(file, stamp).exists() for file in self._files.values())

    @contextmanager
    def fresh(self, stamp: str) -> Iterator[Mapping[str, Connection]]:
        staged = {file: file.with_name(f"{file.name}{_STAGED}") for file in self._files.values()}
        self.clean_up()
        try:
            with ExitStack() as stack:
                connections = {file: stack.enter_context(_making(new)) for file, new in staged.items()}
                yield {store: connections[file] for store, file in self._files.items()}
            for file in staged.values():
                _sync(file)
            self._swap(staged, stamp)
        except BaseException as error:
            self.clean_up()
            if isinstance(error, OSError):
                raise write_error(self._files["core"], error) from error
            raise

    def _swap(self, staged: Mapping[Path, Path], stamp: str) -> None:
        """The old files away, with what belongs to them, then the new ones in their place."""
        moves = [
            (_beside(file, suffix), _aside(file, stamp, suffix))
            for file in staged
            for suffix in ("-wal", "-shm", "")
            if _beside(file, suffix).exists()
        ]
        moves += [(new, file) for file, new in staged.items()]
        write_atomically(self._marker, json.dumps([[str(old), str(new)] for old, new in moves]).encode(), mode=0o600)
        for old, new in moves:
            old.rename(new)
        for folder in {file.parent for file in staged}:
            sync_folder(folder)
        self._marker.unlink()
        sync_folder(self._marker.parent)

    def clean_up(self) -> bool:
        undone = self._marker.exists()
        if undone:
            for old, new in reversed(json.loads(self._marker.read_bytes())):
                if not Path(old).exists() and Path(new).exists():
                    Path(new).rename(old)
        leftovers = [
            beside
            for file in set(self._files.values())
            for suffix in ("-wal", "-shm", "-journal", "")
            if (beside := Path(f"{file}{_STAGED}{suffix}")).exists()
        ]
        for leftover in leftovers:
            leftover.unlink()
        if undone:
            for folder in {file.parent for file in self._files.values()}:
                sync_folder(folder)
            self._marker.unlink()
            sync_folder(self._marker.parent)
        return undone or bool(leftovers)

    def way_back(self, stamp: str) -> list[str]:
        kept = [aside for file in dict.fromkeys(self._files.values()) if (aside := _aside(file, stamp)).exists()]
        if not kept:
            return []
        lines = [
            f"The old database is kept as {', '.join(str(file) for file in kept)}. To go back, stop the center and run"
        ]
        return lines + [f"  mv {_aside(file, stamp)} {file}" for file in dict.fromkeys(self._files.values())]


@contextmanager
def _making(file: Path) -> Iterator[Connection]:
    """A database that is thrown away if it is not finished: no journal, and nothing synced until the end."""
    engine = open_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", _CACHE):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    try:
        with explained(engine), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _is_worth_keeping(file: Path) -> bool:
    """Any row in any table, or a file that cannot even be read."""
    if not file.exists() or not file.stat().st_size:
        return False
    engine = open_engine(f"sqlite:///{file}")
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
            tables = [name for name in names if not name.startswith("sqlite_") and name not in _VERSION_TABLES]
            return any(_has_rows(connection, table) for table in tables)
    except DBAPIError:
        return True
    finally:
        engine.dispose()


def _own_tables(connection: Connection) -> list[str]:
    """All tables of the present schema but those of extensions: the database is Vedette's own."""
    return list(
        connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
                "AND relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend "
                "WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') ORDER BY relname"
            )
        ).scalars()
    )


def _has_rows(connection: Connection, table: str) -> bool:
    if table in _VERSION_TABLES:
        return False
    query = f"SELECT 1 FROM {quoted(connection, table)} LIMIT 1"  # noqa: S608 - a quoted name
    return connection.exec_driver_sql(query).first() is not None


def _audit_head(engine: Engine) -> tuple[int, str] | None:
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            head = connection.execute(text("SELECT last_seq, last_hash FROM audit_head")).first()
    except DBAPIError:
        return None  # no such table, or a damaged file
    return (head[0], head[1]) if head else None


def _aside_schema(stamp: str) -> str:
    return f"vedette_before_{stamp.lower()}"


def _aside(file: Path, stamp: str, suffix: str = "") -> Path:
    return Path(f"{file}.before-{stamp}{suffix}")


def _beside(file: Path, suffix: str) -> Path:
    return Path(f"{file}{suffix}")


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

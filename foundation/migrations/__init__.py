"""The schema of both stores, brought up to date step by step (Alembic), from every released version."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from foundation.database import CoreBase, ObservationsBase, Stores
from foundation.database_faults import explained
from foundation.errors import DatabaseError, NewerDatabase
from foundation.migrations.environment import version_table

MODEL_MODULES = (
    "foundation.outbox",
    "foundation.audit",
    "foundation.leases",
    "foundation.cursors",
    "device_registry.models",
    "device_registry.access.push_tokens",
    "device_registry.states",
    "device_registry.repairs.models",
    "device_registry.health.models",
    "device_registry.rotation.models",
    "device_registry.operations.models",
    "matching.models",
    "analysis.observations",
    "control_center.identity.models",
    "control_center.identity.kept_answers",
    "control_center.alerts.models",
    "control_center.evidence.models",
)
_MIGRATION_LOCK = 0x7665_6D69  # key of PostgreSQL's advisory lock: one migration at a time
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Store:
    name: str
    metadata: MetaData

    @property
    def script(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())

    @property
    def head(self) -> str:
        """The newest revision that this version of Vedette knows."""
        head = self.script.get_current_head()
        assert head is not None
        return head

    def knows(self, revision: str) -> bool:
        return revision in {known.revision for known in self.script.walk_revisions()}

    def config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / self.name).replace("%", "%%"))
        return config


BeforeCommit = Callable[[Store, Connection], None]
CORE = Store("core", CoreBase.metadata)
OBSERVATIONS = Store("observations", ObservationsBase.metadata)


def import_models() -> None:
    """Load every room's tables into the two stores' metadata; a room that is not installed is left out."""
    for name in MODEL_MODULES:
        parent = name.rpartition(".")[0]
        if importlib.util.find_spec(parent) and importlib.util.find_spec(name):
            importlib.import_module(name)


def prepare(stores: Stores) -> None:
    """Make both stores ready for use: create the schema where there is none, and raise unless it is this version's.

    A store that holds an older schema is not touched: `vedette upgrade` migrates it, with a backup before.
    """
    for store, engine in _each(stores):
        if _revision_now(store, engine) is None:
            _upgrade(store, engine)
    check(stores)


def migrate(stores: Stores, before_commit: BeforeCommit | None = None) -> None:
    """Bring both stores to this version's schema; raise `NewerDatabase` or `DatabaseError`.

    `before_commit` looks at what a store has become and may still refuse it: then nothing has happened to this store.
    """
    for store, engine in _each(stores):
        _upgrade(store, engine, before_commit)


def check(stores: Stores) -> None:
    """Raise unless both stores can be read and have this version's schema."""
    for store, engine in _each(stores):
        if _revision_now(store, engine) != store.head:
            raise DatabaseError(
                "this database was written by an older Vedette.",
                where=_place(engine),
                mend="Run `vedette upgrade`, or let `vedette run` do it.",
            )


def revisions(stores: Stores) -> dict[str, str | None]:
    """The schema revision of each store by name; None for one without tables."""
    return {store.name: _revision_now(store, engine) for store, engine in _each(stores)}


def upgrade(store: Store, connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision within the caller's transaction."""
    config = store.config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(store: Store, connection: Connection) -> str | None:
    """The schema revision that the store has; `NewerDatabase` for one that this version does not know."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table(store.name)})
    current = context.get_current_revision()
    if current is not None and not store.knows(current):
        raise NewerDatabase(
            "this database was written by a newer Vedette than this one.",
            where=_place(connection.engine),
            mend="Install that version again, or restore the backup from before its upgrade.",
        )
    return current


def _each(stores: Stores) -> tuple[tuple[Store, Engine], ...]:
    return (CORE, stores.core), (OBSERVATIONS, stores.observations)


def _revision_now(store: Store, engine: Engine) -> str | None:
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and file != ":memory:" and not Path(file).exists():
        return None  # SQLite would make the file
    with explained(engine), engine.execution_options(read_only=True).connect() as connection:
        return revision_of(store, connection)


def _upgrade(store: Store, engine: Engine, before_commit: BeforeCommit | None = None) -> None:
    with explained(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        before = revision_of(store, connection)
        if before == store.head:
            return
        upgrade(store, connection)
        if before_commit is not None:
            before_commit(store, connection)
    _log.info("store_migrated", store=store.name, before=before, after=store.head)


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)

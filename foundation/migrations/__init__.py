"""The schema of both stores, brought up to date step by step (Alembic), from every released version."""

from __future__ import annotations

import importlib
import importlib.util
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
    "device_registry.states",
    "matching.models",
    "analysis.observations",
    "control_center.identity.models",
    "control_center.identity.kept_answers",
    "control_center.alerts.models",
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

    def config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / self.name).replace("%", "%%"))
        return config


CORE = Store("core", CoreBase.metadata)
OBSERVATIONS = Store("observations", ObservationsBase.metadata)


def import_models() -> None:
    """Load every room's tables into the two stores' metadata; a room that is not installed is left out."""
    for name in MODEL_MODULES:
        parent = name.rpartition(".")[0]
        if importlib.util.find_spec(parent) and importlib.util.find_spec(name):
            importlib.import_module(name)


def migrate(stores: Stores) -> None:
    """Bring both stores to this version's schema; raise `NewerDatabase` or `DatabaseError`."""
    for store, engine in ((CORE, stores.core), (OBSERVATIONS, stores.observations)):
        _migrate(store, engine)


def check(stores: Stores) -> None:
    """Raise unless both stores can be read and have this version's schema."""
    for store, engine in ((CORE, stores.core), (OBSERVATIONS, stores.observations)):
        with explained(engine), engine.execution_options(read_only=True).connect() as connection:
            current = _current(store, connection, engine)
        if current != store.script.get_current_head():
            raise DatabaseError(
                "this database was written by an older Vedette.",
                where=_place(engine),
                mend="Run `vedette database migrate`, or let `vedette run` do it.",
            )


def _migrate(store: Store, engine: Engine) -> None:
    with explained(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        before = _current(store, connection, engine)
        head = store.script.get_current_head()
        if before == head:
            return
        config = store.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    _log.info("store_migrated", store=store.name, before=before, after=head)


def _current(store: Store, connection: Connection, engine: Engine) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": version_table(store.name)})
    current = context.get_current_revision()
    known = {revision.revision for revision in store.script.walk_revisions()}
    if current is not None and current not in known:
        raise NewerDatabase(
            "this database was written by a newer Vedette than this one.",
            where=_place(engine),
            mend="Install that version again, or restore the backup from before its upgrade.",
        )
    return current


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)

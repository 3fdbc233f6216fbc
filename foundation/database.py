"""The two SQL stores, *core* and *observations*: engines, sessions, and the bases that tables are declared on.

Core holds whatever has an outbox or audit row (SQLite `synchronous=FULL`); observations tolerates the loss of the last
moments at a power cut (`NORMAL`). On PostgreSQL both live in one database. No transaction spans the two.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Connection, Engine, MetaData, String, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from foundation.errors import DatabaseError
from foundation.settings import Settings

_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# libpq waits for hours for a server whose machine is gone; whoever asks here has other work to do.
_LIVENESS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_TYPES: dict[Any, Any] = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON}


class CoreBase(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = _TYPES


class ObservationsBase(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = _TYPES


class OriginColumns:
    """A UUIDv7 and the place of birth: on every row that may leave its center."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    center_id: Mapped[str] = mapped_column(String(36), index=True, comment="center where the row was born")
    node: Mapped[str] = mapped_column(String(64), comment="machine where the row was born")


@dataclass(frozen=True, slots=True)
class Stores:
    core: Engine
    observations: Engine

    def dispose(self) -> None:
        self.core.dispose()
        self.observations.dispose()


def open_stores(settings: Settings) -> Stores:
    """Engines for both stores; their schema is `foundation.migrations`' care.

    Values are kept out of their errors: a log is no place for a person's data. Raises `DatabaseError` where a restore
    was interrupted while files changed their names.
    """
    if restore_marker(settings).exists():
        raise DatabaseError(
            "a restore was interrupted here, and the database is half the old and half the new one.",
            where=str(settings.data_dir),
            mend="Run `vedette restore FILE` again, or `vedette restore --undo` for the old database.",
        )
    return Stores(
        core=open_engine(settings.core_url, synchronous="FULL"),
        observations=open_engine(settings.observations_url, synchronous="NORMAL"),
    )


def application_name() -> str:
    """What PostgreSQL lists this process' sessions under."""
    return f"vedette-{platform.node()[:32]}-{os.getpid()}"


def restore_marker(settings: Settings) -> Path:
    """The file that exists only while a restore gives database files their names."""
    return settings.data_dir / "restore.json"


def open_engine(url: str, *, synchronous: str = "FULL") -> Engine:
    """Raises `DatabaseError` for a URL that names no SQLite or PostgreSQL database; nothing is connected yet."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        backend = "unknown"
    if backend not in ("sqlite", "postgresql"):
        raise DatabaseError(
            "this is no URL of a PostgreSQL database.",
            where="database.url",
            mend="Write postgresql://USER:PASSWORD@HOST/NAME, or leave it empty for SQLite in the data folder.",
        )
    if backend == "postgresql":
        options = {**_LIVENESS, "application_name": application_name()}
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=options)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred, and would turn two read-then-write transactions into a deadlock.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql("BEGIN" if options.get("read_only") else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One business transaction: committed at the end, rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent view that takes no write lock."""
    with Session(engine.execution_options(read_only=True), expire_on_commit=False) as session:
        yield session


@contextmanager
def reading_rows(engine: Engine) -> Iterator[Connection]:
    """The same for statements without the ORM, which cost a fraction: for what is asked with every request."""
    with engine.execution_options(read_only=True).connect() as connection:
        yield connection

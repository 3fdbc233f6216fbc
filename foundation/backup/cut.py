"""One moment of both stores, read while the center goes on writing.

On PostgreSQL it is one REPEATABLE READ transaction over both. Two SQLite files know no common moment: core's is taken
first, so that no cursor in it lies beyond the observations, whose moment is the later one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, func, select, table

from foundation import migrations
from foundation.backup.shapes import STORES, Kind, Shape, shapes_of
from foundation.database import Stores
from foundation.database_faults import explained
from foundation.errors import DatabaseError

GROUP = 250  # rows fetched at once
Row = tuple[Any, ...]


class Cut:
    """The stores' tables as they were at the moment, whatever is written meanwhile."""

    def __init__(self, connections: Mapping[str, Connection]) -> None:
        self._connections = connections
        self.revisions = {name: _revision(name, connection) for name, connection in connections.items()}

    @property
    def shapes(self) -> list[Shape]:
        return [shape for name, revision in self.revisions.items() for shape in shapes_of(name, revision)]

    def connection(self, store: str) -> Connection:
        return self._connections[store]

    def count(self, shape: Shape) -> int:
        query = select(func.count()).select_from(table(shape.table))
        return self._connections[shape.store].execute(query).scalar_one()

    def groups(self, shape: Shape) -> Iterator[Sequence[Row]]:
        """All rows, a group at a time, as they stand in a backup."""
        connection = self._connections[shape.store]
        columns = ", ".join(_expression(connection, field.name, field.kind) for field in shape.fields)
        names = ("vedette_backup",) if connection.dialect.name == "postgresql" else ()  # a cursor within the server
        with explained(connection.engine), closing(connection.connection.cursor(*names)) as cursor:
            cursor.execute(f"SELECT {columns} FROM {quoted(connection, shape.table)}")  # noqa: S608 - quoted names
            while group := cursor.fetchmany(GROUP):
                yield group

    def last_numbers(self) -> dict[str, int]:
        """The newest number that the database gave out, for each table that it numbers."""
        return {
            shape.name: last_number(self._connections[shape.store], shape) for shape in self.shapes if shape.numbered
        }


@contextmanager
def cut_of(stores: Stores) -> Iterator[Cut]:
    """Raises `DatabaseError` when a store cannot be read or has no tables."""
    with ExitStack() as stack:
        core = stack.enter_context(_snapshot(stores.core))
        one_database = stores.core.url == stores.observations.url
        observations = core if one_database else stack.enter_context(_snapshot(stores.observations))
        with explained(stores.core):
            cut = Cut({"core": core, "observations": observations})
        yield cut


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    with ExitStack() as stack:
        with explained(engine):
            if engine.dialect.name == "postgresql":
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = stack.enter_context(engine.connect().execution_options(**options))
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                connection.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1")  # the moment
            else:
                connection = stack.enter_context(engine.execution_options(read_only=True).connect())
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the moment
        yield connection


def last_number(connection: Connection, shape: Shape) -> int:
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(
            "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
            (quoted(connection, shape.table), shape.numbered),
        )
    else:
        found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (shape.table,))
    return found.scalar() or 0


def quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _expression(connection: Connection, name: str, kind: Kind) -> str:
    """SQLite has JSON as text and truth as 0 and 1 anyway."""
    casts = {Kind.JSON: "::text", Kind.BOOLEAN: "::int"} if connection.dialect.name == "postgresql" else {}
    return quoted(connection, name) + casts.get(kind, "")


def _revision(store: str, connection: Connection) -> str:
    revision = migrations.revision_of(STORES[store], connection)
    if revision is None:
        raise DatabaseError(
            f"the store {store} has no tables.",
            where=connection.engine.url.render_as_string(hide_password=True),
            mend="There is nothing to save yet; start the center with `vedette run`.",
        )
    return revision

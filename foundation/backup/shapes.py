"""Which tables a schema revision has, and of what their columns are: asked of the migrations, for any revision.

The answer does not depend on the database that is saved or loaded, so a backup of SQLite can be restored into
PostgreSQL and back, and one of an older schema into its own older tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Column, Connection, MetaData, Table, inspect
from sqlalchemy.types import JSON, Boolean, Float, Integer, String

from foundation import migrations
from foundation.database import open_engine
from foundation.errors import DatabaseError
from foundation.migrations import CORE, OBSERVATIONS, Store
from foundation.migrations.environment import version_table

STORES: dict[str, Store] = {store.name: store for store in (CORE, OBSERVATIONS)}


class Kind(StrEnum):
    """What a column holds, and how it stands in a row of a backup."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"  # 0 or 1
    FLOAT = "float"
    JSON = "json"  # the text of the document as the database has it


# Boolean is an Integer to nobody here, and JSON no String; the order is for readers.
_KINDS = ((JSON, Kind.JSON), (Boolean, Kind.BOOLEAN), (Float, Kind.FLOAT), (Integer, Kind.INTEGER), (String, Kind.TEXT))


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Shape:
    """A table of a store: its columns, and the one that the database numbers by itself, if there is one."""

    store: str
    table: str
    fields: tuple[Field, ...]
    numbered: str | None

    @property
    def name(self) -> str:
        return f"{self.store}/{self.table}"

    def has(self, column: str) -> bool:
        return any(field.name == column for field in self.fields)


@lru_cache
def shapes_of(store: str, revision: str) -> tuple[Shape, ...]:
    """The tables of a store at this revision, each after those that its foreign keys point to."""
    engine = open_engine("sqlite://")
    metadata = MetaData()
    with engine.begin() as connection:
        migrations.upgrade(STORES[store], connection, revision)
        metadata.reflect(connection)
        numbered = _autoincremented(connection)
    engine.dispose()
    metadata.remove(metadata.tables[version_table(store)])
    return tuple(_shape(store, table, table.name in numbered) for table in metadata.sorted_tables)


def _shape(store: str, table: Table, numbered: bool) -> Shape:
    number = next(iter(table.primary_key)).name if numbered else None
    return Shape(store, table.name, tuple(Field(column.name, _kind(column)) for column in table.columns), number)


def _kind(column: Column[object]) -> Kind:
    for kind, name in _KINDS:
        if isinstance(column.type, kind):
            return name
    raise DatabaseError(
        f"a backup does not know how to save {column.type}.",
        where=f"{column.table.name}.{column.name}",
        mend="Give foundation.backup.shapes a kind for it.",
    )


def _autoincremented(connection: Connection) -> set[str]:
    tables: Sequence[str] = inspect(connection).get_table_names()
    sql = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    )
    return {name for (name,) in sql} & set(tables)

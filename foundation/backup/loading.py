"""Rows of a backup into empty tables of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from foundation.backup.cut import quoted
from foundation.backup.shapes import Shape
from foundation.database_faults import explained
from foundation.errors import DatabaseError


def insert_rows(connection: Connection, shape: Shape, rows: Sequence[Sequence[Any]]) -> None:
    """Add the rows within the caller's transaction."""
    columns = ", ".join(quoted(connection, field.name) for field in shape.fields)
    into = f"{quoted(connection, shape.table)} ({columns})"
    with explained(connection.engine):
        cursor = connection.connection.cursor()
        try:
            if connection.dialect.name == "postgresql":
                with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(shape.fields))
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - quoted names
        finally:
            cursor.close()


@contextmanager
def foreign_keys_later(connection: Connection, tables: Iterable[str]) -> Iterator[None]:
    """Let rows come in any order: foreign keys are checked when the block ends, all of them.

    SQLite's are off in a database that is being made (see `sqlite_target`), and asked for at the end.
    """
    if connection.dialect.name == "postgresql":
        constraints = _take_off(connection, list(tables))
        yield
        for table, name, definition in constraints:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    else:
        yield
    check_foreign_keys(connection)


def check_foreign_keys(connection: Connection) -> None:
    """Raise `DatabaseError` naming a row that points to nothing. PostgreSQL has checked by itself."""
    if connection.dialect.name == "postgresql":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseError(f"row {broken[1]} points to no row of {broken[2]}.", where=str(broken[0]))


def set_last_number(connection: Connection, shape: Shape, last: int) -> None:
    """Go on numbering after `last`."""
    if connection.dialect.name == "postgresql":
        sequence = (quoted(connection, shape.table), shape.numbered)
        if last > 0:
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence(%s, %s)::regclass, %s)", (*sequence, last))
        return
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (shape.table,))
    connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (shape.table, last))


def _take_off(connection: Connection, tables: list[str]) -> list[tuple[str, str, str]]:
    found = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY (SELECT (quote_ident(current_schema()) || '.' || quote_ident(name))"
        "::regclass FROM unnest(%s::text[]) AS name)",
        (tables,),
    )
    constraints = [(table, name, definition) for table, name, definition in found]
    for table, name, _ in constraints:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return constraints

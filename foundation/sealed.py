"""Where sealed secrets lie in the database: every column that says so of itself.

A room declares it at the column, `mapped_column(..., info=sealed_for("credential"))`, and needs to know no more: keys
are rotated, counted and retired from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, func, select, update
from sqlalchemy.orm import Session

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import transaction
from foundation.errors import InvalidInput
from foundation.keyring import Keyring

_PURPOSE, _KEY_ID, _SEALED_US = "sealed_for", "sealed_key_id", "sealed_us"
_KEY_ID_DIGITS = 16
_BATCH = 200  # rows a transaction, so that nobody else waits long


def sealed_for(purpose: str, *, key_id: str | None = None, sealed_us: str | None = None) -> dict[str, Any]:
    """The `info` of a column that holds what the keyring sealed for this purpose; the names are of columns beside it
    that repeat the key's id and tell when it was sealed."""
    return {_PURPOSE: purpose, _KEY_ID: key_id, _SEALED_US: sealed_us}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    column: Column[Any]

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def purpose(self) -> str:
        return str(self.column.info[_PURPOSE])

    def beside(self, key_id: str, now_us: int) -> Mapping[str, Any]:
        """What else changes in the row with a new sealing."""
        values = {self.column.info[_KEY_ID]: key_id, self.column.info[_SEALED_US]: now_us}
        return {name: value for name, value in values.items() if name is not None}


@dataclass(slots=True)
class Resealed:
    """How many secrets were sealed anew, by column, and those that no key opens."""

    done: Counter[str]
    unreadable: Counter[str]


def sealed_columns() -> list[SealedColumn]:
    from foundation import migrations  # a quarter of a second, which the models can do without

    migrations.import_models()
    return [
        SealedColumn(column)
        for table in migrations.CORE.metadata.sorted_tables
        for column in table.columns
        if _PURPOSE in column.info
    ]


def count_by_key(connection: Connection, column: SealedColumn) -> dict[str, int]:
    """How many secrets of the column are sealed under each key."""
    key_id = func.substr(column.column, 1, _KEY_ID_DIGITS)
    found = connection.execute(select(key_id, func.count()).where(column.column.is_not(None)).group_by(key_id))
    return {name: count for name, count in found if name}


def usage(connection: Connection) -> dict[str, Counter[str]]:
    """By key, how many secrets of which column are sealed under it."""
    found: dict[str, Counter[str]] = {}
    for column in sealed_columns():
        for key_id, count in count_by_key(connection, column).items():
            found.setdefault(key_id, Counter())[column.name] += count
    return found


def reseal(core: Engine, keyring: Keyring, clock: Clock = SYSTEM_CLOCK) -> Resealed:
    """Seal under the newest key whatever is sealed under an older one. The center may run meanwhile: a secret that
    somebody enters anew is left as entered."""
    result = Resealed(Counter(), Counter())
    for column in sealed_columns():
        for keys in _older(core, column, keyring.current_id):
            with transaction(core) as session:
                for key in keys:
                    _reseal(session, column, key, keyring, clock, result)
    return result


def _older(core: Engine, column: SealedColumn, current_id: str) -> Iterator[list[tuple[Any, ...]]]:
    """The primary keys of rows to be done, in batches."""
    older = column.column.is_not(None) & ~column.column.startswith(f"{current_id}:")
    with core.execution_options(read_only=True).connect() as connection:
        rows = connection.execute(select(*column.table.primary_key).where(older)).all()
    keys = [tuple(row) for row in rows]
    for at in range(0, len(keys), _BATCH):
        yield keys[at : at + _BATCH]


def _reseal(
    session: Session, column: SealedColumn, key: tuple[Any, ...], keyring: Keyring, clock: Clock, result: Resealed
) -> None:
    here = [part == value for part, value in zip(column.table.primary_key, key, strict=True)]
    sealed = session.scalar(select(column.column).where(*here))
    if sealed is None or sealed.startswith(f"{keyring.current_id}:"):
        return
    try:
        secret = keyring.unseal(sealed, column.purpose)
    except InvalidInput:
        result.unreadable[column.name] += 1
        return
    values = {column.column.name: keyring.seal(secret, column.purpose)}
    values |= column.beside(keyring.current_id, clock.now_us())
    session.execute(update(column.table).where(*here, column.column == sealed).values(values))
    result.done[column.name] += 1

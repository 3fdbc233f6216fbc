from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from foundation.database import Stores, open_engine
from foundation.errors import DatabaseError, NewerDatabase
from foundation.migrations import CORE, OBSERVATIONS, Store, check, import_models, migrate


def _differences(store: Store, connection: Connection) -> list[object]:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in store.metadata.tables

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
    return compare_metadata(context, store.metadata)


def test_migrated_schema_is_the_models(empty_stores: Stores) -> None:
    import_models()
    migrate(empty_stores)
    for store, engine in ((CORE, empty_stores.core), (OBSERVATIONS, empty_stores.observations)):
        with engine.connect() as connection:
            assert _differences(store, connection) == []


def test_every_column_says_what_it_holds() -> None:
    import_models()
    for store in (CORE, OBSERVATIONS):
        silent = [column for table in store.metadata.tables.values() for column in table.columns if not column.comment]
        assert silent == []


def test_migrating_again_changes_nothing(empty_stores: Stores) -> None:
    migrate(empty_stores)
    migrate(empty_stores)
    check(empty_stores)


def test_an_empty_database_is_older(empty_stores: Stores) -> None:
    with pytest.raises(DatabaseError, match=r"older Vedette.*upgrade"):
        check(empty_stores)


def test_a_newer_database_is_refused(empty_stores: Stores) -> None:
    migrate(empty_stores)
    with empty_stores.core.begin() as connection:
        connection.execute(text("UPDATE schema_version_core SET version_num = '9999'"))
    for attempt in (migrate, check):
        with pytest.raises(NewerDatabase, match="newer Vedette"):
            attempt(empty_stores)


def test_a_failed_migration_leaves_nothing(empty_stores: Stores) -> None:
    with empty_stores.core.begin() as connection:
        connection.execute(text("CREATE TABLE outbox_event (mine INTEGER)"))
    with pytest.raises(DatabaseError, match="did not make"):
        migrate(empty_stores)
    with empty_stores.core.begin() as connection:
        connection.execute(text("DROP TABLE outbox_event"))
    migrate(empty_stores)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "core.sqlite3"
    path.write_bytes(b"not a database at all, just some text" * 100)
    _refused(path, "not an SQLite database")


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "core.sqlite3"
    stores = _stores(path)
    migrate(stores)
    stores.dispose()
    content = bytearray(path.read_bytes())
    content[100:4000] = b"\xff" * 3900
    path.write_bytes(content)
    _refused(path, "damaged")


def test_a_missing_folder(tmp_path: Path) -> None:
    _refused(tmp_path / "absent" / "core.sqlite3", "cannot be opened")


def _refused(path: Path, words: str) -> None:
    stores = _stores(path)
    with pytest.raises(DatabaseError, match=words) as caught:
        migrate(stores)
    assert str(path) in str(caught.value)
    stores.dispose()


def _stores(path: Path) -> Stores:
    return Stores(open_engine(f"sqlite:///{path}"), open_engine(f"sqlite:///{path.parent / 'observations.sqlite3'}"))

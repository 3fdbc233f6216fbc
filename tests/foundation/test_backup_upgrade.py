"""From an older schema: restored from a kept backup of it, and upgraded in place with a backup before."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import text

from foundation import cursors, migrations
from foundation.audit import AuditEntry
from foundation.audit import check as audit_check
from foundation.backup.cut import cut_of
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import Restored, restore
from foundation.backup.rooms import Rooms
from foundation.backup.target import target_of
from foundation.backup.upgrade import Upgraded, plan, rehearse, upgrade
from foundation.database import Stores, open_stores, reading
from foundation.errors import DatabaseError, DiskFull
from foundation.identifiers import Origin
from foundation.settings import Settings
from foundation.signing import Signing

KEPT = Path(__file__).parent / "backups" / "schema-0001.tar"
KEPT_SIGNED_BY = "f078-f51b-746c-61d0-da84-2f9e-6f82-1f8d"


@pytest.fixture(scope="module")
def old() -> ModuleType:
    """The helper that makes a center of schema 0001."""
    spec = importlib.util.spec_from_file_location("tests_old_center", Path(__file__).parents[1] / "old_center.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rooms(old: ModuleType) -> Rooms:
    return Rooms(origin=lambda *_: Origin(old.CENTER, "node-1"), settle=lambda *_: {})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional])])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "center")
    settings.data_dir.mkdir()
    if request.param == "postgresql":
        settings.database_url = request.getfixturevalue("postgresql_url")
    return settings


@pytest.fixture
def old_stores(settings: Settings, old: ModuleType) -> Iterator[Stores]:
    stores = open_stores(settings)
    old.make(stores)
    yield stores
    stores.dispose()


def _assert_is_the_old_center(stores: Stores, old: ModuleType) -> None:
    """Everything of schema 0001 is there, in the shape of this version's."""
    migrations.check(stores)
    with reading(stores.core) as session:
        assert audit_check.verify(session).fault is None
        rows = session.execute(
            text("SELECT username, role, granted_by FROM account JOIN account_grant ON account_id = account.id")
        )
        grants = {username: (role, by) for username, role, by in rows}
        assert grants == {name: ({"viewer": "analyst"}.get(role, role), "upgrade") for name, role in old.ROLES.items()}
        assert session.execute(text("SELECT count(*) FROM account_session")).scalar_one() == 0
        assert session.execute(text("SELECT password FROM credential")).scalar_one() == old.CREDENTIAL
        assert cursors.position(session, "pipeline") == 5
        old_entries = session.query(AuditEntry).filter(AuditEntry.seq <= 40).order_by(AuditEntry.seq).all()
        assert [entry.detail["n"] for entry in old_entries] == list(range(1, 41))
    with reading(stores.observations) as session:
        assert session.execute(text("SELECT count(*), max(seq) FROM observation")).one() == (8, 8)


def _restored(settings: Settings, path: Path, rooms: Rooms, trust: Trust, *, replace: bool = False) -> Restored:
    with target_of(settings) as target:
        return restore(settings, target, BackupFile(path), trust, rooms, actor="cli:test", replace=replace)


def test_a_kept_backup_of_schema_0001_is_migrated_when_restored(
    settings: Settings, old: ModuleType, rooms: Rooms
) -> None:
    trust = Trust(Signing.existing(settings.key_dir), frozenset([KEPT_SIGNED_BY]))
    manifest = BackupFile(KEPT).verify(trust, count_rows=True)
    assert manifest.start.revisions == {"core": "0001", "observations": "0001"}
    assert manifest.start.sealed_under == {old.CREDENTIAL[:16]: 1}
    result = _restored(settings, KEPT, rooms, trust)
    assert (result.migrated, result.faults) == (True, [])
    stores = open_stores(settings)
    _assert_is_the_old_center(stores, old)
    stores.dispose()


def test_an_older_database_is_not_used_before_it_is_upgraded(old_stores: Stores) -> None:
    for attempt in (migrations.prepare, migrations.check):
        with pytest.raises(DatabaseError, match=r"older Vedette.*vedette upgrade"):
            attempt(old_stores)
    assert migrations.revisions(old_stores) == {"core": "0001", "observations": "0001"}


def _upgraded(settings: Settings, stores: Stores, rooms: Rooms) -> Upgraded:
    return upgrade(settings, stores, Signing.open(settings.key_dir), rooms.origin, actor="cli:test")


def _content(stores: Stores) -> dict[str, list[tuple[object, ...]]]:
    with cut_of(stores) as cut:
        return {
            shape.name: sorted((row for rows in cut.groups(shape) for row in rows), key=repr) for shape in cut.shapes
        }


def test_a_look_before_changes_nothing(settings: Settings, old_stores: Stores) -> None:
    before = _content(old_stores)
    planned = plan(settings, old_stores)
    assert (planned.is_needed, planned.is_empty, planned.has_room) == (True, False, True)
    assert planned.before["core"] == "0001"
    assert planned.database_bytes > 10_000
    assert rehearse(settings, old_stores) == []
    assert _content(old_stores) == before
    assert {file.name for file in settings.data_dir.iterdir()} <= {
        f"{store}.sqlite3{suffix}" for store in ("core", "observations") for suffix in ("", "-wal", "-shm")
    }


def test_an_upgrade_keeps_a_way_back(settings: Settings, old_stores: Stores, old: ModuleType, rooms: Rooms) -> None:
    before = _content(old_stores)
    done = _upgraded(settings, old_stores, rooms)
    assert done.faults == []
    _assert_is_the_old_center(old_stores, old)
    with reading(old_stores.core) as session:
        entry = session.query(AuditEntry).filter_by(action="cli:database:upgrade").one()
        assert entry.detail["backup"] == done.backup.path.name
    assert plan(settings, old_stores).is_needed is False
    old_stores.dispose()
    assert BackupFile(done.backup.path).verify(Trust(Signing.open(settings.key_dir))).start.revisions["core"] == "0001"
    assert {f"{one.store}/{one.table}": one.rows for one in done.backup.manifest.tables} == {
        name: len(rows) for name, rows in before.items()
    }
    _restored(settings, done.backup.path, rooms, Trust(Signing.open(settings.key_dir)), replace=True)
    stores = open_stores(settings)
    _assert_is_the_old_center(stores, old)
    stores.dispose()


def test_a_migration_that_fails_leaves_the_old_schema_and_the_backup(
    settings: Settings, old_stores: Stores, rooms: Rooms
) -> None:
    with old_stores.core.begin() as connection:
        connection.execute(text("CREATE TABLE account_grant (mine INTEGER)"))
    before = _content(old_stores)
    for attempt in (lambda: rehearse(settings, old_stores), lambda: _upgraded(settings, old_stores, rooms)):
        with pytest.raises(DatabaseError, match="did not make"):
            attempt()
    assert migrations.revisions(old_stores)["core"] == "0001"
    assert _content(old_stores) == before
    [kept] = settings.backup_dir.iterdir()
    assert "-before-" in kept.name


def test_a_row_that_points_to_nothing_is_found_before_anything_changed(tmp_path: Path, old: ModuleType) -> None:
    """SQLite lets such rows in where foreign keys are off."""
    settings = Settings(data_dir=tmp_path)
    stores = open_stores(settings)
    old.make(stores)
    raw = stores.core.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.cursor().execute("UPDATE camera_stream SET camera_id = 'nobody'")
    raw.close()
    with pytest.raises(DatabaseError, match="points to no row of camera"):
        rehearse(settings, stores)
    stores.dispose()


def test_without_room_nothing_is_begun(
    settings: Settings, old_stores: Stores, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foundation.backup.upgrade.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(DiskFull, match="one and a half times"):
        _upgraded(settings, old_stores, rooms)
    assert migrations.revisions(old_stores)["core"] == "0001"

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, make_url, text

from foundation import audit, cursors, leases, migrations, outbox
from foundation.audit import AuditAction
from foundation.audit import check as audit_check
from foundation.backup.cut import cut_of, quoted
from foundation.backup.encryption import Lock
from foundation.backup.manifest import Manifest
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import NUMBERS_AHEAD, Restored, restore
from foundation.backup.rooms import Rooms
from foundation.backup.shapes import STORES, Field, Kind, Shape, shapes_of
from foundation.backup.target import target_of
from foundation.backup.writer import Written, write_backup
from foundation.clock import ManualClock
from foundation.database import Stores, open_stores, reading, transaction
from foundation.errors import Conflict, DatabaseError, InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
from foundation.signing import Signing

ORIGIN = Origin("1", "node-1")
ROOMS = Rooms(origin=lambda *_: ORIGIN, settle=lambda *_: {"sessions ended": 3})
CHOSEN = {
    ("camera_stream", "name"): ("main", "sub"),
    ("center", "level"): ("city", "station"),
    ("evidence_lock", "end_us"): (3, 4),  # after its start
    ("repair_ticket", "state"): ("done", "cancelled"),
    ("repair_step", "step"): ("opened", "done"),
    ("repair_picture", "kind"): ("photo", "signature"),
    ("rotated_device", "state"): ("waiting", "done"),
}
TOUCHED = {"audit_entry", "audit_head", "outbox_stream", "outbox_event", "lease"}  # by a restore itself


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "center")


def opened(settings: Settings) -> Stores:
    settings.data_dir.mkdir(exist_ok=True)
    stores = open_stores(settings)
    migrations.migrate(stores)
    return stores


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional])])
def center(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[Settings, Stores]]:
    """A center whose every table holds rows, on each backend."""
    if request.param == "postgresql":
        settings.database_url = request.getfixturevalue("postgresql_url")
    stores = opened(settings)
    fill(stores)
    yield settings, stores
    stores.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional])])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of a machine without data, on each backend."""
    settings = Settings(data_dir=tmp_path / "elsewhere")
    if request.param == "postgresql":
        settings.database_url = request.getfixturevalue("second_postgresql_url")
    settings.data_dir.mkdir()
    return settings


@pytest.fixture
def second_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Another empty database on the same server, dropped after the test."""
    server = make_url(postgresql_server).set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"vedette_test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def fill(stores: Stores, rows: int = 2) -> None:
    """Row n has n in every column, so that every foreign key finds its row; chains are written by their own code."""
    for name, store in STORES.items():
        engine = stores.core if name == "core" else stores.observations
        with engine.begin() as connection:
            for shape in shapes_of(name, store.head):
                if shape.table not in TOUCHED:
                    names = ", ".join(quoted(connection, field.name) for field in shape.fields)
                    marks = ", ".join(f":{field.name}" for field in shape.fields)
                    statement = text(f"INSERT INTO {quoted(connection, shape.table)} ({names}) VALUES ({marks})")
                    connection.execute(statement, [row_of(shape, n) for n in range(1, rows + 1)])
    with transaction(stores.core) as session:
        for n in range(3):
            audit.record(
                session, AuditAction.CLI_CAMERA_ADD, origin=ORIGIN, actor="test", subject=str(n), detail={"n": n}
            )
            outbox.append(session, ORIGIN.center_id, "city", outbox.Lane.URGENT, "k", {"n": n, "text": "京A·12345"})
            outbox.append(session, ORIGIN.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "k", {"x": 0.1 + n})
        leases.acquire(session, "stream:1/main", "node-1", 30)


def row_of(shape: Shape, n: int) -> dict[str, Any]:
    return {field.name: value_of(shape, field, n) for field in shape.fields}


def value_of(shape: Shape, field: Field, n: int) -> Any:
    if (shape.table, field.name) in CHOSEN:
        return CHOSEN[shape.table, field.name][n % 2]
    document = json.dumps({"n": n, "plate": "京A·12345", "quote": '"\\', "list": [0.1, None, True, 2**53]})
    values = {Kind.TEXT: str(n), Kind.INTEGER: n, Kind.BOOLEAN: bool(n % 2), Kind.FLOAT: n + 0.1, Kind.JSON: document}
    return values[field.kind]


def content(stores: Stores, without: set[str] = frozenset()) -> dict[str, list[Any]]:  # type: ignore[assignment]
    with cut_of(stores) as cut:
        return {
            shape.name: sorted((row for group in cut.groups(shape) for row in group), key=repr)
            for shape in cut.shapes
            if shape.table not in without
        }


def backed_up(settings: Settings, stores: Stores, name: str = "one.tar", lock: Lock | None = None) -> Written:
    path = settings.data_dir / "backups" / name
    return write_backup(settings, stores, path, Signing.open(settings.key_dir), lock=lock)


def trust(settings: Settings) -> Trust:
    return Trust(Signing.open(settings.key_dir))


def restored(settings: Settings, path: Path, keys: Settings, **options: Any) -> Restored:
    with target_of(settings) as target:
        return restore(settings, target, BackupFile(path), trust(keys), ROOMS, actor="cli:test", **options)


def test_what_was_saved_comes_back_on_either_database(center: tuple[Settings, Stores], elsewhere: Settings) -> None:
    settings, stores = center
    before = content(stores)
    written = backed_up(settings, stores)
    result = restored(elsewhere, written.path, settings)
    again = open_stores(elsewhere)
    migrations.check(again)
    after = content(again)
    assert {name: rows for name, rows in after.items() if name.split("/")[1] not in TOUCHED} == {
        name: rows for name, rows in before.items() if name.split("/")[1] not in TOUCHED
    }
    assert after["core/outbox_event"] == before["core/outbox_event"]
    assert all(before[name] for name in before)
    assert (result.faults, result.migrated, result.way_back) == ([], False, ())
    again.dispose()


def test_a_restored_center_begins_anew_where_numbers_must_not_be_used_twice(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    written = backed_up(settings, stores)
    with transaction(stores.core) as session:
        lost = outbox.append(session, ORIGIN.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "k", {}).position
        fence = leases.acquire(session, "stream:1/main", "node-1", 30)
        assert fence is not None
    stores.dispose()
    result = restored(settings, written.path, settings, replace=True)
    assert result.settled == {"sessions ended": 3, "outbox streams under a new epoch": 2}
    again = open_stores(settings)
    with transaction(again.core) as session:
        event = outbox.append(session, ORIGIN.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "k", {})
        assert (event.seq, event.position > lost) == (1, True)
        lease = leases.acquire(session, "stream:1/main", "node-2", 30)
        assert lease is not None
        assert lease.fence > NUMBERS_AHEAD > fence.fence
        entry = session.query(audit.AuditEntry).filter_by(action="cli:backup:restore").one()
        assert entry.detail["audit_head"]["seq"] == 3
        assert entry.detail["replaced_audit_head"]["seq"] == 3
        assert audit_check.verify(session).fault is None
    again.dispose()


def test_numbers_given_once_are_not_given_again_after_their_rows_are_gone(
    center: tuple[Settings, Stores], elsewhere: Settings
) -> None:
    settings, stores = center
    insert = text(
        "INSERT INTO observation (id, center_id, node, camera_id, kind, start_us, end_us, detail, created_us) "
        "VALUES (:id, '1', '1', '1', 'motion', 1, 1, '{}', 1)"
    )
    with stores.observations.begin() as connection:
        connection.execute(text("DELETE FROM observation"))
        for n in range(40):
            connection.execute(insert, {"id": f"x{n}"})
        connection.execute(text("DELETE FROM observation"))
    written = backed_up(settings, stores)
    restored(elsewhere, written.path, settings)
    again = open_stores(elsewhere)
    with again.observations.begin() as connection:
        connection.execute(insert, {"id": "new"})
        assert connection.execute(text("SELECT seq FROM observation")).scalar_one() >= 41
    again.dispose()


def test_a_database_with_data_is_replaced_only_when_told_and_kept_beside(
    center: tuple[Settings, Stores], tmp_path: Path
) -> None:
    settings, stores = center
    written = backed_up(settings, stores)
    with transaction(stores.core) as session:
        cursors.move(session, "later", 0, 7)
    present = content(stores)
    stores.dispose()
    with pytest.raises(Conflict, match=r"holds data.*--replace"):
        restored(settings, written.path, settings)
    untouched = open_stores(settings)
    assert content(untouched) == present
    untouched.dispose()
    result = restored(settings, written.path, settings, replace=True)
    kept = kept_beside(settings, result)
    assert content(kept) == present
    kept.dispose()


def test_two_restores_in_one_second_keep_both_databases(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    written = backed_up(settings, stores)
    stores.dispose()
    clock = ManualClock()
    first = restored(settings, written.path, settings, replace=True, clock=clock)
    second = restored(settings, written.path, settings, replace=True, clock=clock)
    assert first.way_back != second.way_back
    kept_beside(settings, second).dispose()
    stores = kept_beside(settings, first)
    with reading(stores.core) as session:
        assert audit_check.verify(session).fault is None
    stores.dispose()


def kept_beside(settings: Settings, result: Restored) -> Stores:
    """Go back as the restore says."""
    stores = open_stores(settings)
    if stores.core.dialect.name == "postgresql":
        [statements] = [line for line in result.way_back if "RENAME TO" in line]
        with stores.core.begin() as connection:
            for statement in statements.replace("BEGIN;", "").replace("COMMIT;", "").split(";"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
        return stores
    stores.dispose()
    moves = [line.split()[1:] for line in result.way_back if line.startswith("  mv ")]
    assert len(moves) == 2
    for old, new in moves:
        Path(new).unlink()
        for suffix in ("-wal", "-shm"):
            Path(new + suffix).unlink(missing_ok=True)
        Path(old).rename(new)
    return open_stores(settings)


def test_a_backup_is_for_its_owner_alone_and_whole_or_not_there(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    written = backed_up(settings, stores)
    assert written.path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in written.path.parent.iterdir()] == ["one.tar"]
    with pytest.raises(Conflict, match="already"):
        backed_up(settings, stores)
    with stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE outbox_event RENAME TO elsewhere"))
    with pytest.raises(DatabaseError, match="table"):
        backed_up(settings, stores, "two.tar")
    assert [file.name for file in written.path.parent.iterdir()] == ["one.tar"]


def test_the_manifest_tells_what_the_backup_holds(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    keyring = Keyring.open(settings.key_dir)
    with stores.core.begin() as connection:
        sealed = keyring.seal(b"secret", "credential")
        connection.execute(text("UPDATE credential SET password = :sealed"), {"sealed": sealed})
    written = backed_up(settings, stores)
    manifest = BackupFile(written.path).verify(trust(settings), count_rows=True)
    assert manifest == written.manifest
    assert manifest.audit_head.seq == 3
    assert sorted((stream.destination, stream.last.seq, stream.open) for stream in manifest.streams) == [
        ("city", 3, True),
        ("console", 3, True),
    ]
    assert manifest.start.sealed_under[keyring.current_id] == 2
    assert manifest.start.revisions == {name: store.head for name, store in STORES.items()}
    assert {f"{one.store}/{one.table}": one.rows for one in manifest.tables} == {
        name: len(rows) for name, rows in content(stores).items()
    }


def test_no_key_is_in_a_backup(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    Keyring.open(settings.key_dir)
    written = backed_up(settings, stores)
    plain = written.path.read_bytes()
    with tarfile.open(written.path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            plain += zlib.decompress(file.read(), 31) if member.name.endswith(".gz") else b""
    for file in settings.key_dir.iterdir():
        if file.suffix != ".public":
            assert file.read_bytes().strip() not in plain


def test_tar_and_gunzip_are_enough_to_look_inside(settings: Settings) -> None:
    stores = opened(settings)
    fill(stores)
    written = backed_up(settings, stores)
    stores.dispose()
    with tarfile.open(written.path) as archive:
        names = archive.getnames()
        file = archive.extractfile("core/center/00000001.json.gz")
        assert file is not None
        assert [row[0] for row in json.loads(zlib.decompress(file.read(), 31))] == ["1", "2"]
    assert (names[0], names[-2:]) == ("vedette-backup.json", ["manifest.json", "manifest.sig"])


def test_many_rows_are_saved_in_chunks(settings: Settings) -> None:
    stores = opened(settings)
    insert_observations(stores.observations, 12_000)
    written = backed_up(settings, stores)
    stores.dispose()
    with tarfile.open(written.path) as archive:
        chunks = [name for name in archive.getnames() if name.startswith("observations/observation/")]
    assert len(chunks) > 2
    target = Settings(data_dir=settings.data_dir.parent / "target")
    target.data_dir.mkdir()
    restored(target, written.path, settings)
    again = open_stores(target)
    with again.observations.begin() as connection:
        found = connection.execute(text("SELECT count(*), count(DISTINCT id), max(seq) FROM observation")).one()
    assert tuple(found) == (12_000, 12_000, 12_000)
    again.dispose()


def insert_observations(engine: Engine, count: int) -> None:
    detail = json.dumps({"plate": "京A12345", "confidence": 0.93, "box": [0.1, 0.2, 0.3, 0.4], "reads": 12})
    rows = [{"id": f"{n:036}", "n": n, "detail": detail} for n in range(1, count + 1)]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO observation (id, center_id, node, camera_id, kind, start_us, end_us, detail, created_us) "
                "VALUES (:id, 'center', 'node', 'camera', 'plate_read', :n, :n, :detail, :n)"
            ),
            rows,
        )


def test_another_centers_backup_is_refused(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    written = backed_up(settings, stores)
    stores.dispose()
    settings.center.code = "440100000000"
    with pytest.raises(InvalidInput, match=r"backup of the center 110000000000.*440100000000"):
        restored(settings, written.path, settings, replace=True)


def test_a_signature_of_a_key_that_is_not_ours_counts_only_when_named(settings: Settings, tmp_path: Path) -> None:
    stores = opened(settings)
    written = backed_up(settings, stores)
    stores.dispose()
    other = Signing.open(tmp_path / "other-keys")
    with pytest.raises(InvalidInput, match=r"does not have.*keys restore.*--trust"):
        BackupFile(written.path).verify(Trust(other))
    named = Signing.open(settings.key_dir).keys[0].fingerprint
    assert isinstance(BackupFile(written.path).verify(Trust(other, frozenset([named]))), Manifest)


def test_what_is_broken_in_the_backup_is_told_and_does_not_hold_it_up(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    with stores.core.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor = 'somebody else' WHERE seq = 2"))
    written = backed_up(settings, stores)
    stores.dispose()
    result = restored(settings, written.path, settings, replace=True)
    assert [fault for fault in result.faults if "entry 2" in fault]


def test_a_restore_that_fails_leaves_the_old_state(center: tuple[Settings, Stores]) -> None:
    settings, stores = center
    present = content(stores)
    written = backed_up(settings, stores)
    stores.dispose()

    def fails(*_: object) -> dict[str, int]:
        raise ZeroDivisionError

    rooms = Rooms(ROOMS.origin, fails)
    with target_of(settings) as target, pytest.raises(ZeroDivisionError):
        restore(settings, target, BackupFile(written.path), trust(settings), rooms, actor="cli:test", replace=True)
    stores = open_stores(settings)
    assert content(stores) == present
    stores.dispose()
    assert not list(settings.data_dir.glob("*.restoring*"))


def test_nothing_to_save_is_said(settings: Settings) -> None:
    settings.data_dir.mkdir()
    stores = open_stores(settings)
    with pytest.raises(DatabaseError, match="no tables"):
        backed_up(settings, stores)
    stores.dispose()


def test_no_cursor_lies_beyond_the_observations_whatever_is_written_between_the_two_moments(settings: Settings) -> None:
    """Two SQLite files have two moments; just before the second, an observation is written and consumed."""
    stores = opened(settings)
    begun = 0

    def write_between(connection: Connection) -> None:
        nonlocal begun
        begun += bool(connection.get_execution_options().get("read_only"))
        if begun == 2:
            begun += 1
            insert_observations(stores.observations, 1)
            with transaction(stores.core) as session:
                cursors.move(session, "pipeline", 0, 1)

    for engine in (stores.core, stores.observations):
        event.listen(engine, "begin", write_between)
    with cut_of(stores) as cut:
        counts = {shape.table: cut.count(shape) for shape in cut.shapes}
    assert begun == 3
    assert counts["observation"] >= counts["consumer_cursor"] == 0
    stores.dispose()


def test_reading_does_not_hold_up_writing(center: tuple[Settings, Stores]) -> None:
    _, stores = center
    with cut_of(stores) as cut:
        groups = cut.groups(next(shape for shape in cut.shapes if shape.table == "audit_entry"))
        with transaction(stores.core) as session:
            audit.record(session, AuditAction.CLI_CAMERA_ADD, origin=ORIGIN, actor="test", subject="x")
        assert sum(map(len, groups)) == 3
    with reading(stores.core) as session:
        assert audit_check.verify(session).fault is None


@pytest.mark.postgresql
@pytest.mark.functional
def test_nothing_is_restored_while_another_machine_is_connected(postgresql_url: str, settings: Settings) -> None:
    settings.database_url = postgresql_url
    stores = opened(settings)
    written = backed_up(settings, stores)
    stores.dispose()
    url = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    refused = pytest.raises(Conflict, match=r"others use this database: vedette-station-b-77.*all of its machines")
    with psycopg.connect(url, application_name="vedette-station-b-77"), refused:
        restored(settings, written.path, settings)
    restored(settings, written.path, settings)


# What both databases can hold: PostgreSQL takes no NUL, SQLite's driver no lone surrogate.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
CAMERAS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | TEXTS,
        st.none() | st.floats(allow_nan=False),
        st.booleans(),
        INTEGERS,
    ),
    max_size=30,
)
DOCUMENTS = st.lists(
    st.dictionaries(
        TEXTS, st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
    ),
    max_size=10,
)


@settings_of_hypothesis(max_examples=10)
@given(cameras=CAMERAS, documents=DOCUMENTS)
@pytest.mark.long
@pytest.mark.postgresql
@pytest.mark.functional
def test_any_value_comes_back_from_either_database_through_the_other(
    tmp_path_factory: pytest.TempPathFactory, postgresql_url: str, cameras: list[Any], documents: list[Any]
) -> None:
    """SQLite, PostgreSQL and SQLite again: rows equal, and documents the same text."""
    folder = tmp_path_factory.mktemp("through")
    places = [Settings(data_dir=folder / name) for name in ("first", "second", "third")]
    places[1].database_url = postgresql_url
    for place in places:
        place.data_dir.mkdir()
    stores = opened(places[0])
    _write_values(stores, cameras, documents)
    before = content(stores, TOUCHED)
    for here, there in pairwise(places):
        written = write_backup(here, stores, there.data_dir / "one.tar", Signing.open(places[0].key_dir))
        stores.dispose()
        restored(there, written.path, places[0], replace=True)
        stores = open_stores(there)
    assert content(stores, TOUCHED) == before
    stores.dispose()


def _write_values(stores: Stores, cameras: list[Any], documents: list[Any]) -> None:
    camera = text(
        "INSERT INTO camera (id, center_id, node, code, name, maker, latitude, disabled, created_us, updated_us) "
        "VALUES (:n, 'c', 'n', :n, :name, :maker, :latitude, :disabled, :us, :us)"
    )
    with stores.core.begin() as connection:
        connection.execute(
            text("INSERT INTO center VALUES ('c', NULL, 'n', '110000', 'c', 'city', 1)"),
        )
        for n, (name, maker, latitude, disabled, us) in enumerate(cameras):
            values = {"name": name, "maker": maker, "latitude": latitude, "disabled": disabled, "us": us}
            connection.execute(camera, {"n": str(n), **values})
    observation = text(
        "INSERT INTO observation (id, center_id, node, camera_id, kind, start_us, end_us, detail, created_us) "
        "VALUES (:n, 'c', 'n', '1', 'motion', 1, 1, :detail, 1)"
    )
    with stores.observations.begin() as connection:
        for n, document in enumerate(documents):
            connection.execute(observation, {"n": str(n), "detail": json.dumps(document, ensure_ascii=n % 2 == 0)})

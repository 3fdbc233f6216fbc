"""A restore that is killed, at every step in turn: the old state, or a marked one that the next restore undoes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation import audit, migrations, outbox
from foundation.audit import AuditAction
from foundation.backup.cut import cut_of
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import restore
from foundation.backup.rooms import Rooms
from foundation.backup.target import target_of
from foundation.backup.writer import write_backup
from foundation.database import open_stores, restore_marker, transaction
from foundation.errors import DatabaseError
from foundation.identifiers import Origin
from foundation.settings import Settings
from foundation.signing import Signing

ORIGIN = Origin("1", "node-1")
ROOMS = Rooms(origin=lambda *_: ORIGIN, settle=lambda *_: {})
# What Python tells of before it does it; of these, what happens in the data folder is a step.
STEPS = {"open", "os.rename", "os.remove", "os.link", "sqlite3.connect", "fcntl.flock"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "center")
    if request.param == "postgresql":
        settings.database_url = request.getfixturevalue("postgresql_url")
    settings.data_dir.mkdir()
    return settings


@pytest.fixture
def backup(settings: Settings) -> Path:
    """Of a state that lies two entries before the present one."""
    stores = open_stores(settings)
    migrations.migrate(stores)
    for n in range(2):
        _act(stores.core, n)
    path = settings.data_dir / "backups" / "one.tar"
    write_backup(settings, stores, path, Signing.open(settings.key_dir))
    stores.dispose()
    if os.fork() == 0:  # a center that was killed: SQLite's journal lies beside the database
        killed = open_stores(settings)
        for n in range(2, 4):
            _act(killed.core, n)
        os.kill(os.getpid(), signal.SIGKILL)
    os.wait()
    assert (settings.data_dir / "core.sqlite3-wal").exists() is (settings.database_url is None)
    return path


def _act(core: object, n: int) -> None:
    with transaction(core) as session:  # type: ignore[arg-type]
        audit.record(session, AuditAction.CLI_CAMERA_ADD, origin=ORIGIN, actor="test", subject=str(n))
        outbox.append(session, ORIGIN.center_id, "city", outbox.Lane.URGENT, "k", {"n": n})


def _restore(settings: Settings, backup: Path) -> None:
    trust = Trust(Signing.existing(settings.key_dir))
    with target_of(settings) as target:
        target.clean_up()
        restore(settings, target, BackupFile(backup), trust, ROOMS, actor="cli:test", replace=True)


def _killed_at(step: int, settings: Settings, work: Callable[[], None]) -> bool:
    """Do the work in a child that kills itself before its so manieth step; False when it came to its end."""
    child = os.fork()
    if child == 0:
        _count_down(step, str(settings.data_dir), settings.database_url is not None)
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child must not come back into the test
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _count_down(step: int, folder: str, is_server: bool) -> None:
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in STEPS or folder not in str(arguments[0]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    if is_server:
        _count_statements(step)


def _count_statements(step: int) -> None:
    """On a server the steps are its statements."""
    import psycopg

    execute = psycopg.Cursor.execute
    left = step

    def counted(self: object, *arguments: object, **options: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *arguments, **options)  # type: ignore[arg-type]

    psycopg.Cursor.execute = counted  # type: ignore[method-assign,assignment]


def _entries(settings: Settings) -> list[str]:
    """Subjects of the audit trail, and that everything can be read."""
    stores = open_stores(settings)
    try:
        migrations.check(stores)
        with cut_of(stores) as cut:
            content = {shape.table: [row for rows in cut.groups(shape) for row in rows] for shape in cut.shapes}
            [shape] = [shape for shape in cut.shapes if shape.table == "audit_entry"]
            at = {field.name: place for place, field in enumerate(shape.fields)}
        return [row[at["subject"]] for row in sorted(content["audit_entry"], key=lambda row: row[at["seq"]])]
    finally:
        stores.dispose()


OLD, NEW = ["0", "1", "2", "3"], ["0", "1", "1"]  # the restore's own entry is about the center, which is 1


@pytest.mark.functional
@pytest.mark.long
@pytest.mark.full
def test_a_restore_killed_at_any_step_leaves_the_old_state_or_a_marked_one(settings: Settings, backup: Path) -> None:
    assert _entries(settings) == OLD
    step, marked, old = 0, 0, 0
    stride = 1 if settings.database_url is None else 41  # of hundreds of statements
    while _killed_at(step, settings, lambda: _restore(settings, backup)):
        if restore_marker(settings).exists():
            with pytest.raises(DatabaseError, match=r"interrupted.*vedette restore"):
                open_stores(settings)
            with target_of(settings) as target:
                assert target.clean_up()
            marked += 1
        found = _entries(settings)
        if found == NEW:  # killed after its last word: the next step is the end
            break
        assert found == OLD
        old += 1
        step += stride
    assert old > 10
    assert (marked > 3) is (settings.database_url is None)
    _restore(settings, backup)
    assert _entries(settings) == NEW
    assert not list(settings.data_dir.glob("*.restoring*"))
    assert not restore_marker(settings).exists()


@pytest.mark.functional
def test_the_next_restore_cleans_up_by_itself(settings: Settings, backup: Path) -> None:
    for step in (25, 40):
        _killed_at(step, settings, lambda: _restore(settings, backup))
    _restore(settings, backup)
    assert _entries(settings) == NEW


@pytest.mark.functional
@pytest.mark.parametrize("step", [3, 10, 25, 40])
def test_a_backup_killed_leaves_no_half_file_behind_the_next(settings: Settings, backup: Path, step: int) -> None:
    def work() -> None:
        stores = open_stores(settings)
        write_backup(settings, stores, backup.with_name("vedette-2.tar"), Signing.existing(settings.key_dir))

    _killed_at(step, settings, work)
    stores = open_stores(settings)
    write_backup(settings, stores, backup.with_name("vedette-3.tar"), Signing.existing(settings.key_dir))
    stores.dispose()
    whole = {"one.tar", "vedette-2.tar", "vedette-3.tar"}
    assert {file.name for file in backup.parent.iterdir()} <= whole
    for file in backup.parent.iterdir():
        BackupFile(file).verify(Trust(Signing.existing(settings.key_dir)))

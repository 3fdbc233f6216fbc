"""Backups and restores on a disk that is full, or may only be read: a clear sentence, no half file, the old state."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from foundation import migrations
from foundation.audit import check as audit_check
from foundation.backup.encryption import Lock
from foundation.backup.key_file import write_keys
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import restore
from foundation.backup.rooms import Rooms
from foundation.backup.target import target_of
from foundation.backup.writer import write_backup
from foundation.database import Stores, open_stores
from foundation.errors import DatabaseError, DiskFull, NotWritable
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
from foundation.signing import Signing

pytestmark = [pytest.mark.functional]
RECIPIENT = "age1cty64fgjqqwxky58tt9en54ka0p7xkak69ec33m8cdjdzpvlq98qdgs27w"
ROOMS = Rooms(origin=lambda *_: Origin("1", "node-1"), settle=lambda *_: {})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"file systems cannot be mounted here: {done.stderr.strip()}")


def _stores(settings: Settings, rows: int) -> Stores:
    settings.data_dir.mkdir(exist_ok=True)
    stores = open_stores(settings)
    migrations.migrate(stores)
    statement = text(
        "INSERT INTO observation (id, center_id, node, camera_id, kind, start_us, end_us, detail, created_us) "
        "VALUES (:id, 'c', 'n', 'k', 'plate_read', :n, :n, :detail, :n)"
    )
    chance = random.Random(1)
    values = [{"id": f"{n:036}", "n": n, "detail": json.dumps({"x": chance.randbytes(60).hex()})} for n in range(rows)]
    with stores.observations.begin() as connection:
        connection.execute(statement, values)
    return stores


@pytest.mark.parametrize("lock", [Lock(), Lock([RECIPIENT])], ids=["plain", "encrypted"])
def test_a_disk_that_fills_up_leaves_no_half_backup(tmp_path: Path, small_disk: Path, lock: Lock) -> None:
    settings = Settings(data_dir=tmp_path / "center")
    stores = _stores(settings, 60_000)
    with pytest.raises(DiskFull, match=r"no space is left.*another one") as caught:
        write_backup(settings, stores, small_disk / "vedette-1.tar", Signing.open(settings.key_dir), lock=lock)
    assert "vedette-1.tar" in str(caught.value)
    assert list(small_disk.iterdir()) == []
    stores.dispose()


def test_a_disk_that_may_only_be_read_is_told(tmp_path: Path, small_disk: Path) -> None:
    settings = Settings(data_dir=tmp_path / "center")
    stores = _stores(settings, 1)
    Keyring.open(settings.key_dir)
    _mount("-o", "remount,ro", str(small_disk))
    for write in (
        lambda: write_backup(settings, stores, small_disk / "vedette-1.tar", Signing.open(settings.key_dir)),
        lambda: write_keys(settings, small_disk / "keys.age", Lock([RECIPIENT])),
    ):
        with pytest.raises(NotWritable, match="read-only"):
            write()
    stores.dispose()


def test_a_restore_that_runs_out_of_space_leaves_the_old_state(tmp_path: Path, small_disk: Path) -> None:
    source = Settings(data_dir=tmp_path / "center")
    stores = _stores(source, 60_000)
    signing = Signing.open(source.key_dir)
    backup = write_backup(source, stores, tmp_path / "vedette-1.tar", signing).path
    stores.dispose()
    settings = Settings(data_dir=small_disk)
    stores = _stores(settings, 10)
    stores.dispose()
    with target_of(settings) as target, pytest.raises((DatabaseError, DiskFull), match="no space is left"):
        restore(settings, target, BackupFile(backup), Trust(signing), ROOMS, actor="cli:test", replace=True)
    assert not list(small_disk.glob("*.restoring*"))
    stores = open_stores(settings)
    with stores.observations.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM observation")).scalar_one() == 10
    assert audit_check.verify(stores.core).fault is None
    stores.dispose()

"""What a backup and a restore cost, for a million rows, beside what the databases bring with them, in one run.

    python -m benchmarks.backup --rows 1000000 --postgresql postgresql://user@host/empty_database

Rows are plate reads, the bulk of every center. CPU seconds are this process' and its children's; with PostgreSQL the
server works as well, for us and for pg_dump alike. The peers save less: no hash of what they saved, no signature.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyrage
from sqlalchemy import text

from foundation import migrations
from foundation.backup.encryption import Lock
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import restore
from foundation.backup.rooms import Rooms
from foundation.backup.target import target_of
from foundation.backup.writer import write_backup
from foundation.clock import ManualClock
from foundation.database import Stores, open_stores
from foundation.identifiers import Origin, new_id
from foundation.settings import Settings
from foundation.signing import Signing

GOAL_S = 15.0  # CPU seconds to save a million rows
GOAL_MIB = 128  # of memory, whatever the number of rows
_BATCH = 10_000
_ROOMS = Rooms(origin=lambda *_: Origin("center", "node-1"), settle=lambda *_: {})


def fill(stores: Stores, rows: int) -> None:
    chance, clock = random.Random(1), ManualClock()
    center, cameras = new_id(clock), [new_id(clock) for _ in range(200)]
    statement = text(
        "INSERT INTO observation (id, center_id, node, camera_id, kind, start_us, end_us, detail, created_us) "
        "VALUES (:id, :center, 'node-1', :camera, 'plate_read', :now, :now, :detail, :now)"
    )
    for _ in range(0, rows, _BATCH):
        batch = []
        for _ in range(_BATCH):
            clock.advance(chance.random())
            detail = {
                "plate": f"京A{chance.randrange(100_000):05}",
                "plate_colour": "blue",
                "confidence": round(chance.uniform(0.8, 1), 4),
                "box": [round(chance.random(), 4) for _ in range(4)],
                "reads": chance.randrange(3, 30),
                "direction": None,
            }
            row = {"id": new_id(clock), "center": center, "camera": chance.choice(cameras), "now": clock.now_us()}
            batch.append(row | {"detail": json.dumps(detail)})
        with stores.observations.begin() as connection:
            connection.execute(statement, batch)


class Watch:
    """CPU and wall seconds, and the most memory that this process held meanwhile beyond what it held before."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._stopping = threading.Event()
        before_mib, self.most_mib = _resident_mib(), 0.0
        sampler = threading.Thread(target=self._sample, args=(before_mib,))
        cpu_s, wall_s = _cpu_s(), time.monotonic()
        sampler.start()
        work()
        self.cpu_s, self.wall_s = _cpu_s() - cpu_s, time.monotonic() - wall_s
        self._stopping.set()
        sampler.join()

    def _sample(self, before_mib: float) -> None:
        while not self._stopping.wait(0.05):
            self.most_mib = max(self.most_mib, _resident_mib() - before_mib)


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def _tell(what: str, watch: Watch, file: Path | None) -> None:
    size = f"{file.stat().st_size / 1e6:8.1f} MB" if file else " " * 11
    memory = f"{watch.most_mib:6.0f} MiB more" if watch.most_mib > 0.5 else ""
    print(f"{what:<44}{watch.cpu_s:7.2f} CPU s {watch.wall_s:7.2f} s {size} {memory}")


def ours(settings: Settings, stores: Stores, folder: Path) -> Watch:
    signing = Signing.open(settings.key_dir)
    plain, locked = folder / "plain.tar", folder / "locked.tar.age"
    saved = Watch(lambda: write_backup(settings, stores, plain, signing))
    _tell("vedette backup", saved, plain)
    lock = Lock([str(pyrage.x25519.Identity.generate().to_public())])
    _tell(
        "vedette backup --recipient", Watch(lambda: write_backup(settings, stores, locked, signing, lock=lock)), locked
    )
    trust = Trust(signing)
    _tell("vedette backup verify", Watch(lambda: BackupFile(plain).verify(trust, count_rows=True)), None)

    def load() -> None:
        with target_of(settings) as target:
            restore(settings, target, BackupFile(plain), trust, _ROOMS, actor="cli:bench", replace=True)

    stores.dispose()
    _tell("vedette restore", Watch(load), None)
    return saved


def sqlite_peers(database: Path, folder: Path) -> None:
    def online() -> None:
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(folder / "copy")) as new:
            old.backup(new)

    def vacuum() -> None:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(folder / "vacuumed"),))

    _tell("SQLite's .backup", Watch(online), folder / "copy")
    _tell(
        "SQLite's .backup, then gzip",
        Watch(lambda: _shell(f"gzip -c {folder}/copy > {folder}/copy.gz")),
        folder / "copy.gz",
    )
    _tell("VACUUM INTO", Watch(vacuum), folder / "vacuumed")
    if shutil.which("sqlite3"):
        dump = f"sqlite3 {database} .dump | gzip > {folder}/dump.gz"
        _tell("sqlite3 .dump | gzip", Watch(lambda: _shell(dump)), folder / "dump.gz")


def postgresql_peers(url: str, folder: Path) -> None:
    for what, options in (("pg_dump -Fc", "-Fc"), ("pg_dump -Fc -Z1", "-Fc -Z1")):
        file = folder / f"dump{options[-2:]}"
        _tell(what, Watch(lambda options=options, file=file: _shell(f"pg_dump {options} -f {file} '{url}'")), file)


def _shell(command: str) -> None:
    subprocess.run(command, shell=True, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgresql", help="URL of an empty database")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder unless given")
    options = parser.parse_args()
    goals = []
    for url in (None, options.postgresql) if options.postgresql else (None,):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            folder = Path(name)
            settings = Settings(data_dir=folder / "center", database_url=url)
            settings.data_dir.mkdir()
            stores = open_stores(settings)
            migrations.migrate(stores)
            fill(stores, options.rows)
            print(f"\n{options.rows:,} plate reads in {'PostgreSQL' if url else 'SQLite'}")
            if url:
                postgresql_peers(url, folder)
            else:
                sqlite_peers(settings.data_dir / "observations.sqlite3", folder)
            saved = ours(settings, stores, folder)
            per_million = saved.cpu_s * 1_000_000 / options.rows
            found = f"{per_million:.1f} CPU s (goal {GOAL_S:.0f}), {saved.most_mib:.0f} MiB (goal {GOAL_MIB})"
            print(f"to save a million rows: {found}")
            goals.append(per_million <= GOAL_S and saved.most_mib <= GOAL_MIB)
    sys.exit(0 if all(goals) else 1)


if __name__ == "__main__":
    main()

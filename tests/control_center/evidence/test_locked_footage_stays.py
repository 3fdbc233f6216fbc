"""The whole way, with the recorder's own purge: what is locked stays on the disk, until it is released."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from control_center.access_policy import Purpose
from control_center.evidence import directory, locks
from control_center.evidence.locks import By, Span
from control_center.evidence.models import EvidenceLock
from control_center.evidence.recorded import recorded
from control_center.processes.holds import Holds
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.scope import Scope
from foundation.settings import Settings
from ingest.footage.disk import Disk
from ingest.footage.holds import HoldsFile
from ingest.footage.index_writer import IndexWriter
from ingest.footage.retention import Retention
from ingest.footage.retention_policy import RetentionPolicy

pytestmark = pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
STATION, OTHER = "110101010000", "110201010000"
WHO, WHY = By("0195c0de-0000-7000-8000-0000000000aa", "li"), Purpose("a theft", None)
DAY_S = 86_400


def test_what_is_locked_outlives_retention_and_goes_when_it_is_released(city, tmp_path: Path, make_disk) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    settings.run_dir.mkdir(parents=True)
    old_s = city.clock.now_us() // US_PER_S - 40 * DAY_S  # ten days beyond retention
    camera, other = city.cameras[STATION], city.cameras[OTHER]
    minutes = [(camera, "main", old_s + 60 * n, old_s + 60 * (n + 1)) for n in range(4)]
    beside = [(camera, "sub", old_s + 60, old_s + 120), (other, "main", old_s + 60, old_s + 120)]
    folder = make_disk(tmp_path / "disk", *minutes, *beside)
    disk, index = Disk(folder, tmp_path / "memory"), IndexWriter(folder)
    policy = RetentionPolicy(days=30.0)
    retention = Retention(disk, index, policy, HoldsFile(settings.run_dir), city.clock, round_s=60)
    holds = Holds(settings, city.stores, city.clock)

    def files() -> set[str]:
        return {file.name for file in folder.glob("*.mp4")}

    def purge() -> None:
        """A recorder's round, and what it then says."""
        status = {"holds_version": retention.round().holds_version, "streams": [], "disks": [{}]}
        (settings.run_dir / "recorder-0.status.json").write_text(json.dumps(status))
        disk.sync()
        retention.round()  # takes away the files of the rows that went

    with transaction(city.stores.core) as session:
        span = Span((old_s + 70) * US_PER_S, (old_s + 110) * US_PER_S)  # within the second minute
        lock_id = locks.place(session, city.clock, Scope(city.centers.values()), WHO, camera, span, WHY)
    holds.refresh()
    purge()
    holds.refresh()
    assert files() == {"1.mp4", "4.mp4"}  # both streams' segments that hold any of it, whole
    with reading(city.stores.core) as session:
        lock = session.get_one(EvidenceLock, lock_id)
        assert directory.state_of(lock) == "held"
        found = recorded([folder], camera, lock.start_us, lock.end_us)
    assert (found.size_bytes, found.covered_us) == (2_000, 40 * US_PER_S)

    with transaction(city.stores.core) as session:
        locks.release(session, city.clock, session.get_one(EvidenceLock, lock_id), WHO, WHY)
    holds.refresh()
    purge()
    assert files() == set()
    index.close()
    disk.close()

"""The power is cut after every step of a recording, and after every step of the repair that follows.

Whatever is left, a start makes index and files agree, nothing that was synced is missing, and nothing is in the index
that was not recorded so.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest

from foundation.clock import US_PER_S
from ingest.footage import FootageIndex
from ingest.footage.check import DiskCheck, Kind
from ingest.footage.clearing import Clearing
from ingest.footage.disk import Disk
from ingest.footage.mp4_reader import fragments, read_init

GATE = ("0199a000-0000-7000-8000-000000000001", "main")
YARD = ("0199a000-0000-7000-8000-000000000002", "sub")
EVER = (0, 1 << 62)
EXPLAINED = {Kind.SET_ASIDE, Kind.PURGED}
Fragments = set[tuple[tuple[str, str], bytes]]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "footage_forgetful_disk", Path(__file__).with_name("forgetful_disk.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


forgetful = _load()


class Recorded:
    """A scripted recording, all of its steps, and what was certain when."""

    def __init__(self, script: Any) -> None:
        self.script = script
        Disk(script.folder, script.run_dir / "disks").close()
        self.began = forgetful.Tree.of(script.folder)
        self._marks: list[tuple[int, Fragments]] = [(0, set())]
        self._purged: list[tuple[int, str]] = []
        self.purged_fragments: Fragments = set()
        self.disk = forgetful.ForgetfulDisk(script.folder)
        self.disk.on_sync = lambda: self._marks.append((len(self.disk.steps), self.written()))
        with self.disk.noting():
            self._record()
        self.cuts = forgetful.PowerCuts(self.began, self.disk.steps)

    def written(self) -> Fragments:
        return {(key, digest) for key, fragments in self.script.written.items() for _, digest in fragments}

    def certain(self, count: int) -> Fragments:
        """What a sync came after within so many steps, without what was purged at any time."""
        return next(one for at, one in reversed(self._marks) if at <= count) - self.purged_fragments

    def _record(self) -> None:
        script = self.script
        script.open(GATE, YARD)
        self._clearing = Clearing(script.folder, script.index)
        script.record(4)
        script.sync()
        script.streams[GATE].interrupt("silent", script.now_us)
        script.record_only(YARD, 3)
        script.sync()
        script.streams[GATE].parameters(script.parameters)
        script.record(4)
        self._purge()
        script.sync()
        with script.index.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        script.record(2)
        self._purge()
        script.sync()
        script.record(1)
        script.release()  # killed
        script.open(GATE, YARD, fence=2)
        script.now_us += 3 * US_PER_S
        script.record(4)
        script.close()

    def _purge(self) -> None:
        """As after a sync: the files that were condemned before go, and the oldest segment is condemned."""
        script = self.script
        script.sync()
        self._clearing.go_on(script.now_us + 3600 * US_PER_S)
        oldest = FootageIndex(script.folder).segments(*GATE, *EVER)[0]
        self.purged_fragments |= {(GATE, digest) for digest in _digests(script.folder / oldest.path)}
        script.index.condemn({oldest.path: oldest.size_bytes})


def _digests(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        for one in fragments(stream, len(read_init(stream))):
            yield sha256(b"".join(sample.data for sample in one.samples)).digest()


class Aftermath:
    """The disk as a cut left it, in a folder of its own, started again."""

    def __init__(self, recorded: Recorded, folder: Path, seed: int, *, every: bool = False) -> None:
        self._recorded = recorded
        self._folder = folder
        self._chance = random.Random(seed)
        self._every = every
        self.tried = 0
        self._known: set[int] = set()

    def try_all(self, count: int, *, deeper: bool = False) -> None:
        for manner, tree in self._recorded.cuts.after(count, self._chance, every=self._every):
            self._try(tree, count, f"cut after step {count}, {manner} left", deeper=deeper)

    def _try(self, tree: Any, count: int, what: str, *, deeper: bool) -> None:
        state = hash((frozenset(tree.files.items()), count if deeper else 0))
        if state in self._known:
            return
        self._known.add(state)
        self.tried += 1
        steps = self._start(tree, what)
        self._assert_good(count, what)
        if deeper:
            again = forgetful.PowerCuts(tree, steps)
            for inner in range(len(steps) + 1):
                for manner, left in again.after(inner, self._chance, every=self._every):
                    self._try(left, count, f"{what}; cut again after step {inner}, {manner} left", deeper=False)

    def _start(self, tree: Any, what: str) -> list[Any]:
        shutil.rmtree(self._folder / "disk", ignore_errors=True)
        tree.put(self._folder / "disk")
        script = type(self._recorded.script)(self._folder, None, 0)
        disk = forgetful.ForgetfulDisk(script.folder)
        try:
            with disk.noting():
                script.open()
                script.release()
        except Exception as error:
            raise AssertionError(what) from error
        return disk.steps  # type: ignore[no-any-return]

    def _assert_good(self, count: int, what: str) -> None:
        disk = self._folder / "disk"
        report = DiskCheck(disk, self._folder / "run", deep=True).look()
        assert report.unexplained == 0, (what, report.findings)
        assert set(report.counts) <= EXPLAINED, (what, report.findings)
        found = self._found(disk)
        assert found <= self._recorded.written(), what
        missing = self._recorded.certain(count) - found
        assert not missing, (what, len(missing))

    def _found(self, disk: Path) -> Fragments:
        index = FootageIndex(disk)
        rows = [(key, row) for key in (GATE, YARD) for row in index.segments(*key, *EVER)]
        return {(key, digest) for key, row in rows for digest in _digests(disk / row.path)}


@pytest.fixture
def recorded(script: Callable[..., Any]) -> Recorded:
    return Recorded(script())


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: thousands of disks are made in it."""
    with TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.long
def test_after_every_step_of_a_recording(recorded: Recorded, swift: Path) -> None:
    aftermath = Aftermath(recorded, swift, seed=1)
    for count in range(len(recorded.disk.steps) + 1):
        aftermath.try_all(count)
    assert aftermath.tried > len(recorded.disk.steps) // 2


@pytest.mark.long
def test_after_every_step_of_the_repair(recorded: Recorded, swift: Path) -> None:
    aftermath = Aftermath(recorded, swift, seed=2)
    for count in range(120, len(recorded.disk.steps) + 1, 60):
        aftermath.try_all(count, deeper=True)
    assert aftermath.tried > 50


@pytest.mark.full
@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_after_every_step_in_many_ways(recorded: Recorded, swift: Path, seed: int) -> None:
    aftermath = Aftermath(recorded, swift, seed=100 + seed, every=True)
    for count in range(len(recorded.disk.steps) + 1):
        aftermath.try_all(count, deeper=count % 20 == 5 * seed)


def test_the_noted_steps_make_the_disk_that_is_there(recorded: Recorded) -> None:
    """Else the cuts would be cuts of something else."""
    certain, pending = recorded.cuts.synced(len(recorded.disk.steps))
    for step in pending:
        certain.apply(step)
    there = forgetful.Tree.of(recorded.script.folder)
    assert certain.files == there.files
    assert {step.kind for step in recorded.disk.steps} >= {"mkdir", "create", "write", "sync", "fsync", "unlink"}
    with closing(sqlite3.connect(recorded.script.folder / "footage.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

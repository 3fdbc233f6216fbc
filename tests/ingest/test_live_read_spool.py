from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import ManualClock
from ingest.live import noting, read_spool
from ingest.live.leaves import Holder, clip_leave, live_leave
from ingest.live.noting import Notes
from ingest.live.read_spool import ReadSpool
from ingest.live.reads import FINISHED, FOLDER, LiveRead

ZHANG = Holder("zhang", "a1", "s1")
CAMERA = "0199a000-0000-7000-8000-000000000001"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def spool(tmp_path: Path, clock: ManualClock) -> Iterator[ReadSpool]:
    spool = ReadSpool(tmp_path, clock)
    yield spool
    spool.close()


@pytest.fixture
def notes(spool: ReadSpool, clock: ManualClock) -> Notes:
    return Notes(spool, clock)


def files(folder: Path, suffix: str = FINISHED) -> list[Path]:
    return sorted((folder / FOLDER).glob(f"*{suffix}"))


def lines(folder: Path, suffix: str = FINISHED) -> list[dict[str, Any]]:
    return [json.loads(line) for path in files(folder, suffix) for line in path.read_text().splitlines()]


async def watch(notes: Notes, clock: ManualClock) -> LiveRead:
    return await notes.live_begins(live_leave(clock, ZHANG, [CAMERA]), (CAMERA, "main"))


async def test_a_line_is_there_before_the_pictures(notes: Notes, tmp_path: Path, clock: ManualClock) -> None:
    begun = await watch(notes, clock)
    [line] = lines(tmp_path, ".part")
    assert line == begun.model_dump()
    assert (line["what"], line["account"], line["session_id"], line["to_us"]) == ("live", "zhang", "s1", None)
    assert (line["camera_id"], line["stream"], line["from_us"]) == (CAMERA, "main", clock.now_us())


async def test_the_end_of_a_viewing_names_its_beginning(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock
) -> None:
    begun = await watch(notes, clock)
    clock.advance(90)
    notes.live_ended(begun)
    await spool.tend()
    first, last = lines(tmp_path)
    assert (last["began"], last["from_us"], last["to_us"]) == (first["id"], begun.from_us, clock.now_us())
    assert last["id"] != first["id"]


async def test_a_clip_is_one_viewing_for_ten_minutes(notes: Notes, tmp_path: Path, clock: ManualClock) -> None:
    leave = clip_leave(clock, ZHANG, CAMERA, "sub", 10, 90, alert_id="alert")
    for _ in range(3):  # as many ranges
        await notes.clip_played(leave, 20, 30)
    await notes.clip_played(leave, 20, 31)
    clock.advance(noting.SAME_VIEWING_US // 1_000_000)
    await notes.clip_played(leave, 20, 30)
    found = lines(tmp_path, ".part")
    assert [(line["from_us"], line["to_us"]) for line in found] == [(20, 30), (20, 31), (20, 30)]
    assert {(line["ticket"], line["alert_id"], line["stream"]) for line in found} == {(leave.id, "alert", "sub")}


async def test_a_file_is_finished_when_it_is_due_or_full(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch(notes, clock)
    await spool.tend()
    assert files(tmp_path) == []
    clock.advance(1)
    await spool.tend()
    assert len(files(tmp_path)) == 1
    assert files(tmp_path, ".part") == []
    monkeypatch.setattr(read_spool, "FILE_BYTES", 1)
    for _ in range(3):
        await watch(notes, clock)
    await spool.tend()
    assert len(files(tmp_path)) == 4
    assert all(path.stat().st_mode & 0o137 == 0 for path in files(tmp_path))


async def test_files_are_filled_while_nobody_reads_them(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock
) -> None:
    for _ in range(12):
        await watch(notes, clock)
        clock.advance(2)
        await spool.tend()
    assert len(files(tmp_path)) == 8
    assert len(lines(tmp_path, ".part")) == 4


async def test_what_does_not_fit_is_counted_and_told_of(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_spool, "MOST_FILES", 2)
    monkeypatch.setattr(read_spool, "FILE_BYTES", 1)
    for _ in range(2):
        await watch(notes, clock)
    since_us = clock.now_us()
    for _ in range(5):
        await watch(notes, clock)
        clock.advance(1)
    assert len(lines(tmp_path)) == 2
    files(tmp_path)[0].unlink()  # read at last
    begun = await watch(notes, clock)
    await spool.tend()
    lost, found = lines(tmp_path)[-2:]
    assert (lost["what"], lost["count"], lost["from_us"]) == ("lost", 5, since_us)
    assert found["id"] == begun.id


async def test_a_full_disk_tears_no_line(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await watch(notes, clock)
    write = os.write

    def short(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: len(data) // 2])

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for broken in (short, full):
        with monkeypatch.context() as disk:
            disk.setattr(read_spool.os, "write", broken)
            await watch(notes, clock)
    last = await watch(notes, clock)
    found = lines(tmp_path, ".part")
    assert [line["id"] for line in found if line["what"] == "live"] == [first.id, last.id]
    assert [line["count"] for line in found if line["what"] == "lost"] == [2]


async def test_pictures_do_not_wait_for_a_disk_that_hangs(
    notes: Notes, spool: ReadSpool, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_spool, "_PATIENCE_S", 0.01)
    spool._places = threading.Semaphore(3)
    hangs = threading.Event()
    write = os.write

    def hanging(descriptor: int, data: bytes) -> int:
        hangs.wait(20)
        return write(descriptor, data)

    monkeypatch.setattr(read_spool.os, "write", hanging)
    noted = [await watch(notes, clock) for _ in range(6)]
    assert lines(tmp_path, ".part") == []
    hangs.set()
    await spool.tend()
    last = await watch(notes, clock)
    await spool.tend()
    found = lines(tmp_path, ".part")
    kept = {line["id"] for line in found if line["what"] == "live"}
    assert {noted[0].id, last.id} <= kept
    assert len(kept) + sum(line["count"] for line in found if line["what"] == "lost") == 7


async def test_after_its_end_a_spool_is_whole(tmp_path: Path, clock: ManualClock) -> None:
    spool = ReadSpool(tmp_path, clock)
    begun = await watch(Notes(spool, clock), clock)
    spool.close()
    assert [line["id"] for line in lines(tmp_path)] == [begun.id]
    assert spool.note_soon(begun) is None


_WRITER = """
import asyncio, sys
from pathlib import Path
from foundation.clock import SYSTEM_CLOCK
from ingest.live.leaves import Holder, live_leave
from ingest.live.noting import Notes
from ingest.live.read_spool import ReadSpool

async def write():
    spool = ReadSpool(Path(sys.argv[1]), SYSTEM_CLOCK)
    notes = Notes(spool, SYSTEM_CLOCK)
    while True:
        begun = await notes.live_begins(live_leave(SYSTEM_CLOCK, Holder("z", "a", "s"), []), ("camera", "main"))
        print(begun.id, flush=True)
        if int(begun.id[-2:], 16) < 16:
            await spool.tend()

asyncio.run(write())
"""


def killed_after(count: int, folder: Path) -> list[str]:
    """The identifiers of the lines that a server had written when it was killed, as it said itself."""
    arguments = [sys.executable, "-c", _WRITER, str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        promised = [child.stdout.readline().strip() for _ in range(count)]
        child.send_signal(signal.SIGKILL)
        return promised + child.stdout.read().split("\n")[:-1]


async def test_a_killed_server_loses_no_line_that_was_waited_for(tmp_path: Path, clock: ManualClock) -> None:
    promised = [line for count in (1, 40, 250) for line in killed_after(count, tmp_path)]
    spool = ReadSpool(tmp_path, clock)
    await spool.tend()
    spool.close()
    found = [line["id"] for line in lines(tmp_path)]
    assert files(tmp_path, ".part") == []
    assert len(found) == len(set(found))
    assert set(promised) <= set(found)

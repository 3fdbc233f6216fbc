"""The writer's thread, the index and repair together, on a real folder."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.errors import Conflict, DatabaseError, DiskFull, NewerDatabase, NotWritable
from foundation.settings import RecorderSettings
from ingest.access_unit import AccessUnit
from ingest.footage import FootageIndex, storage
from ingest.footage.disk import IDENTITY_FILE, Disk
from ingest.footage.disk_writer import LEAST_ROOM_BYTES, ROOM_A_STREAM_BYTES, DiskWriter
from ingest.footage.fragmenter import Fragmenter, MediaFragment
from ingest.footage.holds import HoldsFile
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.mp4 import Sample
from ingest.footage.repair import repair
from ingest.footage.segment_file import SegmentName
from ingest.footage.stream_writer import StreamWriter

KEY = ("0199a000-0000-7000-8000-000000000001", "main")
EVER = (0, 1 << 62)
SETTINGS = RecorderSettings(segment_s=2, sync_s=0.5, min_free_bytes=0)
_REAL_WRITE = os.write


def _write_through(monkeypatch: pytest.MonkeyPatch, write: Callable[[int, Any], int]) -> None:
    """Whatever is written of footage goes through this function."""
    monkeypatch.setattr(storage, "write", write)
    monkeypatch.setattr(storage, "write_parts", lambda descriptor, parts: write(descriptor, b"".join(parts)))


def _until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _looped(h264: Any, rounds: int) -> list[AccessUnit]:
    """The scene again and again, each time from its keyframe, ending now."""
    count = len(h264.units) * rounds
    begin_us = SYSTEM_CLOCK.now_us() - count * 40_000
    return [
        replace(h264.units[index % len(h264.units)], start_us=begin_us + index * 40_000, rtp_time=index * 3_600)
        for index in range(count)
    ]


def _feed(writer: DiskWriter, units: list[AccessUnit], *, flush: bool = True) -> None:
    fragmenter = Fragmenter(45_000)
    for unit in units:
        if (fragment := fragmenter.push(unit)) is not None:
            writer.append(KEY, fragment)
    for fragment in fragmenter.flush() if flush else ():
        writer.append(KEY, fragment)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., DiskWriter]]:
    started: list[DiskWriter] = []

    def begin(h264: Any, settings: RecorderSettings = SETTINGS, fence: int = 1) -> DiskWriter:
        holds = HoldsFile(tmp_path / "run")
        writer = DiskWriter(tmp_path / "disk", tmp_path / "run" / "disks", settings, holds, SYSTEM_CLOCK)
        started.append(writer)
        writer.begin(KEY, fence)
        writer.parameters(KEY, h264.parameters)
        return writer

    yield begin
    for writer in started:
        if writer.alive:
            writer.close()


def _digest(units: list[AccessUnit]) -> bytes:
    return hashlib.sha256(b"".join(unit.data for unit in units)).digest()


def test_segments_are_cut_at_keyframes_and_say_what_they_hold(tmp_path: Path, h264: Any, start: Any) -> None:
    writer = start(h264)
    units = _looped(h264, 6)
    _feed(writer, units)
    writer.close()
    index = FootageIndex(tmp_path / "disk")
    segments = index.segments(*KEY, *EVER)
    assert len(segments) > 2
    assert [segment.n for segment in segments] == list(range(len(segments)))
    assert all(segment.complete for segment in segments)
    at = 0
    for segment in segments:
        held = [unit for unit in units if segment.start_us <= unit.start_us < segment.end_us]
        assert segment.sha256 == _digest(held)
        assert segment.start_us == units[at].start_us
        assert (tmp_path / "disk" / segment.path).stat().st_size == segment.size_bytes
        assert [offset for offset, _ in segment.keyframes] == [
            unit.start_us - segment.start_us for unit in held if unit.is_keyframe
        ]
        at += len(held)
    assert at == len(units)
    assert index.coverage(*KEY, *EVER) == [(units[0].start_us, units[-1].start_us + 40_000)]
    assert index.segment_at(*KEY, units[-1].start_us) == segments[-1]
    assert index.codec(segments[0].codec_id).rfc6381 == h264.parameters.rfc6381


def test_a_segment_in_progress_is_visible(tmp_path: Path, h264: Any, start: Any) -> None:
    writer = start(h264)
    _feed(writer, _looped(h264, 1))
    index = FootageIndex(tmp_path / "disk")
    _until(lambda: index.segments(*KEY, *EVER))
    (segment,) = index.segments(*KEY, *EVER)
    assert not segment.complete
    assert segment.fragments > 0


def test_new_parameters_begin_a_new_file(tmp_path: Path, h264: Any, start: Any) -> None:
    writer = start(h264)
    units = _looped(h264, 2)
    half = len(h264.units)
    _feed(writer, units[:half])
    writer.parameters(KEY, replace(h264.parameters, width=160))
    _feed(writer, units[half:])
    writer.close()
    segments = FootageIndex(tmp_path / "disk").segments(*KEY, *EVER)
    assert len({segment.codec_id for segment in segments}) == 1 or len(segments) >= 2
    assert any(segment.start_us == units[half].start_us for segment in segments)


def test_gaps_have_their_cause_and_a_restart_is_one(tmp_path: Path, h264: Any, start: Any) -> None:
    units = _looped(h264, 4)
    quarter = len(h264.units)
    writer = start(h264)
    _feed(writer, units[:quarter])
    writer.interrupt(KEY, "silent")
    writer.parameters(KEY, h264.parameters)
    _feed(writer, units[2 * quarter : 3 * quarter])
    writer.lost(KEY, units[quarter * 2 + 3].start_us, units[quarter * 2 + 5].start_us)
    writer.close()
    writer = start(h264, fence=2)
    _feed(writer, [replace(unit, start_us=unit.start_us + 5 * US_PER_S) for unit in units[3 * quarter :]])
    writer.close()
    index = FootageIndex(tmp_path / "disk")
    gaps = index.gaps(*KEY, *EVER)
    assert [gap.cause for gap in gaps] == ["silent", "packet_loss", "restart"]
    assert (gaps[0].start_us, gaps[0].end_us) == (units[quarter].start_us, units[2 * quarter].start_us)
    assert (gaps[2].start_us, gaps[2].end_us) == (
        units[3 * quarter].start_us,
        units[3 * quarter].start_us + 5 * US_PER_S,
    )
    assert len(index.coverage(*KEY, *EVER)) == 4
    assert {segment.fence for segment in index.segments(*KEY, *EVER)} == {1, 2}


def test_a_gap_that_lasts_is_visible(tmp_path: Path, h264: Any, start: Any) -> None:
    writer = start(h264)
    units = _looped(h264, 1)
    _feed(writer, [replace(unit, start_us=unit.start_us - 2 * US_PER_S) for unit in units])
    writer.interrupt(KEY, "unreachable")
    index = FootageIndex(tmp_path / "disk")
    _until(lambda: index.gaps(*KEY, *EVER))
    (gap,) = index.gaps(*KEY, *EVER)
    assert gap.cause == "unreachable"
    assert gap.end_us - gap.start_us >= 2 * US_PER_S


def test_a_gap_whose_cause_changes_becomes_two(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path, *KEY, 2 * US_PER_S)
    writer.begin(1, 0, 100 * US_PER_S)
    for cause, at_s in [("silent", 102), ("unreachable", 105), ("unreachable", 107), ("refused", 108)]:
        writer.interrupt(cause, at_s * US_PER_S)
    told = [
        (gap.start_us // US_PER_S, gap.end_us // US_PER_S, gap.cause)
        for gap in writer.changes(109 * US_PER_S).gaps.values()
    ]
    assert told == [(100, 102, "restart"), (102, 105, "silent"), (105, 108, "unreachable"), (108, 109, "refused")]


def test_a_clock_set_forward_is_a_gap_from_the_next_keyframe_on(tmp_path: Path, h264: Any) -> None:
    """The segment that is open keeps its own time; what is recorded while the clock jumps lies in no false hour."""
    writer = StreamWriter(tmp_path, *KEY, 60 * US_PER_S)
    writer.begin(1, 0, None)
    writer.parameters(h264.parameters)
    sample = Sample(b"\0\0\0\1\x65", 45_000, 0, True)
    for half in range(12):
        step_us = 3_600 * US_PER_S if half >= 5 else 0  # between two keyframes, which come every 2 s
        start_us = half * US_PER_S // 2 + 100 * US_PER_S + step_us
        assert writer.append(MediaFragment(start_us, half * 45_000, 45_000, [sample], half % 4 == 0, False))
    changes = writer.changes(4_000 * US_PER_S)
    before, after = sorted(changes.segments.values(), key=lambda row: row.n)
    (gap,) = changes.gaps.values()
    assert (before.start_us, before.duration_us) == (100 * US_PER_S, 4 * US_PER_S)
    assert (after.start_us, after.duration_us) == (3_704 * US_PER_S, 2 * US_PER_S)
    assert (gap.start_us, gap.end_us, gap.cause) == (104 * US_PER_S, 3_704 * US_PER_S, "clock_step")


def test_a_full_disk_is_a_gap_and_recording_goes_on_when_there_is_space(
    tmp_path: Path, h264: Any, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [60_000]

    def write(descriptor: int, data: Any) -> int:
        if room[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = _REAL_WRITE(descriptor, data[: room[0]])
        room[0] -= taken
        return taken

    _write_through(monkeypatch, write)
    writer = start(h264)
    units = _looped(h264, 4)
    half = 2 * len(h264.units)
    _feed(writer, units[:half])
    _until(lambda: writer.disk.fault is not None)
    assert isinstance(writer.disk.fault, DiskFull)
    _until(lambda: writer.queued_bytes == 0)
    room[0] = 1 << 30
    _feed(writer, units[half:])
    _until(lambda: writer.disk.fault is None)
    writer.close()
    disk = tmp_path / "disk"
    index = FootageIndex(disk)
    assert [gap.cause for gap in index.gaps(*KEY, *EVER)] == ["disk_full"]
    segments = index.segments(*KEY, *EVER)
    assert len(segments) >= 2
    for segment in segments:
        assert (disk / segment.path).stat().st_size == segment.size_bytes
    assert len(list(disk.glob("*/*/*/*/*.mp4"))) == len(segments)


def test_there_is_room_for_what_many_streams_bring_at_once(h264: Any, start: Any) -> None:
    writer = start(h264)
    assert writer.room_bytes == LEAST_ROOM_BYTES
    for number in range(300):
        writer.begin((f"camera-{number}", "main"), 1)
    assert writer.room_bytes >= 300 * ROOM_A_STREAM_BYTES
    for number in range(300):
        writer.forget((f"camera-{number}", "main"))
    assert writer.room_bytes == LEAST_ROOM_BYTES


def test_too_much_waiting_is_dropped_up_to_a_keyframe(
    tmp_path: Path, h264: Any, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.footage.disk_writer.LEAST_ROOM_BYTES", 40_000)
    monkeypatch.setattr("ingest.footage.disk_writer.ROOM_A_STREAM_BYTES", 0)
    held = []

    def slow(descriptor: int, data: Any) -> int:
        while not held:
            time.sleep(0.01)
        return _REAL_WRITE(descriptor, data)

    _write_through(monkeypatch, slow)
    writer = start(h264)
    units = _looped(h264, 5)
    _feed(writer, units[: -len(h264.units)])
    assert writer.queued_bytes <= 40_000
    held.append(True)
    _until(lambda: writer.queued_bytes == 0)
    monkeypatch.setattr("ingest.footage.disk_writer.LEAST_ROOM_BYTES", 1 << 20)
    _feed(writer, units[-len(h264.units) :])
    writer.close()
    index = FootageIndex(tmp_path / "disk")
    assert [gap.cause for gap in index.gaps(*KEY, *EVER)] == ["disk_slow"]
    assert index.segments(*KEY, *EVER)[-1].start_us == units[-len(h264.units)].start_us


def _recorded(tmp_path: Path, h264: Any, start: Any, rounds: int = 6) -> FootageIndex:
    writer = start(h264)
    _feed(writer, _looped(h264, rounds))
    writer.close()
    return FootageIndex(tmp_path / "disk")


def test_repair_makes_the_same_index_from_the_files(tmp_path: Path, h264: Any, start: Any) -> None:
    index = _recorded(tmp_path, h264, start)
    before = index.segments(*KEY, *EVER)
    for file in (tmp_path / "disk").glob("footage.sqlite3*"):
        file.unlink()
    writer = IndexWriter(tmp_path / "disk")
    report = repair(tmp_path / "disk", writer)
    writer.close()
    assert report.indexed == len(before)
    assert index.segments(*KEY, *EVER) == before


def test_repair_cuts_torn_tails_and_forgets_what_is_gone(tmp_path: Path, h264: Any, start: Any) -> None:
    index = _recorded(tmp_path, h264, start)
    disk = tmp_path / "disk"
    before = index.segments(*KEY, *EVER)
    torn, gone, tail = before[0], before[1], b"\x00\x00\x01\x00moof half of it"
    with (disk / torn.path).open("ab") as file:
        file.write(tail)
    (disk / gone.path).unlink()
    name = SegmentName.parse(gone.path)
    assert name
    head_only = disk / name._replace(n=77).path
    head_only.write_bytes((disk / torn.path).read_bytes()[:300])
    foreign = disk / name._replace(n=78).path
    foreign.write_bytes(b"something else entirely" * 1_000)
    (disk / gone.path).with_name("notes.txt").write_text("left alone")
    writer = IndexWriter(disk)
    report = repair(disk, writer)
    again = repair(disk, writer)
    writer.close()
    assert (report.truncated_bytes, report.removed_rows) == (len(tail), 1)
    assert (report.removed_files, report.set_aside) == (1, 1)
    assert (again.indexed, again.removed_rows, again.removed_files, again.set_aside) == (0, 0, 0, 0)
    assert index.segments(*KEY, *EVER) == [segment for segment in before if segment != gone]
    assert (disk / torn.path).stat().st_size == torn.size_bytes
    assert foreign.with_name(foreign.name + ".damaged").exists()


def test_repair_looks_only_behind_the_watermark(tmp_path: Path, h264: Any, start: Any) -> None:
    _recorded(tmp_path, h264, start)
    writer = IndexWriter(tmp_path / "disk")
    assert 0 < writer.clean_us() < SYSTEM_CLOCK.now_us()
    writer.apply(Changes(clean_us=SYSTEM_CLOCK.now_us() + US_PER_S))
    assert repair(tmp_path / "disk", writer).checked == 0
    writer.close()


def test_a_disk_that_is_not_mounted_is_not_written(tmp_path: Path, h264: Any, start: Any) -> None:
    _recorded(tmp_path, h264, start)
    folder = tmp_path / "disk"
    shutil.move(folder, tmp_path / "elsewhere")
    folder.mkdir()
    with pytest.raises(NotWritable, match="not mounted"):
        Disk(folder, tmp_path / "run" / "disks")
    writer = start(h264)
    _feed(writer, _looped(h264, 1))
    _until(lambda: writer.disk.fault is not None)
    writer.close()
    assert list(folder.iterdir()) == []
    other = Disk(tmp_path / "other", tmp_path / "other memory")
    other.close()
    shutil.copy(tmp_path / "other" / IDENTITY_FILE, folder)
    with pytest.raises(NotWritable, match="another footage disk"):
        Disk(folder, tmp_path / "run" / "disks")


def test_a_disk_has_one_owner(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "disk", tmp_path / "disks")
    with pytest.raises(Conflict, match="another recorder"):
        Disk(tmp_path / "disk", tmp_path / "disks")
    disk.close()
    Disk(tmp_path / "disk", tmp_path / "disks").close()


def test_an_index_of_a_newer_version_and_a_damaged_one_are_refused(tmp_path: Path, h264: Any, start: Any) -> None:
    index = _recorded(tmp_path, h264, start)
    file = tmp_path / "disk" / "footage.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerDatabase):
        IndexWriter(tmp_path / "disk")
    with pytest.raises(NewerDatabase):
        index.segments(*KEY, *EVER)
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseError, match="cannot be used"):
        index.segments(*KEY, *EVER)


def test_no_index_is_no_footage(tmp_path: Path) -> None:
    index = FootageIndex(tmp_path / "nowhere")
    assert index.segments(*KEY, *EVER) == []
    assert index.segment_at(*KEY, 1) is None
    assert index.streams() == []


def test_every_column_has_its_meaning() -> None:
    from ingest.footage import index_writer

    lines = index_writer._SCHEMA.read_text().splitlines()
    columns = [line for line in lines if re.match(r"    \w+ +(TEXT|INTEGER|BLOB)\b", line)]
    assert len(columns) > 25
    assert [line for line in columns if "--" not in line] == []

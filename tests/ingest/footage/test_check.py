"""Every kind of difference between files and index: found, named, and mended where that takes nothing away."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import US_PER_S
from foundation.errors import Conflict, DatabaseError, FileMissing, NotWritable
from ingest.footage import FootageIndex, Segment
from ingest.footage.check import DiskCheck, Finding, Kind, Report
from ingest.footage.disk import Disk
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.segment_file import SegmentName

GATE = ("0199a000-0000-7000-8000-000000000001", "main")
YARD = ("0199a000-0000-7000-8000-000000000002", "sub")
EVER = (0, 1 << 62)


class Checked:
    """Eighteen seconds of two streams, closed cleanly, and long ago: all of it is older than the watermark."""

    def __init__(self, script: Any) -> None:
        self.script = script
        self.disk: Path = script.folder
        self.index = FootageIndex(self.disk)

    def segments(self, key: tuple[str, str] = GATE) -> list[Segment]:
        return self.index.segments(*key, *EVER)

    def file(self, number: int) -> Path:
        return self.disk / self.segments()[number].path

    def look(self, *, deep: bool = True) -> Report:
        return DiskCheck(self.disk, self.script.run_dir, deep=deep).look()

    def mend(self, *, deep: bool = True) -> Report:
        return DiskCheck(self.disk, self.script.run_dir, deep=deep).mend()[0]

    def only(self, *, deep: bool = True) -> Finding:
        (finding,) = self.look(deep=deep).findings
        return finding

    def execute(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.disk / "footage.sqlite3")) as connection, connection:
            connection.execute(statement, values)

    def assert_settled(self) -> None:
        after = self.look()
        assert after.unexplained == 0, after.findings


@pytest.fixture
def checked(script: Callable[..., Any]) -> Checked:
    made = script()
    made.open(GATE, YARD)
    made.record(18)
    made.close()
    result = Checked(made)
    result.execute("UPDATE watermark SET clean_us = ?", made.now_us + US_PER_S)
    return result


def test_a_disk_that_is_well(checked: Checked) -> None:
    report = checked.look()
    assert report.findings == []
    assert report.segments == 12
    assert report.bytes_read == sum(one.size_bytes for key in (GATE, YARD) for one in checked.segments(key))
    assert not report.owned
    assert checked.look(deep=False).bytes_read == 0


def test_a_row_without_a_file_and_the_hole_that_it_leaves(checked: Checked) -> None:
    gone = checked.segments()[2]
    checked.file(2).unlink()
    assert checked.only(deep=False).kind is Kind.GHOST
    report = checked.mend()
    assert [(one.kind, one.is_settled) for one in report.findings] == [(Kind.GHOST, True), (Kind.HOLE, True)]
    (gap,) = checked.index.gaps(*GATE, *EVER)
    assert (gap.start_us, gap.end_us, gap.cause) == (gone.start_us, gone.end_us, "lost")
    checked.assert_settled()


def test_a_file_without_a_row_is_taken_in_again(checked: Checked) -> None:
    before = checked.segments()
    checked.execute("DELETE FROM segment WHERE path = ?", before[3].path)
    found = checked.look().findings
    assert [one.kind for one in found] == [Kind.ORPHAN, Kind.HOLE]
    checked.mend()
    assert [(one.path, one.sha256) for one in checked.segments()] == [(one.path, one.sha256) for one in before]
    checked.assert_settled()


def test_an_orphan_whose_number_another_file_bears(checked: Checked) -> None:
    before = checked.segments()
    name = SegmentName.parse(before[0].path)
    assert name
    earlier = name._replace(start_us=name.start_us - 3 * US_PER_S)
    (checked.disk / earlier.path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(checked.file(0), checked.disk / earlier.path)
    checked.mend()
    first, second, *_ = checked.segments()
    assert (first.start_us, first.n) == (earlier.start_us, 6)
    assert second == before[0]
    checked.assert_settled()


def test_a_torn_tail_is_cut(checked: Checked) -> None:
    whole = checked.file(1).read_bytes()
    checked.file(1).write_bytes(whole + b"\x00\x00\x01\x00moof half of it")
    assert checked.only(deep=False).kind is Kind.LONGER
    (done,) = checked.mend().findings
    assert done.mended
    assert "torn tail" in done.mended
    assert checked.file(1).read_bytes() == whole
    checked.assert_settled()


def test_a_file_that_is_shorter_ends_where_it_is_whole(checked: Checked) -> None:
    before = checked.segments()[1]
    os.truncate(checked.file(1), before.size_bytes - 10)
    assert checked.only(deep=False).kind is Kind.SHORTER
    checked.mend()
    after = checked.segments()[1]
    assert after.fragments == before.fragments - 1
    assert checked.file(1).stat().st_size == after.size_bytes
    checked.assert_settled()


def test_damage_in_the_middle_keeps_what_follows(checked: Checked) -> None:
    before = checked.segments()[1]
    data = bytearray(checked.file(1).read_bytes())
    third = before.keyframes[1][1]
    data[third + 4 : third + 8] = b"????"
    checked.file(1).write_bytes(data)
    assert checked.look(deep=False).findings == []
    assert checked.only().kind is Kind.STRUCTURE
    checked.mend()
    assert checked.segments()[1].fragments == 2
    (rest,) = checked.disk.glob("*/*/*/*/*.damaged")
    assert rest.read_bytes() == data[third:]
    report = checked.look()
    assert (report.counts[Kind.SET_ASIDE], report.unexplained) == (1, 0)


def test_a_file_whose_head_is_gone_is_set_aside(checked: Checked) -> None:
    data = checked.file(4).read_bytes()
    checked.file(4).write_bytes(bytes(len(data)))
    assert checked.only().kind is Kind.STRUCTURE
    checked.mend()
    assert len(checked.segments()) == 5
    checked.assert_settled()


def test_changed_pictures_are_told_and_never_made_good(checked: Checked) -> None:
    before = checked.segments()
    data = bytearray(checked.file(5).read_bytes())
    data[-3] ^= 1
    checked.file(5).write_bytes(data)
    assert checked.only().kind is Kind.CONTENT
    assert checked.mend().unexplained == 1
    assert checked.segments() == before
    assert checked.file(5).read_bytes() == data


def test_a_longer_file_whose_pictures_changed_is_not_hashed_anew(checked: Checked) -> None:
    before = checked.segments()
    data = bytearray(checked.file(5).read_bytes())
    data[-3] ^= 1
    checked.file(5).write_bytes(bytes(data) + b"tail")
    (finding,) = checked.mend().findings
    assert (finding.kind, finding.mended) == (Kind.LONGER, None)
    assert checked.segments() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("fragments = fragments + 1", "fragments"),
        ("keyframes = '[[0, 1]]'", "keyframes"),
        ("media_duration_90k = 1", "duration"),
        ("duration_us = 0", "duration"),
        ("duration_us = duration_us + 7200000000", "duration"),
        ("start_us = start_us + 1", "start"),
    ],
)
def test_rows_that_say_what_is_not_so(checked: Checked, change: str, told: str) -> None:
    right = checked.segments()[2]
    checked.execute(f"UPDATE segment SET {change} WHERE path = ?", right.path)
    found = [one for one in checked.look().findings if one.kind is Kind.ROW]
    assert len(found) == 1
    assert told in found[0].detail
    checked.mend()
    if told not in ("fragments", "start"):  # there the hash says nothing, or it is the key of the row
        assert checked.segments()[2].keyframes == right.keyframes


def test_a_row_that_was_never_completed(checked: Checked) -> None:
    checked.execute("UPDATE segment SET complete = 0 WHERE path = ?", checked.segments()[1].path)
    assert checked.only(deep=False).kind is Kind.INCOMPLETE
    assert checked.only().explanation is None
    checked.mend()
    checked.assert_settled()


def test_what_lies_where_no_segment_belongs(checked: Checked) -> None:
    hour = checked.file(0).parent
    strays = [
        checked.disk / "notes.txt",
        checked.disk / GATE[0] / "readme",
        checked.disk / "holiday" / "2026" / "photos" / "a.jpg",
        hour / "clip.mp4",
        hour.parent / "99" / "deep" / "x",
        hour.with_name("00") / checked.file(0).name,  # the right name in the wrong hour
    ]
    for stray in strays:
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"whatever")
    (hour / "link.mp4").symlink_to("/etc/passwd")
    found = checked.look().findings
    expected = {file.relative_to(checked.disk).as_posix() for file in [*strays, hour / "link.mp4"]}
    assert {one.where for one in found if one.kind is Kind.STRAY} == expected
    checked.mend()
    assert all(stray.exists() for stray in strays)


def test_what_is_purged_and_still_there(checked: Checked) -> None:
    segment = checked.segments()[0]
    checked.execute("DELETE FROM segment WHERE path = ?", segment.path)
    checked.execute("INSERT INTO garbage (path) VALUES (?)", segment.path)
    found = checked.only()
    assert (found.kind, found.is_settled) == (Kind.PURGED, True)
    checked.mend()
    assert not (checked.disk / segment.path).exists()
    assert checked.look().findings == []


def test_what_is_both_held_and_purged_is_kept(checked: Checked) -> None:
    checked.execute("INSERT INTO garbage (path) VALUES (?)", checked.segments()[0].path)
    assert checked.only().kind is Kind.KEPT_AND_PURGED
    checked.mend()
    assert checked.look().findings == []
    assert checked.file(0).exists()


def test_a_gap_where_there_is_footage_is_trimmed(checked: Checked) -> None:
    first, last = checked.segments()[1], checked.segments()[-1]
    put = "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, ?)"
    checked.execute(put, *GATE, first.start_us, last.end_us + 9 * US_PER_S, "silent")
    checked.execute(put, *GATE, first.start_us + 1, first.start_us + 3 * US_PER_S, "packet_loss")
    assert checked.only().kind is Kind.CONTRADICTED_GAP
    checked.mend()
    assert checked.look().findings == []
    gaps = {gap.cause: (gap.start_us, gap.end_us) for gap in checked.index.gaps(*GATE, *EVER)}
    assert gaps["silent"] == (last.end_us, last.end_us + 9 * US_PER_S)


def test_a_hole_that_another_disk_fills_is_none(checked: Checked, script: Callable[..., Any]) -> None:
    gone = checked.segments()[2]
    checked.execute("DELETE FROM segment WHERE path = ?", gone.path)

    (checked.disk / gone.path).unlink()
    other = script(gone.start_us)
    other.open(GATE)
    other.record(3)
    other.close()
    assert checked.only().kind is Kind.HOLE
    assert DiskCheck(checked.disk, checked.script.run_dir, others=[other.folder]).look().findings == []


def test_holes_between_held_footage_are_the_purge(checked: Checked) -> None:
    first = checked.segments()[0]
    for gone in checked.segments()[1:4]:
        checked.execute("DELETE FROM segment WHERE path = ?", gone.path)
        (checked.disk / gone.path).unlink()
    assert checked.only().kind is Kind.HOLE
    held = {"camera_id": GATE[0], "start_us": first.start_us, "end_us": first.end_us, "kind": "lock"}
    (checked.script.run_dir / "holds.json").write_text(json.dumps({"version": 1, "holds": [held]}))
    assert checked.look().findings == []


def test_a_purge_leaves_no_hole_between_a_gap_and_the_footage_after_it(checked: Checked) -> None:
    first, second, third, *_ = checked.segments()
    put = "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, ?)"
    checked.execute(put, *GATE, first.start_us - US_PER_S, first.start_us, "disk_full")
    for gone in (first, second):
        checked.execute("DELETE FROM segment WHERE path = ?", gone.path)
        (checked.disk / gone.path).unlink()
    assert checked.segments()[0] == third
    assert checked.look().findings == []


def test_a_clock_that_was_set_back_explains_what_lies_twice_in_time(script: Callable[..., Any]) -> None:
    made = script()
    made.open(GATE)
    made.record(6)
    made.streams[GATE].interrupt("silent", made.now_us)
    made.now_us += 60 * US_PER_S
    made.streams[GATE].parameters(made.parameters)
    made.record(6)
    made.close()
    made.now_us -= 50 * US_PER_S  # into the gap
    made.open(GATE)
    made.record(6)
    made.close()
    checked = Checked(made)
    report = checked.look()
    assert report.counts == {Kind.CONTRADICTED_GAP: 1}
    assert report.unexplained == 0
    spans = [(one.start_us, one.end_us) for one in checked.segments()]
    assert sum(end - start for start, end in checked.index.coverage(*GATE, *EVER)) == sum(b - a for a, b in spans)
    checked.mend()
    assert checked.look().findings == []


def test_an_unclean_end_is_explained_and_mended(script: Callable[..., Any]) -> None:
    made = script()
    made.open(GATE)
    made.record(5)
    made.sync()
    made.record(1)
    made.release()  # as a kill does
    checked = Checked(made)
    report = checked.look()
    assert report.findings
    assert report.unexplained == 0
    (checked.disk / checked.segments()[-1].path).unlink()
    assert checked.look().unexplained == 1
    checked.mend()
    assert checked.look().findings == []


def test_beside_a_recorder_it_looks_and_does_not_touch(script: Callable[..., Any]) -> None:
    made = script()
    made.open(GATE)
    made.record(12)
    made.sync()
    made.record(1)
    checked = Checked(made)
    report = checked.look()
    assert report.owned
    assert report.findings == []
    assert 0 < report.segments < len(checked.segments())
    with pytest.raises(Conflict, match="another recorder"):
        checked.mend()
    checked.file(0).unlink()
    assert checked.only().kind is Kind.GHOST
    made.close()


def test_a_disk_that_is_not_there(checked: Checked, tmp_path: Path) -> None:
    shutil.move(checked.disk, tmp_path / "elsewhere")
    checked.disk.mkdir()
    with pytest.raises(NotWritable, match="not mounted"):
        checked.look()


def test_a_new_disk_has_nothing_to_find(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    assert DiskCheck(tmp_path / "disk", tmp_path / "run").look().findings == []


def test_a_lost_index_is_said_and_made_anew(checked: Checked) -> None:
    before = checked.segments()
    for file in checked.disk.glob("footage.sqlite3*"):
        file.unlink()
    with pytest.raises(FileMissing, match="no index"):
        checked.look()
    checked.mend()
    assert [(one.path, one.sha256) for one in checked.segments()] == [(one.path, one.sha256) for one in before]
    assert checked.look().findings == []


def test_a_damaged_index_is_an_error_that_says_what_to_do(checked: Checked) -> None:
    file = checked.disk / "footage.sqlite3"
    data = bytearray(file.read_bytes())
    data[4096:8192] = bytes(4096)
    file.write_bytes(data)
    with pytest.raises(DatabaseError):
        checked.look()


def test_repair_does_not_take_in_what_was_purged(script: Callable[..., Any]) -> None:
    made = script()
    made.open(GATE)
    made.record(6)
    made.sync()
    checked = Checked(made)
    first = checked.segments()[0]
    garbage = "INSERT INTO garbage (path) VALUES (?)"
    made.release()
    checked.execute("DELETE FROM segment WHERE path = ?", first.path)
    checked.execute(garbage, first.path)
    checked.execute("UPDATE watermark SET clean_us = 0")
    made.open(GATE)
    assert first.path not in {one.path for one in checked.segments()}
    made.release()


def test_a_gap_that_was_told_too_long_before_a_kill(script: Callable[..., Any]) -> None:
    """A gap is told as it stands; of what came since, the file was there and its row was not."""
    made = script()
    made.open(GATE)
    made.record(3)
    made.streams[GATE].interrupt("silent", made.now_us)
    made.now_us += 9 * US_PER_S
    made.sync()
    made.now_us -= 3 * US_PER_S  # what waited to be written
    made.streams[GATE].parameters(made.parameters)
    made.record(6)
    made.release()
    made.open(GATE)
    made.release()
    checked = Checked(made)
    (gap,) = checked.index.gaps(*GATE, *EVER)
    assert (gap.end_us - gap.start_us, gap.cause) == (6 * US_PER_S, "silent")
    assert checked.look().findings == []


def test_a_sector_that_was_never_written_ends_what_is_taken_in(script: Callable[..., Any]) -> None:
    made = script()
    made.open(GATE)
    made.record(2)
    made.sync()
    made.record(3)
    made.release()
    checked = Checked(made)
    file = max(checked.disk.glob("*/*/*/*/*.mp4"))
    data = bytearray(file.read_bytes())
    sector = (data.index(b"mdat") + 8 + 511) // 512 * 512
    data[sector : sector + 512] = bytes(512)
    file.write_bytes(data)
    made.open(GATE)
    made.release()
    assert checked.look().unexplained == 0
    assert file.with_name(f"{file.name}.damaged").exists()


def test_the_disks_own_files_are_no_strays(checked: Checked) -> None:
    (checked.disk / "lost+found").mkdir()
    Disk(checked.disk, checked.script.run_dir / "disks").close()
    IndexWriter(checked.disk).apply(Changes())
    assert checked.look().findings == []

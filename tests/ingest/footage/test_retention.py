"""What a purge takes, against a plain model; holds; and the schema that it counts with."""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import US_PER_S, ManualClock
from foundation.errors import InvalidInput
from foundation.settings import RecorderSettings
from ingest.footage import FootageIndex
from ingest.footage.disk import Disk
from ingest.footage.holds import HoldsFile, parse_holds
from ingest.footage.index_writer import Changes, IndexWriter, SegmentRow
from ingest.footage.mp4 import init_segment
from ingest.footage.retention import DiskUsage, Retention
from ingest.footage.retention_policy import CameraRetention, RetentionPolicy
from ingest.footage.segment_file import SegmentName

NOW_S = 1_790_000_000
DAY_S = 86_400
MIB = 1 << 20
STREAMS = [(camera, stream) for camera in ("camera-a", "camera-b", "camera-c") for stream in ("main", "audio")]


class Room(Disk):
    """A real disk, with room as a test wants it; what goes makes room."""

    def __init__(self, folder: Path, free: int = 1 << 40) -> None:
        super().__init__(folder, folder.parent / "memory")
        self.free = free
        self.syncs = 0

    def free_bytes(self) -> int:
        return self.free

    def total_bytes(self) -> int:
        return 100 * MIB

    def sync(self) -> None:
        self.syncs += 1


@dataclass
class Shelf:
    """An index and what purges it, on a clock of its own."""

    folder: Path
    init: bytes
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW_S * US_PER_S))

    def __post_init__(self) -> None:
        self.disk = Room(self.folder / "disk")
        self.index = IndexWriter(self.disk.folder)
        self.retention = self.reopened(RetentionPolicy(days=30.0))

    def reopened(self, policy: RetentionPolicy) -> Retention:
        return Retention(self.disk, self.index, policy, HoldsFile(self.folder), self.clock, round_s=60)

    def put(self, *rows: SegmentRow) -> None:
        self.index.apply(Changes({row.key: row for row in rows}))

    def row(self, camera: str, stream: str, n: int, start_us: int, us: int, size: int = MIB, **more: Any) -> SegmentRow:
        name = SegmentName(camera, stream, start_us, 1, n)
        values = {"init": self.init, "complete": True, **more}
        return SegmentRow(
            *name[:2], 1, n, values["init"], name.path, start_us, us, us, size, 1, (), b"", values["complete"]
        )

    def hold(self, version: int, *spans: tuple[str, int, int]) -> None:
        holds = [
            {"camera_id": camera, "start_us": start_us, "end_us": end_us, "kind": "lock"}
            for camera, start_us, end_us in spans
        ]
        (self.folder / "holds.tmp").write_text(json.dumps({"version": version, "holds": holds}))
        (self.folder / "holds.tmp").replace(self.folder / "holds.json")

    def round(self, **policy: Any) -> DiskUsage:
        if policy:
            self.retention.policy = RetentionPolicy(**{"days": 30.0, **policy})
        return self.retention.round()

    def paths(self) -> set[str]:
        with self.index.reading() as connection:
            return {path for (path,) in connection.execute("SELECT path FROM segment")}

    def counted(self) -> None:
        """What the triggers count is what there is."""
        with self.index.reading() as connection:
            sums = "SELECT camera_id, stream, count(*), sum(bytes) FROM segment GROUP BY camera_id, stream"
            assert connection.execute(sums).fetchall() == connection.execute("SELECT * FROM usage").fetchall()
            sums = "SELECT codec_id, count(*) FROM segment GROUP BY codec_id"
            kept = "SELECT id, segments FROM codec WHERE segments > 0 ORDER BY id"
            assert connection.execute(sums).fetchall() == connection.execute(kept).fetchall()

    def close(self) -> None:
        self.index.close()
        self.disk.close()


@pytest.fixture
def shelf(tmp_path: Path, h264: Any) -> Iterator[Shelf]:
    made = Shelf(tmp_path, init_segment(h264.parameters))
    yield made
    made.close()


@dataclass
class Init:
    data: bytes = field(repr=False)  # hypothesis prints what a test is given


@pytest.fixture
def some_init(h264: Any) -> Init:
    return Init(init_segment(h264.parameters))


@dataclass
class Case:
    segments: list[tuple[str, str, int, int, int, bool]]  # camera, stream, start and length in s, MiB, complete
    holds: list[tuple[str, int, int]]  # camera, start and end in s
    days: dict[str, float]
    limits: dict[str, int]  # MiB
    minimum_days: float
    missing: int  # MiB


@st.composite
def cases(draw: st.DrawFn) -> Case:
    segments = []
    for camera, stream in STREAMS:
        at = NOW_S - draw(st.integers(0, 40)) * DAY_S // 4
        for _ in range(draw(st.integers(0, 24))):
            length = draw(st.sampled_from([1, 60, 3_600]))
            at += length + draw(st.sampled_from([0, 0, 0, 5, DAY_S]))
            if at > NOW_S:
                break
            segments.append((camera, stream, at - length, length, draw(st.integers(1, 9)), draw(st.integers(0, 9)) > 0))
    camera_names = st.sampled_from(["camera-a", "camera-b", "camera-c", "camera-gone"])
    starts = st.integers(NOW_S - 12 * DAY_S, NOW_S)
    if segments:  # holds that begin or end with a segment, or a second beside
        edges = [at for _, _, start, length, _, _ in segments for at in (start - 1, start, start + length)]
        starts |= st.sampled_from(edges)
    spans = st.tuples(camera_names, starts, st.sampled_from([0, 1, 30, 3_600, 3 * DAY_S]))
    return Case(
        segments,
        [(camera, start, start + length) for camera, start, length in draw(st.lists(spans, max_size=12))],
        draw(st.dictionaries(camera_names, st.sampled_from([1.0, 4.5, 90.0]), max_size=2)),
        draw(st.dictionaries(camera_names, st.integers(1, 60), max_size=2)),
        draw(st.sampled_from([0.0, 2.0, 6.0])),
        draw(st.sampled_from([0, 0, 1, 20, 100, 10_000])),
    )


def _policy(case: Case) -> RetentionPolicy:
    cameras = {
        camera: CameraRetention(case.days.get(camera), None if limit is None else limit * MIB)
        for camera in case.days.keys() | case.limits.keys()
        for limit in [case.limits.get(camera)]
    }
    return RetentionPolicy(7.0, case.minimum_days, min_free_bytes=case.missing * MIB, cameras=cameras)


@given(cases())
def test_what_a_round_takes_is_what_a_plain_model_says(some_init: Init, case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), some_init.data)
        rows = [
            shelf.row(camera, stream, n, start * US_PER_S, length * US_PER_S, size * MIB, complete=complete)
            for n, (camera, stream, start, length, size, complete) in enumerate(case.segments)
        ]
        shelf.put(*rows)
        shelf.hold(1, *((camera, start * US_PER_S, end * US_PER_S) for camera, start, end in case.holds))
        policy = _policy(case)
        shelf.disk.free = 0
        shelf.retention = shelf.reopened(policy)
        usage = shelf.round()
        left = shelf.paths()
        _check(case, policy, rows, left, usage)
        shelf.counted()
        assert set(shelf.index.garbage()) | left == {row.path for row in rows}
        shelf.disk.free = policy.min_free_bytes  # as if the purged had gone
        assert [shelf.round().purged for _ in range(2)] == [0, 0]
        assert shelf.index.garbage() == {}
        shelf.close()


def _check(case: Case, policy: RetentionPolicy, rows: list[SegmentRow], left: set[str], usage: DiskUsage) -> None:
    now_us = NOW_S * US_PER_S
    gone = [row for row in rows if row.path not in left]
    free = [row for row in rows if row.complete and not _held(case, row)]
    may_go = [row for row in free if row.path in left]
    assert all(row in free for row in gone)
    expired = [row for row in free if _end_us(row) <= now_us - policy.keep_us(row.camera_id)]
    assert all(row in gone for row in expired)
    for camera, limit in case.limits.items():
        used = sum(row.size_bytes for row in rows if row.camera_id == camera and row.path in left)
        held = sum(row.size_bytes for row in rows if row.camera_id == camera and _held(case, row))
        old_enough = [row for row in may_go if row.camera_id == camera and _end_us(row) <= now_us - policy.min_keep_us]
        assert used - held <= limit * MIB or not old_enough
    freed = sum(row.size_bytes for row in gone)
    assert freed >= case.missing * MIB or not may_go
    for_space = [row for row in gone if row not in expired and row.camera_id not in case.limits]
    if for_space:
        youngest = max(for_space, key=_age)
        # What went later, of cameras with a limit, may have gone for space as well.
        later = [row for row in gone if row not in expired and _age(row) > _age(youngest)]
        assert later or freed - youngest.size_bytes < case.missing * MIB
        assert all(_age(row) > _age(youngest) for row in may_go)
    assert usage.purged == len(gone)
    assert usage.full_held == (freed < case.missing * MIB and usage.held_bytes > 0 and case.missing > 0)


def _held(case: Case, row: SegmentRow) -> bool:
    return any(
        camera == row.camera_id
        and row.start_us < max(end * US_PER_S, start * US_PER_S + 1)
        and _end_us(row) > start * US_PER_S
        for camera, start, end in case.holds
    )


def _end_us(row: SegmentRow) -> int:
    return row.start_us + row.duration_us


def _age(row: SegmentRow) -> tuple[int, str]:
    return row.start_us, row.path


def _minutes(shelf: Shelf, camera: str, count: int, size: int = MIB) -> list[SegmentRow]:
    """So many segments of a minute each, up to now."""
    first = NOW_S - 60 * count
    rows = [shelf.row(camera, "main", n, (first + 60 * n) * US_PER_S, 60 * US_PER_S, size) for n in range(count)]
    shelf.put(*rows)
    return rows


def test_a_round_is_as_large_as_need_be(shelf: Shelf) -> None:
    for camera in range(40):
        _minutes(shelf, f"camera-{camera}", 100)
    shelf.disk.free = 0
    assert shelf.round(min_free_bytes=3_000 * MIB).purged == 3_000
    assert shelf.disk.syncs == 0  # there is time for the next round's sync


def test_room_is_made_for_what_will_be_written(shelf: Shelf) -> None:
    _minutes(shelf, "camera-a", 100)
    shelf.disk.free = 50 * MIB
    assert shelf.round().purged == 0
    rows = [shelf.row("camera-b", "main", n, (NOW_S - 60) * US_PER_S + n, 1, MIB) for n in range(30)]
    shelf.put(*rows)
    shelf.disk.free -= 30 * MIB  # 20 are left, and 60 may be written before the round after the next
    assert shelf.round().purged == 40
    assert shelf.disk.syncs == 1  # which may not come in time
    assert not any((shelf.disk.folder / path).exists() for path in shelf.index.garbage())


def test_the_disk_has_a_limit_of_its_own(shelf: Shelf) -> None:
    rows = _minutes(shelf, "camera-a", 100)
    assert shelf.round(disk_bytes=70 * MIB).purged == 30
    assert shelf.paths() == {row.path for row in rows[30:]}


def test_a_full_disk_goes_under_the_minimum_and_says_so(shelf: Shelf) -> None:
    _minutes(shelf, "camera-a", 100)
    shelf.disk.free = 0
    usage = shelf.round(min_free_bytes=10 * MIB, min_days=40 / 1_440, days=1.0)
    assert (usage.purged, usage.purged_under_minimum) == (10, 0)
    shelf.disk.free = 0
    usage = shelf.round(min_free_bytes=55 * MIB, min_days=40 / 1_440, days=1.0)
    assert (usage.purged, usage.purged_under_minimum) == (55, 5)


def test_a_cameras_own_limit_never_goes_under_the_minimum(shelf: Shelf) -> None:
    _minutes(shelf, "camera-a", 100)
    cameras = {"camera-a": CameraRetention(size_bytes=10 * MIB)}
    assert shelf.round(min_days=40 / 1_440, days=1.0, cameras=cameras).purged == 60


def test_when_only_held_footage_is_left_it_says_so_until_there_is_room(shelf: Shelf) -> None:
    rows = _minutes(shelf, "camera-a", 10)
    shelf.hold(1, ("camera-a", rows[2].start_us, NOW_S * US_PER_S))
    shelf.disk.free = 0
    usage = shelf.round(min_free_bytes=5 * MIB)
    assert (usage.purged, usage.full_held, usage.held_bytes) == (2, True, 8 * MIB)
    shelf.disk.free = 6 * MIB  # enough to be kept free, and not to go on: it would stop again with the next segment
    assert shelf.round().full_held
    shelf.hold(2)
    shelf.disk.free = 0
    usage = shelf.round()
    assert (usage.purged, usage.full_held) == (5, True)
    shelf.disk.free = 8 * MIB
    assert not shelf.round().full_held


def test_held_bytes_come_near_their_quota(shelf: Shelf) -> None:
    rows = _minutes(shelf, "camera-a", 50)
    shelf.hold(1, ("camera-a", 0, rows[39].start_us))
    assert not shelf.round(hold_quota=0.5).held_alarm
    shelf.hold(2, ("camera-a", 0, rows[40].start_us))
    usage = shelf.round()
    assert (usage.held_alarm, usage.held_bytes, usage.held_share) == (True, 40 * MIB, 0.4)
    assert usage.holds_version == 2


def test_holds_that_cannot_be_read_or_are_gone_stop_the_purge(shelf: Shelf) -> None:
    _minutes(shelf, "camera-a", 10)
    shelf.clock.advance(2 * DAY_S)
    file = shelf.folder / "holds.json"
    file.write_text("torn")
    usage = shelf.round(days=1.0)
    assert (usage.purged, usage.holds_version) == (0, 0)
    assert "nothing is purged" in str(usage.holds_fault)
    shelf.hold(7, ("camera-a", 0, (NOW_S - 120) * US_PER_S))
    usage = shelf.round()
    assert (usage.purged, usage.holds_version, usage.holds_fault) == (2, 7, None)
    file.unlink()
    assert "gone" in str(shelf.round().holds_fault)
    shelf.retention = shelf.reopened(RetentionPolicy(days=1.0))  # the recorder that starts now never saw the file
    usage = shelf.round()
    assert (usage.purged, usage.holds_version) == (0, 7)
    assert "gone" in str(usage.holds_fault)
    shelf.hold(8)
    assert shelf.round().purged == 8


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_holds_are_read_whole_or_not_at_all(data: bytes | str) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse_holds(data if isinstance(data, bytes) else data.encode())


@pytest.mark.parametrize(
    "hold",
    [
        None,
        {},
        {"camera_id": 1, "start_us": 0, "end_us": 1},
        {"camera_id": "a", "start_us": "0", "end_us": 1},
        {"camera_id": "a", "start_us": 2, "end_us": 1},
        {"camera_id": "a", "start_us": True, "end_us": 1},
        {"camera_id": "a", "start_us": 0.5, "end_us": 1},
        {"camera_id": "a", "start_us": 0, "end_us": 1 << 63},
    ],
)
def test_one_bad_hold_makes_all_of_them_unknown(tmp_path: Path, hold: Any) -> None:
    good = {"camera_id": "a", "start_us": 0, "end_us": 1}
    (tmp_path / "holds.json").write_text(json.dumps({"version": 1, "holds": [good, hold]}))
    with pytest.raises(InvalidInput, match="cannot be read"):
        HoldsFile(tmp_path).read()


def test_codecs_that_nothing_refers_to_go(shelf: Shelf, h264: Any) -> None:
    inits = [init_segment(replace(h264.parameters, width=16 + minute)) for minute in range(300)]
    for minute, init in enumerate(inits):
        shelf.put(shelf.row("camera-a", "main", minute, (NOW_S + 60 * minute) * US_PER_S, 60 * US_PER_S, init=init))
        shelf.clock.advance(60)
        shelf.round(days=10 / 1_440)
    with shelf.index.reading() as connection:
        assert connection.execute("SELECT count(*) FROM codec").fetchone()[0] <= 11
    shelf.counted()
    index = FootageIndex(shelf.disk.folder)
    for segment in index.segments("camera-a", "main", 0, 1 << 62):
        assert index.codec(segment.codec_id).init == inits[segment.n]


def test_the_choice_reads_no_more_than_it_needs(shelf: Shelf) -> None:
    from ingest.footage import purge_candidates

    values = {"now_us": 0, "until_us": 0, "before_us": 0, "camera_id": "", "limit": 1}
    for statement in (purge_candidates._EXPIRED, purge_candidates._OLDEST, purge_candidates._OLDEST_OF_CAMERA):
        with shelf.index.reading() as connection:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not any(re.match(r"SCAN (segment|one)", step) for step in plan), plan
        assert any("segment_by_time (camera_id=? AND stream=? AND start_us>? AND start_us<?)" in step for step in plan)
        assert not any("TEMP B-TREE" in step for step in plan), plan


def _old_index(folder: Path, rows: list[SegmentRow]) -> Path:
    """As the version before wrote it."""
    folder.mkdir()
    file = folder / "footage.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            f"PRAGMA journal_mode=WAL; BEGIN; {Path(__file__).with_name('schema_v1.sql').read_text()} COMMIT;"
        )
        connection.execute(
            "INSERT INTO codec VALUES (1, 'h264', 'avc1.42', 16, 16, ?), (2, 'h264', '', 1, 1, x'00')", (rows[0].init,)
        )
        connection.executemany(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, 1, '[]', x'', 1)",
            [
                (n, *row.key, row.path, row.start_us, row.duration_us, row.media_duration_90k, row.size_bytes)
                for n, row in enumerate(rows)
            ],
        )
        connection.execute("INSERT INTO garbage (path) VALUES ('a/b/c')")
        connection.commit()
    return file


def test_an_index_of_the_version_before_is_read_and_brought_up_to_date_in_place(shelf: Shelf, tmp_path: Path) -> None:
    rows = _minutes(shelf, "camera-a", 20)
    file = _old_index(tmp_path / "old", rows)
    index = FootageIndex(tmp_path / "old")
    before = index.segments("camera-a", "main", 0, 1 << 62)
    assert len(before) == 20
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM segment").fetchone()  # a reader under way holds nothing up
        writer = IndexWriter(tmp_path / "old")
        assert reader.execute("SELECT count(*) FROM segment").fetchone() == (20,)
        reader.execute("COMMIT")
        assert reader.execute("PRAGMA user_version").fetchone() == (2,)
    assert index.segments("camera-a", "main", 0, 1 << 62) == before
    assert writer.garbage() == {"a/b/c": 0}
    with writer.reading() as old, shelf.index.reading() as new:
        assert _schema(old) == _schema(new)
        assert old.execute("SELECT * FROM usage").fetchall() == [("camera-a", "main", 20, 20 * MIB)]
        assert old.execute("SELECT id, segments FROM codec").fetchall() == [(1, 20), (2, 0)]
    writer.condemn({rows[0].path: MIB})
    with writer.reading() as old:
        assert old.execute("SELECT id, segments FROM codec").fetchall() == [(1, 19)]
    writer.close()


def _schema(connection: sqlite3.Connection) -> Counter[Any]:
    """Tables by their columns, everything else by its text."""
    found: Counter[Any] = Counter()
    for kind, name, text in connection.execute("SELECT type, name, sql FROM main.sqlite_master").fetchall():
        columns = connection.execute(f"PRAGMA table_info({name})").fetchall() if kind == "table" else ()
        said = re.sub(r"\s+", " ", re.sub(r"--.*", "", text or ""))
        found[kind, name, tuple(columns), said if kind != "table" else ""] += 1
    return found


def test_days_lie_between_their_minimum_and_maximum() -> None:
    with pytest.raises(ValueError, match="between retention_min_days and retention_max_days"):
        RecorderSettings(retention_days=10, retention_min_days=20)
    with pytest.raises(ValueError, match="between retention_min_days and retention_max_days"):
        RecorderSettings(retention_days=10, retention_max_days=9)

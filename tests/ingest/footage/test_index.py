"""Questions to a footage index, put to rows that no recorder needed to write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import US_PER_S
from ingest.footage import FootageIndex, Gap, questions
from ingest.footage.index import FILE_NAME
from ingest.footage.index_writer import Changes, IndexWriter, SegmentRow
from ingest.footage.mp4 import init_segment
from ingest.playback.moment import Keyframe, moment

CAMERA = "0199a000-0000-7000-8000-000000000001"
KEY = (CAMERA, "main")
S = US_PER_S
START = 1_790_000_000 * S


@pytest.fixture(scope="module")
def init(h264: Any) -> bytes:
    return init_segment(h264.parameters)


def _row(init: bytes, start_s: int, n: int, *, seconds: int = 60, fence: int = 1, keyframe_s: int = 2) -> SegmentRow:
    return SegmentRow(
        camera_id=CAMERA,
        stream="main",
        fence=fence,
        n=n,
        init=init,
        path=f"{CAMERA}/main/20260921/14/{START + start_s * S}-{fence}-{n}.mp4",
        start_us=START + start_s * S,
        duration_us=seconds * S,
        media_duration_90k=seconds * 90_000,
        size_bytes=1_000_000,
        fragments=seconds * 2,
        keyframes=tuple((second * S, 700 + second) for second in range(0, seconds, keyframe_s)),
        sha256=bytes(32),
        complete=True,
    )


def _gap(start_s: int, end_s: int, cause: str = "silent") -> Gap:
    return Gap(*KEY, START + start_s * S, START + end_s * S, cause)


def _filled(folder: Path, rows: list[SegmentRow], gaps: list[Gap]) -> FootageIndex:
    folder.mkdir(exist_ok=True)
    writer = IndexWriter(folder)
    writer.apply(
        Changes({row.key: row for row in rows}, {(gap.camera_id, gap.stream, gap.start_us): gap for gap in gaps})
    )
    writer.close()
    return FootageIndex(folder)


def _seconds(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [((start - START) // S, (end - START) // S) for start, end in spans]


@pytest.fixture
def index(tmp_path: Path, init: bytes) -> FootageIndex:
    """Two minutes, a gap of one, two minutes more."""
    rows = [_row(init, start_s, n) for n, start_s in enumerate((0, 60, 180, 240))]
    return _filled(tmp_path / "disk", rows, [_gap(120, 180), _gap(300, 400, "refused")])


def test_a_span_is_covered_but_for_its_gaps(index: FootageIndex) -> None:
    assert _seconds(index.coverage(*KEY, START, START + 500 * S)) == [(0, 120), (180, 300)]
    assert _seconds(index.coverage(*KEY, START + 30 * S, START + 200 * S)) == [(30, 120), (180, 200)]
    assert index.coverage(*KEY, START + 130 * S, START + 170 * S) == []
    assert index.coverage(CAMERA, "sub", START, START + 500 * S) == []


def test_gaps_that_reach_into_a_span(index: FootageIndex) -> None:
    assert [gap.cause for gap in index.gaps(*KEY, START + 150 * S, START + 160 * S)] == ["silent"]
    assert [gap.cause for gap in index.gaps(*KEY, START + 180 * S, START + 300 * S)] == []
    assert [gap.cause for gap in index.gaps(*KEY, START + 350 * S, START + 900 * S)] == ["refused"]
    assert [gap.cause for gap in index.gaps(*KEY, 0, 1 << 62)] == ["silent", "refused"]


def test_segments_come_with_their_codec(index: FootageIndex, h264: Any) -> None:
    found = index.recorded(*KEY, START + 59 * S, START + 61 * S)
    assert [segment.n for segment, _ in found] == [0, 1]
    assert {codec.rfc6381 for _, codec in found} == {h264.parameters.rfc6381}


def test_around_a_moment_that_was_recorded(index: FootageIndex) -> None:
    found = index.around(*KEY, START + 190 * S)
    assert found.at is not None
    assert found.before is not None
    assert found.after is not None
    assert (found.at.n, found.before.n, found.after.n, found.gap) == (2, 1, 3, None)


def test_around_a_moment_within_a_gap_and_beyond_all(index: FootageIndex) -> None:
    found = index.around(*KEY, START + 150 * S)
    assert found.at is None
    assert found.gap == _gap(120, 180)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.n, found.after.n) == (1, 2)
    beyond = index.around(*KEY, START + 900 * S)
    assert (beyond.at, beyond.after, beyond.gap) == (None, None, None)
    assert beyond.before is not None
    assert beyond.before.n == 3


def test_of_two_recorders_the_one_with_the_higher_fence_is_right(tmp_path: Path, init: bytes) -> None:
    index = _filled(tmp_path / "disk", [_row(init, 0, 0), _row(init, 30, 0, fence=2)], [])
    segment = index.segment_at(*KEY, START + 40 * S)
    assert segment is not None
    assert segment.fence == 2


@pytest.mark.parametrize(
    ("at_s", "keyframe_s"),
    [(61, 60), (62, 62), (59, 58), (121, 118), (179, 180), (140, 118), (150, 180), (0, 0), (-5, 0), (900, 298)],
)
def test_the_nearest_keyframe(index: FootageIndex, at_s: int, keyframe_s: int) -> None:
    found = moment([index.disk], *KEY, START + at_s * S).nearest_keyframe()
    assert found is not None
    assert (found.start_us - START) // S == keyframe_s
    assert found.offset == 700 + keyframe_s % 60


def test_a_moment_over_several_disks(tmp_path: Path, init: bytes) -> None:
    first = _filled(tmp_path / "a", [_row(init, 0, 0), _row(init, 300, 1)], [_gap(60, 120, "disk_full")])
    second = _filled(tmp_path / "b", [_row(init, 120, 0)], [])
    found = moment([first.disk, second.disk], *KEY, START + 100 * S)
    assert found.at is None
    assert found.before is not None
    assert found.after is not None
    assert (found.before.disk.name, found.after.disk.name) == ("a", "b")
    assert found.gap == _gap(60, 120, "disk_full")
    path = second.disk / _row(init, 120, 0).path
    assert found.nearest_keyframe() == Keyframe(path, 700, START + 120 * S)


def test_a_disk_that_cannot_be_read_is_left_out(tmp_path: Path, index: FootageIndex) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / FILE_NAME).write_bytes(b"not a database" * 100)
    found = moment([broken, index.disk], *KEY, START)
    assert found.at is not None


def test_nothing_was_ever_recorded(tmp_path: Path) -> None:
    found = moment([tmp_path], *KEY, START)
    assert (found.at, found.before, found.after, found.gap, found.nearest_keyframe()) == (None, None, None, None, None)


@given(spans=st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=8), at_s=st.integers(-10, 400))
def test_each_moment_is_recorded_or_missing_but_never_both(
    tmp_path_factory: pytest.TempPathFactory, init: bytes, spans: list[tuple[int, bool]], at_s: int
) -> None:
    """Against the plain way: looking at every row."""
    rows, gaps, end = [], [], 0
    for n, (length, is_recorded) in enumerate(spans):
        rows += [_row(init, end, n, seconds=length)] if is_recorded else []
        gaps += [] if is_recorded else [_gap(end, end + length)]
        end += length
    index = _filled(tmp_path_factory.mktemp("disk"), rows, gaps)
    at_us = START + at_s * S
    found = index.around(*KEY, at_us)
    holds = [row.n for row in rows if row.start_us <= at_us < row.start_us + row.duration_us]
    assert ([found.at.n] if found.at else []) == holds
    assert ([found.gap] if found.gap else []) == [gap for gap in gaps if gap.start_us <= at_us < gap.end_us]
    assert index.gaps(*KEY, at_us, at_us + 30 * S) == [
        gap for gap in gaps if gap.start_us < at_us + 30 * S and gap.end_us > at_us
    ]


def test_coverage_reads_no_row(index: FootageIndex) -> None:
    """All that it asks lies in the index by time, a camera's days side by side."""
    values = {"camera_id": CAMERA, "stream": "main", "since_us": 0, "start_us": 0, "end_us": 1}
    with closing(sqlite3.connect(index.disk / FILE_NAME)) as connection:
        (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {questions.SPANS}", values).fetchall()
    assert "USING COVERING INDEX segment_by_time" in plan[3]

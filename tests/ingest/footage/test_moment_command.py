"""`vedette footage at`: which file holds a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import ingest.commands
from foundation.errors import InvalidInput
from ingest.footage import Gap
from ingest.footage.index_writer import Changes, IndexWriter, SegmentRow
from ingest.footage.mp4 import init_segment

CAMERA = "0199a000-0000-7000-8000-000000000001"
START = 1_790_000_000_000_000  # 2026-09-21T14:13:20Z


@pytest.fixture
def at(tmp_path: Path, h264: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks about a minute of footage with a minute's gap after it."""
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path))
    disk = tmp_path / "disks" / "0"
    disk.mkdir(parents=True)
    row = SegmentRow(
        camera_id=CAMERA,
        stream="main",
        fence=1,
        n=0,
        init=init_segment(h264.parameters),
        path="here.mp4",
        start_us=START,
        duration_us=60_000_000,
        media_duration_90k=5_400_000,
        size_bytes=9,
        fragments=1,
        keyframes=((0, 700), (2_000_000, 900)),
        sha256=bytes(32),
        complete=True,
    )
    gap = Gap(CAMERA, "main", START + 60_000_000, START + 120_000_000, "refused")
    writer = IndexWriter(disk)
    writer.apply(Changes({row.key: row}, {(CAMERA, "main", gap.start_us): gap}))
    writer.close()
    app = typer.Typer()
    ingest.commands.register(app)
    return lambda *words: CliRunner().invoke(app, ["footage", "at", *words])


def test_the_file_and_the_keyframe(at: Any) -> None:
    result = at(CAMERA, "2026-09-21T14:13:23Z")
    assert result.exit_code == 0
    assert "there" in result.output
    assert "2026-09-21T14:13:22.000Z, byte 900 of" in result.output.replace("\n", "")


def test_the_cause_of_a_gap_and_what_was_before(at: Any) -> None:
    result = at(CAMERA, "2026-09-21T22:14:40+08:00")
    assert "gap: refused" in result.output
    assert "before" in result.output


def test_what_is_no_moment(at: Any) -> None:
    assert isinstance(at(CAMERA, "yesterday").exception, InvalidInput)

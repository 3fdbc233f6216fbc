"""What of a span is really recorded, over all disks of a machine."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import ingest.footage
from control_center.evidence.recorded import Recorded, recorded
from foundation.clock import US_PER_S
from ingest.footage.intervals import Interval

CAMERA, OTHER = "0199a000-0000-7000-8000-000000000001", "0199a000-0000-7000-8000-000000000002"
SCHEMA = Path(ingest.footage.__file__).with_name("schema.sql").read_text()
S = US_PER_S
Row = tuple[str, str, int, int]  # camera, stream, start and end in seconds


def disk(folder: Path, *segments: Row, lost: Interval | None = None) -> Path:
    """Segments of a thousand bytes each, and a span of the main stream whose packets were lost."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "footage.sqlite3")
    connection.executescript(SCHEMA)
    connection.execute(
        "INSERT INTO codec (id, codec, rfc6381, width, height, init) VALUES (1, 'h264', 'a', 1, 1, x'00')"
    )
    for n, (camera, stream, start, end) in enumerate(segments):
        connection.execute(
            "INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
            " media_duration_90k, bytes, fragments, keyframes, sha256, complete)"
            " VALUES (?, ?, 1, ?, 1, ?, ?, ?, 0, 1000, 1, '[]', x'00', 1)",
            (camera, stream, n, str(n), start * S, (end - start) * S),
        )
    if lost:
        connection.execute(
            "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, 'main', ?, ?, 'packet_loss')",
            (CAMERA, lost[0] * S, lost[1] * S),
        )
    connection.commit()
    connection.close()
    return folder


def test_every_stream_counts_and_the_main_stream_covers(tmp_path: Path) -> None:
    first = disk(tmp_path / "0", (CAMERA, "main", 60, 120), (CAMERA, "sub", 0, 90), (OTHER, "main", 60, 120))
    second = disk(tmp_path / "1", (CAMERA, "main", 119, 180), (CAMERA, "audio", 170, 200), lost=(130, 140))
    found = recorded([first, second, tmp_path / "new"], CAMERA, 80 * S, 175 * S)
    assert found == Recorded(4_000, [(80 * S, 130 * S), (140 * S, 175 * S)], is_whole=True)
    assert found.covered_us == 85 * S


def test_a_disk_that_does_not_answer_is_told_and_the_others_count(tmp_path: Path) -> None:
    good = disk(tmp_path / "0", (CAMERA, "main", 0, 60))
    bad = tmp_path / "1"
    bad.mkdir()
    (bad / "footage.sqlite3").write_bytes(b"no database" * 100)
    assert recorded([bad, good], CAMERA, 0, 60 * S) == Recorded(1_000, [(0, 60 * S)], is_whole=False)

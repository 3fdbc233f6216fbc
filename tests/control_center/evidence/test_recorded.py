"""What of a span is really recorded, over all disks of a machine."""

from __future__ import annotations

from pathlib import Path

from control_center.evidence.recorded import Recorded, recorded
from foundation.clock import US_PER_S

CAMERA, OTHER = "0199a000-0000-7000-8000-000000000001", "0199a000-0000-7000-8000-000000000002"
S = US_PER_S


def test_every_stream_counts_and_the_main_stream_covers(tmp_path: Path, make_disk) -> None:
    rows = [(CAMERA, "main", 60, 120), (CAMERA, "sub", 0, 90), (OTHER, "main", 60, 120)]
    more = [(CAMERA, "main", 119, 180), (CAMERA, "audio", 170, 200)]
    first, second = make_disk(tmp_path / "0", *rows), make_disk(tmp_path / "1", *more, lost=(CAMERA, "main", 130, 140))
    found = recorded([first, second, tmp_path / "new"], CAMERA, 80 * S, 175 * S)
    assert found == Recorded(4_000, [(80 * S, 130 * S), (140 * S, 175 * S)], is_whole=True)
    assert found.covered_us == 85 * S


def test_a_disk_that_does_not_answer_is_told_and_the_others_count(tmp_path: Path, make_disk) -> None:
    good, bad = make_disk(tmp_path / "0", (CAMERA, "main", 0, 60)), tmp_path / "1"
    bad.mkdir()
    (bad / "footage.sqlite3").write_bytes(b"no database" * 100)
    assert recorded([bad, good], CAMERA, 0, 60 * S) == Recorded(1_000, [(0, 60 * S)], is_whole=False)

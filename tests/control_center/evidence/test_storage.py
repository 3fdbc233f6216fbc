from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from control_center.evidence.storage import HeldFootage, StorageReports
from foundation.clock import ManualClock


def report(run_dir: Path, clock: ManualClock, recorder: int, *disks: dict[str, Any]) -> None:
    status = {"time_us": clock.now_us(), "streams": [], "disks": list(disks)}
    (run_dir / f"recorder-{recorder}.status.json").write_text(json.dumps(status))


def disk(**values: Any) -> dict[str, Any]:
    return {"held_bytes": 10, "held_share": 0.1, "held_alarm": False, "full_held": False, "holds_fault": None} | values


def test_the_worst_disk_speaks_for_all(tmp_path) -> None:
    clock = ManualClock()
    reports = StorageReports(tmp_path, clock)
    assert reports.held() is None
    report(tmp_path, clock, 0, disk(), disk(held_share=0.45, held_alarm=True))
    report(tmp_path, clock, 1, disk(holds_fault="it is no list of holds"), {"path": "/of/an/older/recorder"})
    assert reports.held() is None  # asked a moment ago
    clock.advance(2)
    assert reports.held() == HeldFootage(30, 0.45, held_alarm=True, full_held=False, holds_fault=True)


def test_the_last_words_of_a_recorder_that_is_gone_do_not_pass_for_the_present(tmp_path) -> None:
    clock = ManualClock()
    report(tmp_path, clock, 0, disk(full_held=True))
    (tmp_path / "recorder-1.status.json").write_bytes(b"\x00{")
    assert StorageReports(tmp_path, clock).held() is not None
    clock.advance(61)
    assert StorageReports(tmp_path, clock).held() is None

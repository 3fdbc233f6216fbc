"""Footage that is held, while retention takes all that is around it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full]

DAY_S = 86_400
EVER = (0, 1 << 62)


def _hold(recording: Any, version: int, *spans: tuple[str, int, int]) -> None:
    holds = [{"camera_id": camera, "start_us": start, "end_us": end, "kind": "lock"} for camera, start, end in spans]
    temporary = recording.run / "holds.tmp"
    temporary.write_text(json.dumps({"version": version, "holds": holds}))
    temporary.replace(recording.run / "holds.json")


def _status(recording: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((recording.run / "recorder-0.status.json").read_bytes())
    return found


def test_what_is_held_stays_while_everything_around_it_goes(recording, clip: Path) -> None:
    with serving({"gate": clip, "yard": clip}) as camera:
        for name in ("gate", "yard"):
            recording.assign(name, camera.url(name))
        _hold(recording, 1, ("gate", *EVER))  # so that on a slow machine nothing goes before the span is chosen
        recording.start(segment_s=2, retention_days=12 / DAY_S)
        recording.until(lambda: len(recording.segments("gate")) > 3, "segments")
        held = recording.segments("gate")[1:3]
        span = (held[0].start_us + 1, held[1].start_us + 1)
        _hold(recording, 2, ("gate", *span))
        recording.until(lambda: _status(recording)["holds_version"] == 2, "the recorder to obey the hold")
        later_us = SYSTEM_CLOCK.now_us()
        recording.until(
            lambda: (found := recording.segments("yard")) and found[0].start_us > later_us,
            "what was there to be purged",
        )
        recording.until(
            lambda: (
                [one.path for one in recording.segments("gate") if one.start_us < later_us]
                == [one.path for one in held]
            ),
            "what is around the hold to be purged",
        )
        report = recording.disk_report(recording.disk)
        assert (report["held_bytes"], report["holds_fault"]) == (sum(one.size_bytes for one in held), None)
        (recording.run / "holds.json").write_text("torn")
        recording.until(lambda: recording.disk_report(recording.disk)["holds_fault"], "the holds to be unreadable")
        first_us = recording.segments("yard")[0].start_us
        recording.until(
            lambda: recording.segments("yard")[-1].start_us > first_us + 18 * US_PER_S, "purging to be due again"
        )
        assert recording.segments("yard")[0].start_us == first_us
        _hold(recording, 3)
        recording.until(lambda: recording.segments("gate")[0].start_us > later_us, "what was held to be purged")
        recording.stop()
    for name in ("gate", "yard"):
        assert recording.gap_causes(name) == {}
    recording.assert_index_is_true(recording.disk)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"file systems cannot be mounted here: {done.stderr.decode().strip()}")
    yield folder / "footage"
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_recording_stops_where_only_held_footage_is_left_and_goes_on_when_it_is_released(
    recording, clip: Path, small_disk: Path
) -> None:
    with serving({"gate": clip}) as camera:
        recording.assign("gate", camera.url("gate"), small_disk)
        _hold(recording, 1, ("gate", *EVER))
        recording.start(segment_s=2, min_free_bytes=2 << 20)
        cause = recording.await_state("gate", "refused")["cause"]
        assert "held footage" in cause
        report = recording.disk_report(small_disk)
        assert (report["full_held"], report["held_alarm"], report["purged_under_minimum"]) == (True, True, 0)
        recording.until(lambda: recording.gap_causes("gate", small_disk), "the gap to be told")
        held = recording.segments("gate", small_disk)
        _hold(recording, 2)
        recording.await_state("gate", "recording")
        recording.until(lambda: recording.segments("gate", small_disk)[-1].n > held[-1].n, "footage after it")
        recording.stop()
        assert camera.counts["gate"].clients == 1
    assert recording.gap_causes("gate", small_disk) == {"disk_full_held": 1}
    recording.assert_index_is_true(small_disk)

"""Many streams for minutes, a fifth of them misbehaving: nothing grows, and nothing of the others is lost."""

from __future__ import annotations

import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import psutil
import pytest

from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full, pytest.mark.alone]

HEALTHY = [f"well-{number}" for number in range(20)]
FAULTS = ("mute", "hang:3", "drop:0.05", "refuse-password", "redirect:rtsp://127.0.0.2/elsewhere")
WARM_UP_S = 60
SOAK_S = 180
# The allocator takes memory in steps; a leak of a kilobyte per second and stream would be three times this.
GROWTH_BYTES_PER_S = 8_192
TAIL = 25  # units sent in the last second may not have been read when the recorder was told to end


def _growth(samples: list[tuple[float, int]]) -> float:
    """Bytes per second, by least squares."""
    times, sizes = np.array(samples).T
    return float(np.polyfit(times, sizes, 1)[0])


def test_many_streams_for_minutes(recording, clip: Path) -> None:
    faulty = {f"faulty-{number}": fault for number, fault in enumerate(islice(cycle(FAULTS), len(HEALTHY) // 4))}
    files = dict.fromkeys([*HEALTHY, *faulty], clip)
    faults = [f"{name}={fault}" for name, fault in faulty.items()]
    with serving(files, user="viewer", password="", faults=faults) as camera:
        for name in files:
            recording.assign(name, camera.url(name))
        recording.start(segment_s=10, sync_s=2)
        for name in HEALTHY:
            recording.await_state(name, "recording")
        process = psutil.Process(recording.process.pid)
        samples = []
        began = time.monotonic()
        while (now := time.monotonic() - began) < WARM_UP_S + SOAK_S:
            if now > WARM_UP_S:
                samples.append((now, process.memory_info().rss))
            time.sleep(1)
        spent = process.cpu_times()
        assert {recording.state(name) for name in HEALTHY} == {"recording"}
        assert {recording.report(name)["losses"] for name in HEALTHY} == {0}
        assert process.num_threads() < 12
        recording.stop()
        for name in HEALTHY:
            sent = camera.counts[name].access_units
            assert sent - TAIL <= recording.units_on_disk(name) <= sent, name
            assert recording.gap_causes(name) == {}, name
    recording.assert_index_is_true(recording.disk)
    growth = _growth(samples)
    cpu_s = spent.user + spent.system
    print(f"recorder: {samples[-1][1] / 2**20:.1f} MiB, {growth:+.0f} bytes/s, {cpu_s:.1f} CPU s in {now:.0f} s")
    assert growth < GROWTH_BYTES_PER_S

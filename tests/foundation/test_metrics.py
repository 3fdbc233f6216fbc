from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from foundation import metrics

CHILD = """
import sys
from pathlib import Path
from foundation import metrics
metrics.prepare(Path(sys.argv[1]))
frames = metrics.counter("vedette_test_frames_total", "Frames.", ["camera"])
streams = metrics.gauge("vedette_test_streams", "Streams.")
frames.labels("gate").inc(3)
streams.set(2)
print("ready", flush=True)
sys.stdin.readline()
"""


def _child(run_dir: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(run_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_processes_are_summed_and_the_dead_keep_only_their_counters(tmp_path: Path) -> None:
    first, second = _child(tmp_path), _child(tmp_path)
    text = metrics.render(tmp_path).decode()
    assert 'vedette_test_frames_total{camera="gate"} 6.0' in text
    assert "vedette_test_streams 4.0" in text
    first.communicate("\n")
    text = metrics.render(tmp_path).decode()
    assert 'vedette_test_frames_total{camera="gate"} 6.0' in text
    assert "vedette_test_streams 2.0" in text
    metrics.forget_the_dead(tmp_path)
    assert 'vedette_test_frames_total{camera="gate"} 3.0' in metrics.render(tmp_path).decode()
    second.communicate("\n")


def test_nothing_measured_is_an_empty_page(tmp_path: Path) -> None:
    assert metrics.render(tmp_path) == b""

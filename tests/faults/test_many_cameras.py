"""Three hundred cameras of 3 Mbit/s while purging never rests: nothing that was sent is missing."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full, pytest.mark.alone]

CAMERAS = [f"camera-{number:03}" for number in range(300)]
BIT_RATE = 3_000_000
RATE = 25
GROUPS = 3  # of pictures in the clip, two seconds each
RECORD_S = 120
RETENTION_S = 60
TAIL = 25  # units sent in the last second may not have been read when the recorder was told to end
TICKS = 90_000 // RATE
# The camera in a process of its own, so that looking at the index does not hold it up.
_CAMERA = """
import typer
import simulator.virtual_camera.commands
app = typer.Typer()
app.callback()(lambda: None)
simulator.virtual_camera.commands.register(app)
app()
"""
_ROWS = "SELECT camera_id, path, media_duration_90k, sha256, complete FROM segment"


@pytest.fixture
def clip_3m(tmp_path: Path) -> Path:
    """Noise at a constant rate."""
    file = tmp_path / "clip.mp4"
    generator = np.random.default_rng(1)
    options = {"preset": "ultrafast", "bf": "0", "nal-hrd": "cbr", "maxrate": str(BIT_RATE), "bufsize": str(BIT_RATE)}
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", RATE, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 640, 368, "yuv420p", 2 * RATE
        stream.bit_rate = BIT_RATE
        for _ in range(GROUPS * 2 * RATE):
            picture = generator.integers(0, 255, (368, 640, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    assert file.stat().st_size * 8 / (GROUPS * 2) > 0.9 * BIT_RATE
    return file


class Seen:
    """Rows of the index, gathered before they are purged."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / "footage.sqlite3"
        self.rows: dict[str, tuple[str, int, bytes, bool]] = {}  # by path: camera, units, hash, complete
        self.gaps: set[tuple[str, str]] = set()  # camera, cause; their rows go with the footage around them

    def look(self) -> int:
        """How many rows there are now."""
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=30)) as connection:
            found = connection.execute(_ROWS).fetchall()
            self.gaps.update(connection.execute("SELECT camera_id, cause FROM gap").fetchall())
        for camera, path, ticks, digest, complete in found:
            self.rows[path] = (camera, ticks // TICKS, digest, bool(complete))
        return len(found)

    def units(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for camera, units, _, _ in self.rows.values():
            total[camera] += units
        return total

    def hashes(self) -> dict[int, set[bytes]]:
        """By the number of units. All cameras play one clip: there is a hash for each group that may come first."""
        found: defaultdict[int, set[bytes]] = defaultdict(set)
        for _, units, digest, complete in self.rows.values():
            if complete:
                found[units].add(digest)
        return found


class Camera:
    """The virtual camera, with a path for each of the cameras, that all play the same file."""

    def __init__(self, clip: Path) -> None:
        files = [clip.with_name(f"{name}.mp4") for name in CAMERAS]
        for file in files:
            file.symlink_to(clip)
        command = [sys.executable, "-c", _CAMERA, "virtual-camera", "--port", "0", "--json", *map(str, files)]
        words = clip.with_name("camera.log")
        with words.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        while words.read_text().count("rtsp://") < len(CAMERAS):
            assert self._process.poll() is None, words.read_text()
            time.sleep(0.1)
        self.urls = [line for line in words.read_text().splitlines() if line.startswith("rtsp://")]

    def end(self) -> dict[str, dict[str, int]]:
        """What was sent on each path."""
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate(timeout=60)
        sent: dict[str, dict[str, int]] = json.loads(output)["paths"]
        return sent

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def camera(clip_3m: Path) -> Iterator[Camera]:
    made = Camera(clip_3m)
    yield made
    made.kill()


def test_nothing_that_was_sent_is_missing_from_the_index(recording, camera: Camera) -> None:
    for name, url in zip(CAMERAS, camera.urls, strict=True):
        recording.assign(name, url)
    recording.start(segment_s=10, sync_s=5, retention_days=RETENTION_S / 86_400)
    recording.until(lambda: recording.segments(CAMERAS[0]), "the index")
    seen, most = Seen(recording.disk), 0
    process = psutil.Process(recording.process.pid)
    began = time.monotonic()
    while time.monotonic() - began < RECORD_S:
        most = max(most, seen.look())
        time.sleep(2)
    spent = process.cpu_times()
    status = json.loads((recording.run / "recorder-0.status.json").read_bytes())
    recording.stop()
    seen.look()
    counts = camera.end()
    assert sum(one["skipped"] for one in counts.values()) == 0, "this machine is too slow to send it"
    assert Counter(one["state"] for one in status["streams"]) == {"recording": len(CAMERAS)}
    assert seen.gaps == set()
    units = seen.units()
    kept = {name: (counts[name]["access_units"], units[name]) for name in CAMERAS}
    assert {name: (sent, kept) for name, (sent, kept) in kept.items() if not sent - TAIL <= kept <= sent} == {}
    assert all(len(digests) <= GROUPS for number, digests in seen.hashes().items() if number % (2 * RATE) == 0)
    gone = [path for path in seen.rows if not (recording.disk / path).exists()]
    assert len(gone) > len(CAMERAS) * (RECORD_S - RETENTION_S) / 10 / 2, "retention was in force"
    recording.assert_index_is_true(recording.disk)
    print(
        f"{sum(units.values())} units of {len(CAMERAS)} cameras; {len(gone)} of {len(seen.rows)} segments purged, at"
        f" most {most} kept; recorder {spent.user + spent.system:.1f} CPU s in {RECORD_S} s"
    )

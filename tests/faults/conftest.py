from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import pytest

from ingest.footage import FootageIndex, Segment
from ingest.footage.check import DiskCheck, Kind
from ingest.footage.index import Gap
from ingest.footage.mp4_reader import fragments, read_init

EVER = (0, 1 << 62)
RATE = 25
_RECORD = (
    "from foundation.settings import load_settings; from ingest.recorder import run_recorder;"
    "run_recorder(load_settings(), 0)"
)
_RECORD_BY_ANOTHER_CLOCK = """
from pathlib import Path
from foundation.clock import SystemClock
from foundation.settings import load_settings
from ingest.recorder import run_recorder

settings = load_settings()


class Stepped(SystemClock):
    def now_us(self):
        return super().now_us() + int((settings.run_dir / "clock-step").read_text()) * 1_000_000


run_recorder(settings, 0, Stepped())
"""


def until(condition: Callable[[], Any], what: str, within_s: float = 60) -> None:
    """Wait for it; the time is a guard against hanging, not a requirement."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def whole(file: Path) -> str:
    """SQLite's own verdict on a database file."""
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def units_in(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(len(one.samples) for one in fragments(stream, len(read_init(stream))))


def assert_index_is_true(disk: Path, run_dir: Path | None = None, others: Sequence[Path] = ()) -> None:
    """Read from end to end, the disk and its index show nothing that is not explained, and every file is finished."""
    report = DiskCheck(disk, run_dir or disk.parent / "run", deep=True, others=others).look()
    assert report.unexplained == 0, report.findings
    ends = {Kind.LONGER, Kind.INCOMPLETE, Kind.ORPHAN}  # explained by a kill, but here everything has ended well
    assert not ends & set(report.counts), report.findings
    assert whole(disk / "footage.sqlite3") == "ok"


class Recording:
    """A data folder without a center: assignments, and one recorder process that follows them."""

    until = staticmethod(until)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.run.mkdir(parents=True)
        self.disk = folder / "disks" / "0"
        self.process: subprocess.Popen[bytes] | None = None
        self._streams: dict[str, dict[str, Any]] = {}

    def assert_index_is_true(self, disk: Path) -> None:
        others = {Path(one) for stream in self._streams.values() for one in stream["disks"]} - {disk}
        assert_index_is_true(disk, self.run, sorted(others))

    def step_clock(self, seconds: int) -> None:
        """The host's clock as a recorder sees it, if it is started after the first such step."""
        temporary = self.run / "clock-step.tmp"
        temporary.write_text(str(seconds))
        temporary.replace(self.run / "clock-step")

    def assign(self, name: str, url: str, disk: Path | None = None, *others: Path, **more: Any) -> None:
        """Record the URL as camera `name` from now on, on the first disk that can be written."""
        self._streams[name] = {
            "recorder": 0,
            "camera_id": name,
            "camera_code": name,
            "stream": "main",
            "url": url,
            "username": "viewer",
            "password": None,
            "fence": 1,
            "disks": [str(one) for one in (disk or self.disk, *others)],
            **more,
        }
        temporary = self.run / "assignments.tmp"
        temporary.write_text(json.dumps({"generation": len(self._streams), "streams": list(self._streams.values())}))
        temporary.replace(self.run / "assignments.json")

    def start(self, **settings: object) -> None:
        chosen = {"segment_s": 4, "sync_s": 0.5, "min_free_bytes": 0, **settings}
        variables = {f"VEDETTE_RECORDER__{name.upper()}": str(value) for name, value in chosen.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RECORD_BY_ANOTHER_CLOCK if (self.run / "clock-step").exists() else _RECORD],
            env={**os.environ, "VEDETTE_DATA_DIR": str(self.folder), **variables},
            stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(30) == 0

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def report(self, name: str) -> dict[str, Any]:
        try:
            streams = json.loads((self.run / "recorder-0.status.json").read_bytes())["streams"]
        except FileNotFoundError:
            return {}
        return next((one for one in streams if one["camera_id"] == name), {})

    def disk_report(self, disk: Path) -> dict[str, Any]:
        disks = json.loads((self.run / "recorder-0.status.json").read_bytes())["disks"]
        return next((one for one in disks if one["path"] == str(disk)), {})

    def state(self, name: str) -> str | None:
        return self.report(name).get("state")

    def await_state(self, name: str, state: str) -> dict[str, Any]:
        until(lambda: self.state(name) == state, f"{name} to be {state}, and it is {self.report(name)}")
        return self.report(name)

    def segments(self, name: str, disk: Path | None = None) -> list[Segment]:
        return FootageIndex(disk or self.disk).segments(name, "main", *EVER)

    def gaps(self, name: str, disk: Path | None = None) -> list[Gap]:
        return FootageIndex(disk or self.disk).gaps(name, "main", *EVER)

    def gap_causes(self, name: str, disk: Path | None = None) -> Counter[str]:
        return Counter(gap.cause for gap in self.gaps(name, disk))

    def units_on_disk(self, name: str, disk: Path | None = None) -> int:
        return sum(units_in((disk or self.disk) / segment.path) for segment in self.segments(name, disk))


@pytest.fixture(scope="session")
def checks() -> ModuleType:
    """The functions of this file."""
    return sys.modules[__name__]


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    made = Recording(tmp_path / "data")
    yield made
    made.kill()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of H.264, small, with a keyframe each second and noise enough for several packets a picture."""
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    generator = np.random.default_rng(1)
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", RATE, options={"preset": "ultrafast", "bf": "0", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 192, "yuv420p", RATE
        for number in range(6 * RATE):
            picture = generator.integers(0, 60, (192, 320, 3), np.uint8)
            picture[:, number * 2 : number * 2 + 20] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return file

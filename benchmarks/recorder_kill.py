"""What `kill -9` costs: the recorder dies at random moments, starts again and repairs its disk.

    python -m benchmarks.recorder_kill --kills 20 --cameras 4

The loss of a kill is, for each camera, from the last picture that is on the disk to the moment of the kill. After each
repair every file that was there before the kill is still there and decodes to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Set
from pathlib import Path

import av

from benchmarks._camera_load import CameraServer, make_file
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from ingest.footage.index import FootageIndex, Segment

GOAL_LOSS_S = 1.0
RECORD = (
    "from foundation.settings import load_settings; from ingest.recorder import run_recorder;"
    "run_recorder(load_settings(), 0)"
)
EVER = (0, 1 << 62)


class Center:
    """A data folder without a center, and one recorder."""

    def __init__(self, folder: Path, server: CameraServer, cameras: int) -> None:
        self._folder = folder
        self.disk = folder / "disks" / "0"
        self.cameras = [f"camera-{n}" for n in range(cameras)]
        streams = [
            {
                "recorder": 0,
                "camera_id": name,
                "camera_code": name,
                "stream": "main",
                "url": server.url(),
                "username": None,
                "password": None,
                "fence": 1,
                "disk": str(self.disk),
            }
            for name in self.cameras
        ]
        run = folder / "run"
        run.mkdir(parents=True)
        (run / "assignments.json").write_text(json.dumps({"generation": 1, "streams": streams}))

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", RECORD],
            env=os.environ | {"VEDETTE_DATA_DIR": str(self._folder), "VEDETTE_RECORDER__MIN_FREE_BYTES": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def segments(self, camera: str) -> list[Segment]:
        return FootageIndex(self.disk).segments(camera, "main", *EVER)

    def files(self) -> set[Path]:
        return set(self.disk.rglob("*.mp4"))

    def wait_for_footage(self, since_us: int) -> None:
        """Until every camera has a file that begins later; the recorder has then repaired what was before."""
        deadline = time.monotonic() + 60
        while not all(self._newest_us(camera) > since_us for camera in self.cameras):
            if time.monotonic() > deadline:
                raise SystemExit("the recorder did not go on after a kill")
            time.sleep(0.1)

    def _newest_us(self, camera: str) -> int:
        return max((int(file.name.partition("-")[0]) for file in (self.disk / camera).rglob("*.mp4")), default=0)


def loss_s(center: Center, killed_us: int) -> list[float]:
    """For each camera, from its last picture before the kill to the kill."""
    ends = [
        max(segment.end_us for segment in center.segments(camera) if segment.start_us < killed_us)
        for camera in center.cameras
    ]
    return [max(0, killed_us - end_us) / US_PER_S for end_us in ends]


def unreadable(files: Set[Path], center: Center) -> list[str]:
    """Those of the files that are gone, or do not decode to the end that the index gives them."""
    rows = {center.disk / segment.path: segment for camera in center.cameras for segment in center.segments(camera)}
    faults = []
    for file in files:
        if file not in rows:
            faults.append(f"{file.name} is gone")
        elif (fault := _decode_fault(file, rows[file])) is not None:
            faults.append(f"{file.name}: {fault}")
    return faults


def _decode_fault(file: Path, row: Segment) -> str | None:
    wanted = round(row.duration_us / 40_000)
    try:
        with av.open(str(file)) as container:
            container.streams.video[0].thread_type = "AUTO"
            decoded = sum(1 for _ in container.decode(video=0))
    except av.FFmpegError as error:
        return str(error)
    return None if abs(decoded - wanted) <= 2 else f"{decoded} pictures in place of {wanted}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cameras", type=int, default=4)
    options = parser.parse_args()
    chance = random.Random(11)
    losses: list[float] = []
    faults: list[str] = []
    seen: set[Path] = set()
    with tempfile.TemporaryDirectory(prefix="v-") as name:
        file = Path(name) / "load.mp4"
        make_file(file, 640, 360)  # small, because every picture is decoded
        server = CameraServer(file)
        center = Center(Path(name) / "data", server, options.cameras)
        child = center.start()
        center.wait_for_footage(0)
        try:
            for _ in range(options.kills):
                time.sleep(chance.uniform(1, 4))
                killed_us = SYSTEM_CLOCK.now_us()
                child.send_signal(signal.SIGKILL)
                child.wait()
                before = center.files()
                child = center.start()
                center.wait_for_footage(killed_us)
                losses += loss_s(center, killed_us)
                faults += unreadable(before - seen, center)
                seen |= before
            faults += unreadable(seen, center)  # all of them once more: no later repair harmed them
        finally:
            child.terminate()
            child.wait()
            server.end()
    print(f"kills, cameras              {options.kills}, {options.cameras}")
    print(f"loss, median and most       {statistics.median(losses):.2f} s, {max(losses):.2f} s (goal {GOAL_LOSS_S} s)")
    print(f"unreadable afterwards       {len(faults)} files (goal 0)")
    for fault in faults[:10]:
        print(f"  {fault}")
    sys.exit(0 if max(losses) <= GOAL_LOSS_S and not faults else 1)


if __name__ == "__main__":
    main()

"""The recorder as a process of its own, with virtual cameras: what is sent is what is on the disk, come what may."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import av
import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.keyring import Keyring
from ingest.footage import FootageIndex, Segment
from ingest.footage.mp4_reader import fragments, read_init
from ingest.tap import BlockingTap, subscribe
from simulator.virtual_camera import VirtualCamera, serving

pytestmark = pytest.mark.functional

EVER = (0, 1 << 62)


class Center:
    """A data folder, and a recorder process that works on it."""

    def __init__(
        self, folder: Path, running: Callable[[Path], AbstractContextManager[subprocess.Popen[bytes]]]
    ) -> None:
        self.folder = folder
        self._running = running
        self.run = folder / "run"
        self.run.mkdir(parents=True)
        self.disk = folder / "disks" / "0"
        self.index = FootageIndex(self.disk)
        self.tap = self.run / "recorder-0.tap"

    def assign(self, camera: VirtualCamera, *names: str, fence: int = 1, **more: Any) -> None:
        streams = [
            {
                "recorder": 0,
                "camera_id": f"camera-{name}",
                "camera_code": name,
                "stream": "main",
                "url": camera.url(name),
                "username": None,
                "password": None,
                "fence": fence,
                "disk": str(self.disk),
                **more,
            }
            for name in names
        ]
        temporary = self.run / "assignments.tmp"
        temporary.write_text(json.dumps({"generation": time.monotonic_ns(), "streams": streams}))
        temporary.replace(self.run / "assignments.json")

    def recording(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self._running(self.folder)

    def report(self, name: str) -> dict[str, Any]:
        try:
            streams = json.loads((self.run / "recorder-0.status.json").read_bytes())["streams"]
        except FileNotFoundError:
            return {}
        return next((one for one in streams if one["camera_id"] == f"camera-{name}"), {})

    def until(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    def segments(self, name: str) -> list[Segment]:
        return self.index.segments(f"camera-{name}", "main", *EVER)

    def units_on_disk(self, name: str) -> int:
        return sum(_units(self.disk / segment.path) for segment in self.segments(name))


def _units(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(len(one.samples) for one in fragments(stream, len(read_init(stream))))


def _assert_plays(file: Path, units: int) -> None:
    with av.open(str(file)) as container:
        assert sum(1 for _ in container.decode(video=0)) == units
    if shutil.which("ffprobe"):
        probe = ["ffprobe", "-v", "warning", "-count_packets", "-show_entries", "stream=nb_read_packets"]
        done = subprocess.run([*probe, "-of", "csv=p=0", str(file)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert int(done.stdout.strip().rstrip(",")) == units


@pytest.fixture
def center(tmp_path: Path, running_recorder: Any) -> Center:
    return Center(tmp_path / "data", running_recorder)


@pytest.fixture
def files(shared_data: Path) -> dict[str, Path]:
    video = shared_data / "video"
    return {"cars": video / "intel_car-detection.mp4", "b-frames": video / "intel_bottle-detection.mp4"}


def test_what_was_sent_is_on_the_disk_and_plays(center: Center, files: dict[str, Path]) -> None:
    with serving(files) as camera:
        center.assign(camera, *files)
        with center.recording() as recorder:
            center.until(lambda: len(center.segments("cars")) >= 2)
            report = center.report("cars")
            assert (report["state"], report["cause"]) == ("recording", None)
            assert (report["codec"], report["width"], report["height"]) == ("h264", 768, 432)
            assert center.report("b-frames")["access_units"] > 0
            recorder.send_signal(signal.SIGTERM)
            assert recorder.wait(20) == 0
        for name in files:
            sent = next(counts.access_units for counts in camera.clients if counts.path == name)
            recorded = center.units_on_disk(name)
            # What was sent in the last 100 ms may not have been read when the signal came.
            assert sent - 6 <= recorded <= sent
            assert not center.index.gaps(f"camera-{name}", "main", *EVER)
            for segment in center.segments(name):
                assert segment.complete
                _assert_plays(center.disk / segment.path, _units(center.disk / segment.path))


def test_a_kill_costs_at_most_a_second_and_repair_leaves_a_clean_index(center: Center, files: dict[str, Path]) -> None:
    with serving(files) as camera:
        center.assign(camera, *files)
        with center.recording() as recorder:
            center.until(lambda: len(center.segments("cars")) >= 2)
            recorder.kill()
            killed_us = SYSTEM_CLOCK.now_us()
            recorder.wait()
        with center.recording() as recorder:
            center.until(lambda: center.segments("cars")[-1].start_us > killed_us)
            center.until(lambda: center.segments("b-frames")[-1].start_us > killed_us)
            recorder.send_signal(signal.SIGTERM)
            assert recorder.wait(20) == 0
    for name in files:
        segments = center.segments(name)
        before = [segment for segment in segments if segment.start_us < killed_us]
        assert killed_us - before[-1].end_us < US_PER_S
        assert all(segment.complete for segment in segments)
        assert len({(segment.fence, segment.n) for segment in segments}) == len(segments)
        assert [gap.cause for gap in center.index.gaps(f"camera-{name}", "main", *EVER)] == ["restart"]
        _assert_plays(center.disk / before[-1].path, _units(center.disk / before[-1].path))
    on_disk = {file.relative_to(center.disk).as_posix() for file in center.disk.glob("*/*/*/*/*.mp4")}
    assert on_disk == {segment.path for name in files for segment in center.segments(name)}
    for name in files:
        for segment in center.segments(name):
            assert (center.disk / segment.path).stat().st_size == segment.size_bytes


def test_assignments_are_followed_while_running(center: Center, files: dict[str, Path]) -> None:
    with serving(files) as camera, center.recording():
        center.assign(camera, "cars")
        center.until(lambda: center.report("cars").get("state") == "recording")
        center.assign(camera, *files)
        center.until(lambda: center.report("b-frames").get("state") == "recording")
        center.assign(camera, "cars", fence=2)
        center.until(lambda: not center.report("b-frames"))
        center.until(lambda: {segment.fence for segment in center.segments("cars")} == {1, 2})
        center.assign(camera, "cars", fence=1)  # older than ours: nothing happens
        (center.run / "assignments.json").write_text("torn")
        time.sleep(1.5)
        assert center.report("cars")["state"] == "recording"
        assert [counts.clients for counts in (camera.counts["cars"],)] == [2]


def test_a_sealed_password_is_used_and_a_wrong_one_shows(center: Center, files: dict[str, Path]) -> None:
    ring = Keyring.open(center.folder / "keys")
    with serving(files, user="viewer", password="right") as camera, center.recording():
        center.assign(camera, "cars", username="viewer", password=ring.seal(b"wrong", purpose="credential"))
        center.until(lambda: center.report("cars").get("state") == "auth_failed")
        assert "password" in center.report("cars")["cause"]
        center.assign(camera, "cars", username="viewer", password=ring.seal(b"right", purpose="credential"))
        center.until(lambda: center.report("cars").get("state") == "recording")
        for file in center.run.iterdir():
            if file.is_file():
                assert b"right" not in file.read_bytes()


def test_a_password_sealed_under_a_new_key_interrupts_nothing(center: Center, files: dict[str, Path]) -> None:
    ring = Keyring.open(center.folder / "keys")
    with serving(files, user="viewer", password="right") as camera, center.recording():
        center.assign(camera, "cars", username="viewer", password=ring.seal(b"right", purpose="credential"))
        center.until(lambda: center.report("cars").get("state") == "recording")
        old = ring.current_id
        ring.rotate()
        center.assign(camera, "cars", username="viewer", password=ring.seal(b"right", purpose="credential"))
        time.sleep(2.5)
        ring.retire(old)
        assert camera.counts["cars"].clients == 1
        center.assign(camera, "cars", username="viewer", password=ring.seal(b"wrong", purpose="credential"))
        center.until(lambda: center.report("cars").get("state") == "auth_failed")


@pytest.mark.long
def test_a_camera_that_falls_silent_is_a_gap_with_its_cause(center: Center, files: dict[str, Path]) -> None:
    with serving(files, faults=["cars=hang:2"]) as camera, center.recording() as recorder:
        center.assign(camera, "cars")
        center.until(lambda: center.report("cars").get("state") == "silent")
        assert "5 s" in center.report("cars")["cause"]
        center.until(lambda: len(center.segments("cars")) >= 2)
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait(20) == 0
    gaps = center.index.gaps("camera-cars", "main", *EVER)
    assert gaps[0].cause == "silent"
    assert gaps[0].end_us - gaps[0].start_us > 4 * US_PER_S


async def _from_tap(center: Center, count: int) -> list[Any]:
    events = []
    async for event in subscribe(center.tap, [("camera-cars", "main"), ("camera-b-frames", "main")]):
        events.append(event)
        if len(events) == count:
            break
    return events


def test_the_tap_gives_what_is_recorded_and_a_stuck_subscriber_stops_nothing(
    center: Center, files: dict[str, Path]
) -> None:
    with serving(files) as camera, center.recording() as recorder:
        center.assign(camera, *files)
        center.until(lambda: center.report("cars").get("state") == "recording")
        stuck = iter(BlockingTap(center.tap, [("camera-cars", "main")]))
        assert next(stuck).parameters is not None
        events = asyncio.run(_from_tap(center, 60))
        assert {event.camera_id for event in events if event.parameters} == {"camera-cars", "camera-b-frames"}
        assert next(event.unit for event in events if event.unit).is_keyframe
        before = center.report("cars")["access_units"]
        center.until(lambda: center.report("cars")["access_units"] > before + 10)
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait(20) == 0
        assert sum(1 for _ in stuck) > 0  # what had come, then the end


def test_a_disk_that_cannot_be_written_shows_and_the_tap_goes_on(center: Center, files: dict[str, Path]) -> None:
    with serving(files) as camera, center.recording():
        center.disk.parent.mkdir(parents=True)
        center.disk.write_text("a file where the folder should be")
        center.assign(camera, *files)
        center.until(lambda: center.report("cars").get("access_units", 0) > 10)
        assert center.report("cars")["state"] == "refused"
        assert "folder" in center.report("cars")["cause"]
        assert len(asyncio.run(_from_tap(center, 20))) == 20

"""The sound of cameras, recorded from GStreamer's RTSP server: files of its own beside those of the pictures."""

from __future__ import annotations

import hashlib
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
from ingest.footage.check.disk_check import DiskCheck
from ingest.footage.mp4_reader import fragments, read_init

pytestmark = pytest.mark.functional

EVER = (0, 1 << 62)


class Recording:
    """A recorder process that records one path of a server, with or without its sound."""

    def __init__(
        self, folder: Path, running: Callable[[Path], AbstractContextManager[subprocess.Popen[bytes]]]
    ) -> None:
        self.folder = folder
        self._running = running
        self.disk = folder / "disks" / "0"
        self.index = FootageIndex(self.disk)

    def assign(self, url: str, *, audio: bool, **more: Any) -> None:
        run = self.folder / "run"
        run.mkdir(parents=True, exist_ok=True)
        stream = {
            "recorder": 0,
            "camera_id": "camera",
            "camera_code": "camera",
            "stream": "main",
            "url": url,
            "username": "viewer",
            "password": Keyring.open(self.folder / "keys").seal(b"right", purpose="credential"),
            "fence": 1,
            "disks": [str(self.disk)],
            "audio": audio,
            **more,
        }
        temporary = run / "assignments.tmp"
        temporary.write_text(json.dumps({"generation": time.monotonic_ns(), "streams": [stream]}))
        temporary.replace(run / "assignments.json")

    def running(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self._running(self.folder)

    def report(self) -> dict[str, Any]:
        try:
            (report,) = json.loads((self.folder / "run" / "recorder-0.status.json").read_bytes())["streams"]
        except (FileNotFoundError, ValueError):
            return {}
        return dict(report)

    def segments(self, stream: str) -> list[Segment]:
        return self.index.segments("camera", stream, *EVER)

    def recorded_us(self, stream: str) -> int:
        return sum(end - start for start, end in self.index.coverage("camera", stream, *EVER))

    def gap_causes(self, stream: str) -> list[str]:
        return [gap.cause for gap in self.index.gaps("camera", stream, *EVER)]


def _until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 90  # a shared disk may take half a minute over one sync
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def _end(recorder: subprocess.Popen[bytes]) -> None:
    recorder.send_signal(signal.SIGTERM)
    assert recorder.wait(20) == 0


def _assert_plays(disk: Path, segment: Segment, codec: str, sample_rate: int) -> None:
    """Any player reads the file, and it holds what the index says."""
    file = disk / segment.path
    with av.open(str(file)) as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.rate) == (codec, sample_rate)
        samples = sum(frame.samples for frame in container.decode(stream))
    assert samples / sample_rate == pytest.approx(segment.media_duration_90k / 90_000, abs=0.1)
    with file.open("rb") as opened:
        data = b"".join(unit.data for one in fragments(opened, len(read_init(opened))) for unit in one.samples)
    assert hashlib.sha256(data).digest() == segment.sha256
    assert file.stat().st_size == segment.size_bytes
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "warning", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert (done.stdout.strip(), done.stderr) == (codec, "")


@pytest.fixture
def recording(tmp_path: Path, running_recorder: Any) -> Recording:
    return Recording(tmp_path / "data", running_recorder)


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "codec", "decoder", "sample_rate"),
    [
        ("aac", "aac", "aac", 16_000),
        ("latm", "aac", "aac", 16_000),
        ("pcma", "pcma", "pcm_alaw", 8_000),
        ("pcmu", "pcmu", "pcm_mulaw", 8_000),
    ],
)
def test_sound_is_recorded_beside_the_pictures(
    recording: Recording, gstreamer_serving: Any, path: str, codec: str, decoder: str, sample_rate: int
) -> None:
    with recording.running() as recorder:
        with gstreamer_serving() as server:
            recording.assign(server.url(path), audio=True)
            _until(lambda: len(recording.segments("audio")) >= 2, "two segments of sound")
            report = recording.report()["audio"]
            assert (report["codec"], report["sample_rate"], report["channels"]) == (codec, sample_rate, 1)
            assert (report["cause"], report["losses"]) == (None, 0)
            port = server.port
        _until(lambda: recording.report()["state"] == "unreachable", "the fault")
        with gstreamer_serving("--port", str(port)):
            came_back_us = SYSTEM_CLOCK.now_us()
            _until(lambda: recording.segments("audio")[-1].start_us > came_back_us, "sound after the restart")
            _until(lambda: recording.segments("main")[-1].start_us > came_back_us, "pictures after the restart")
            _end(recorder)
    for stream in ("main", "audio"):
        assert recording.gap_causes(stream) == ["unreachable"]
    assert abs(recording.recorded_us("audio") - recording.recorded_us("main")) < US_PER_S
    for segment in recording.segments("audio"):
        assert segment.complete
        assert segment.duration_us < 5 * US_PER_S
        row = recording.index.codec(segment.codec_id)
        assert (row.codec, row.width, row.height) == (codec, 0, 0)
        _assert_plays(recording.disk, segment, decoder, sample_rate)
    on_disk = {file.relative_to(recording.disk).as_posix() for file in recording.disk.glob("camera/audio/*/*/*.mp4")}
    assert on_disk == {segment.path for segment in recording.segments("audio")}


@pytest.mark.long
def test_a_track_that_falls_silent_is_a_gap_and_no_fault(recording: Recording, gstreamer_serving: Any) -> None:
    with gstreamer_serving() as server, recording.running() as recorder:
        recording.assign(server.url("ends"), audio=True)
        _until(lambda: (recording.report().get("audio") or {}).get("cause"), "silence")
        report = recording.report()
        assert report["audio"]["cause"] == "the camera sends no sound."
        assert report["audio"]["codec"] == "pcma"
        assert (report["state"], report["cause"]) == ("recording", None)
        _until(lambda: recording.gap_causes("audio"), "the gap")
        _end(recorder)
    assert recording.gap_causes("audio") == ["silent"]
    assert recording.gap_causes("main") == []
    assert recording.segments("audio")[-1].complete


def test_without_leave_no_sound_is_asked_for_nor_written(
    recording: Recording, gstreamer_serving: Any, tmp_path: Path
) -> None:
    setups = tmp_path / "setups"
    with gstreamer_serving("--setups", str(setups)) as server, recording.running() as recorder:
        recording.assign(server.url("aac"), audio=False)
        _until(lambda: recording.segments("main"), "pictures")
        assert recording.report()["audio"] is None
        _end(recorder)
    assert set(setups.read_text().splitlines()) == {"/aac/stream=0"}
    assert [one.name for one in (recording.disk / "camera").iterdir()] == ["main"]
    for segment in recording.segments("main"):
        with av.open(str(recording.disk / segment.path)) as container:
            assert [stream.type for stream in container.streams] == ["video"]
    assert [stream for _, stream, *_ in recording.index.streams()] == ["main"]


def test_sound_ends_with_the_purpose_that_allowed_it(
    recording: Recording, gstreamer_serving: Any, tmp_path: Path
) -> None:
    setups = tmp_path / "setups"
    with gstreamer_serving("--setups", str(setups)) as server, recording.running() as recorder:
        recording.assign(server.url("pcmu"), audio=True)
        _until(lambda: recording.segments("audio"), "sound")
        asked = setups.read_text()
        recording.assign(server.url("pcmu"), audio=False)
        _until(lambda: recording.report().get("audio", "") is None, "the end of the sound")
        taken_back_us = SYSTEM_CLOCK.now_us()
        _until(lambda: recording.segments("main")[-1].end_us > taken_back_us, "pictures afterwards")
        _end(recorder)
    assert set(setups.read_text()[len(asked) :].splitlines()) == {"/pcmu/stream=0"}
    assert recording.segments("audio")[-1].end_us <= taken_back_us
    assert recording.segments("audio")[-1].complete


def test_the_sub_stream_brings_no_sound(recording: Recording, gstreamer_serving: Any, tmp_path: Path) -> None:
    setups = tmp_path / "setups"
    with gstreamer_serving("--setups", str(setups)) as server, recording.running() as recorder:
        recording.assign(server.url("pcma"), audio=True, stream="sub")
        _until(lambda: recording.segments("sub"), "pictures")
        _end(recorder)
    assert set(setups.read_text().splitlines()) == {"/pcma/stream=0"}


def test_sound_in_a_codec_that_is_not_recorded_is_named(
    recording: Recording, gstreamer_serving: Any, tmp_path: Path
) -> None:
    setups = tmp_path / "setups"
    with gstreamer_serving("--setups", str(setups)) as server, recording.running() as recorder:
        recording.assign(server.url("opus"), audio=True)
        _until(lambda: recording.segments("main"), "pictures")
        report = recording.report()
        assert (report["state"], report["cause"]) == ("recording", None)
        assert report["audio"]["codec"] is None
        assert "not recorded: OPUS" in report["audio"]["cause"]
        _end(recorder)
    assert set(setups.read_text().splitlines()) == {"/opus/stream=0"}
    assert recording.gap_causes("audio") == []


def test_a_kill_leaves_sound_that_repair_understands(recording: Recording, gstreamer_serving: Any) -> None:
    with gstreamer_serving() as server:
        recording.assign(server.url("aac"), audio=True)
        with recording.running() as recorder:
            _until(lambda: recording.segments("audio"), "sound")
            time.sleep(1)
            recorder.kill()
            killed_us = SYSTEM_CLOCK.now_us()
            recorder.wait()
        with recording.running() as recorder:
            _until(lambda: recording.segments("audio")[-1].start_us > killed_us, "sound after the kill")
            _end(recorder)
    before = [segment for segment in recording.segments("audio") if segment.start_us < killed_us]
    assert killed_us - before[-1].end_us < US_PER_S
    assert recording.gap_causes("audio") == ["restart"]
    for segment in recording.segments("audio"):
        assert segment.complete
        _assert_plays(recording.disk, segment, "aac", 16_000)
    report = DiskCheck(recording.disk, recording.folder / "run", deep=True).look()
    assert (report.findings, report.unexplained) == ([], 0)

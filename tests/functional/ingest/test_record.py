"""`vedette record` as people call it: addresses in, files out, and a true account of both."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from ingest.footage.mp4_reader import fragments, read_init
from simulator.virtual_camera import VirtualCamera, serving

pytestmark = pytest.mark.functional

KEYS = {"url", "duration_s", "access_units", "bytes", "fragments", "gaps"}


class Recording:
    def __init__(self, folder: Path, work: Path, urls: list[str], *more: str, duration: float = 4) -> None:
        self.out = folder / "out"
        self.work = work
        sources = folder / "sources.txt"
        sources.write_text("# the yard\n\n" + "".join(f"{url}\n" for url in urls))
        command = ["record", "--sources", str(sources), "--out", str(self.out), "--duration", str(duration), *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "control_center.cli", *command],
            env={**os.environ, "TMPDIR": str(work)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def result(self) -> tuple[int, dict[str, Any], str]:
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, json.loads(out), err

    def files(self, stream: dict[str, Any]) -> list[Path]:
        return sorted((self.out / stream["folder"]).rglob("*.mp4"))


def _assert_true(recording: Recording, stream: dict[str, Any]) -> None:
    """What the command tells is what the files hold, and each of them plays."""
    assert stream.keys() >= KEYS
    units = bytes_ = count = 0
    for file in recording.files(stream):
        with file.open("rb") as opened:
            found = list(fragments(opened, len(read_init(opened))))
        units += sum(len(one.samples) for one in found)
        bytes_ += file.stat().st_size
        count += len(found)
        _assert_plays(file, sum(len(one.samples) for one in found))
    assert (stream["access_units"], stream["bytes"], stream["fragments"]) == (units, bytes_, count)


def _assert_plays(file: Path, units: int) -> None:
    with av.open(str(file)) as container:
        assert sum(1 for _ in container.decode(video=0)) == units
    if shutil.which("ffprobe"):
        probe = ["ffprobe", "-v", "warning", "-count_packets", "-show_entries", "stream=nb_read_packets"]
        done = subprocess.run([*probe, "-of", "csv=p=0", str(file)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert int(done.stdout.strip().rstrip(",")) == units


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    with tempfile.TemporaryDirectory(prefix="v-") as work:  # pytest's own is too long for a Unix socket
        yield partial(Recording, tmp_path, Path(work))


@pytest.fixture
def files(shared_data: Path) -> dict[str, Path]:
    video = shared_data / "video"
    return {"cars": video / "intel_car-detection.mp4", "b-frames": video / "intel_bottle-detection.mp4"}


def _until(camera: VirtualCamera, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {camera.counts}"
        time.sleep(0.05)


def test_everything_that_was_sent_is_told_and_plays(record: Callable[..., Recording], files: dict[str, Path]) -> None:
    with serving(files) as camera:
        recording = record([camera.url("cars"), camera.url("b-frames")], "--json", "--processes", "2")
        code, result, errors = recording.result()
        sent = camera.counts
    assert errors == ""
    assert code == 0
    assert [one["url"] for one in result["streams"]] == [camera.url("cars"), camera.url("b-frames")]
    for stream, name in zip(result["streams"], files, strict=True):
        assert stream["gaps"] == 0
        assert stream["duration_s"] >= 4
        # What was on the way when the recorder closed the connection counts as sent, and less than a poll brings.
        assert 0 <= sent[name].access_units - stream["access_units"] <= 10
        _assert_true(recording, stream)
    assert 0 < result["cpu_s"] < 60
    assert result["peak_pss_bytes"] > 1 << 20
    assert len(list(recording.out.glob("disks/*/footage.sqlite3"))) == 2
    assert not list(recording.work.iterdir()), "keys and sockets go with the recording"


def test_each_address_that_fails_is_named(
    tmp_path: Path, record: Callable[..., Recording], files: dict[str, Path]
) -> None:
    with serving(files, user="viewer", password="right", faults=["b-frames=mute"]) as camera:
        credentials = tmp_path / "credentials"
        credentials.write_text("machine 127.0.0.1 login viewer password right\n")
        credentials.chmod(0o600)
        urls = [camera.url("cars"), camera.url("b-frames"), camera.url("none"), "rtsp://127.0.0.1:1/main"]
        recording = record(urls, "--json", "--credentials", str(credentials))
        code, result, errors = recording.result()
    good, mute, missing, dead = result["streams"]
    assert code == 1
    assert good["error"] is None
    _assert_true(recording, good)
    assert "sent no video" in mute["error"]
    assert "404" in missing["error"]
    assert "cannot connect" in dead["error"]
    assert [line.partition(": ")[0] for line in errors.splitlines()] == urls[1:]
    assert "right" not in errors
    assert (mute["access_units"], mute["fragments"], mute["bytes"], mute["duration_s"]) == (0, 0, 0, 0)


def test_a_wrong_password_is_named_and_not_shown(
    tmp_path: Path, record: Callable[..., Recording], files: dict[str, Path]
) -> None:
    with serving(files, user="viewer", password="right") as camera:
        credentials = tmp_path / "credentials"
        credentials.write_text("default login viewer password mistaken\n")
        credentials.chmod(0o600)
        recording = record([camera.url("cars")], "--json", "--credentials", str(credentials), duration=1)
        code, result, errors = recording.result()
    assert code == 1
    assert "refuses the user name or password" in result["streams"][0]["error"]
    assert "mistaken" not in errors + json.dumps(result)


def test_an_interrupt_ends_it_with_what_was_recorded(record: Callable[..., Recording], files: dict[str, Path]) -> None:
    with serving(files) as camera:
        recording = record([camera.url("cars")], "--json", duration=3600)
        _until(camera, lambda: camera.counts["cars"].access_units > 50)
        recording.process.send_signal(signal.SIGINT)
        code, result, errors = recording.result()
    assert errors == ""
    assert code == 0
    assert result["streams"][0]["access_units"] > 25
    _assert_true(recording, result["streams"][0])


def test_the_recorders_do_not_outlive_the_command(record: Callable[..., Recording], files: dict[str, Path]) -> None:
    with serving(files) as camera:
        recording = record([camera.url("cars")], "--json", duration=3600)
        _until(camera, lambda: camera.counts["cars"].playing == 1)
        recording.process.kill()
        recording.process.communicate()
        _until(camera, lambda: camera.counts["cars"].playing == 0)


def test_a_table_for_people(record: Callable[..., Recording], files: dict[str, Path]) -> None:
    with serving(files) as camera:
        recording = record([camera.url("cars"), "rtsp://127.0.0.1:1/main"], duration=2)
        out, errors = recording.process.communicate(timeout=120)
    assert recording.process.returncode == 1
    assert camera.url("cars") in out
    assert "disks/0/0002" in out
    assert "rtsp://127.0.0.1:1/main: 127.0.0.1:1: cannot connect" in errors


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, record: Callable[..., Recording]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "holiday.mp4").touch()
    recording = record(["rtsp://127.0.0.1:1/main"], "--json")
    _, errors = recording.process.communicate(timeout=120)
    assert recording.process.returncode == 2
    assert "Name a new or empty folder" in errors


def test_a_password_in_an_address_is_refused(record: Callable[..., Recording]) -> None:
    recording = record(["rtsp://viewer:hush@127.0.0.1:1/main"], "--json")
    _, errors = recording.process.communicate(timeout=120)
    assert recording.process.returncode == 2
    assert "sources.txt, line 3" in errors
    assert "hush" not in errors
    assert not recording.out.exists()


@pytest.mark.parametrize(("path", "wanted"), [("h264", "h264"), ("b-frames", "h264"), ("h265", "hevc")])
def test_gstreamers_server(
    tmp_path: Path, record: Callable[..., Recording], gstreamer_serving: Any, path: str, wanted: str
) -> None:
    """A server that is not ours, with digest; its films are short and begin anew, which is a gap."""
    credentials = tmp_path / "credentials"
    credentials.write_text("machine 127.0.0.1 login viewer password right\n")
    credentials.chmod(0o600)
    with gstreamer_serving() as server:
        recording = record([server.url(path)], "--json", "--credentials", str(credentials), duration=3)
        _, result, _ = recording.result()
    (stream,) = result["streams"]
    assert stream["access_units"] > 20
    _assert_true(recording, stream)
    for file in recording.files(stream):
        with av.open(str(file)) as container:
            assert container.streams.video[0].codec_context.name == wanted

"""Footage disks of a size of their own, that fill up and that cannot be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.long]

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"file systems cannot be mounted here: {done.stderr.strip()}")


def _fill(disk: Path) -> Path:
    """A file that takes all the space there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(MIB // 16)):
                pass
        except OSError:
            return ballast


def test_a_full_disk_is_a_gap_and_the_other_disk_goes_on(recording, clip: Path, small_disk: Path) -> None:
    footage = small_disk / "footage"
    with serving({"small": clip, "large": clip}) as camera:
        recording.assign("small", camera.url("small"), footage)
        recording.assign("large", camera.url("large"))
        recording.start()
        recording.until(lambda: recording.segments("small", footage), "footage on the small disk")
        ballast = _fill(small_disk)
        assert "no space is left" in recording.await_state("small", "refused")["cause"]
        recording.until(lambda: recording.report("small")["access_units"] > 150, "the camera to go on sending")
        assert recording.state("large") == "recording"
        ballast.unlink()
        recording.await_state("small", "recording")
        seen = len(recording.segments("small", footage))
        recording.until(lambda: len(recording.segments("small", footage)) > seen, "footage after the fault")
        recording.stop()
        sent = camera.counts["large"].access_units
        assert sent - 25 <= recording.units_on_disk("large") <= sent
    assert set(recording.gap_causes("small", footage)) == {"disk_full"}  # again, where it filled while it was mended
    assert recording.gap_causes("large") == {}
    for disk in (footage, recording.disk):
        recording.assert_index_is_true(disk)


@pytest.mark.full
def test_old_footage_makes_room_before_the_disk_is_full(recording, clip: Path, small_disk: Path) -> None:
    footage = small_disk / "footage"
    with serving({"small": clip}) as camera:
        recording.assign("small", camera.url("small"), footage)
        recording.start(min_free_bytes=15 * MIB, segment_s=2)
        recording.until(lambda: recording.segments("small", footage), "footage on the small disk")
        first = recording.segments("small", footage)[0]
        recording.until(lambda: not (footage / first.path).exists(), "the oldest footage to go")
        assert recording.state("small") == "recording"
        recording.stop()
    assert recording.gap_causes("small", footage) == {}
    recording.assert_index_is_true(footage)


@pytest.mark.full
def test_a_disk_that_may_only_be_read_shows_and_is_taken_when_mended(recording, clip: Path, small_disk: Path) -> None:
    footage = small_disk / "footage"
    with serving({"small": clip, "large": clip}) as camera:
        recording.assign("small", camera.url("small"), footage)
        recording.assign("large", camera.url("large"))
        recording.start()
        recording.until(lambda: recording.segments("small", footage), "footage on the small disk")
        recording.stop()
        _mount("-o", "remount,ro", str(small_disk))
        recording.start()
        assert "read-only" in recording.await_state("small", "refused")["cause"].lower()
        recording.await_state("large", "recording")
        _mount("-o", "remount,rw", str(small_disk))
        recording.await_state("small", "recording")
        seen = len(recording.segments("small", footage))
        recording.until(lambda: len(recording.segments("small", footage)) > seen, "footage after the fault")
        recording.stop()
    assert set(recording.gap_causes("small", footage)) <= {"restart", "disk_unavailable"}
    assert recording.gap_causes("large") == {"restart": 1}
    for disk in (footage, recording.disk):
        recording.assert_index_is_true(disk)

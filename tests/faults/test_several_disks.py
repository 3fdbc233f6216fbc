"""Several footage disks, one of which fails under the recorder: recording goes on, on another, and comes back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundation.clock import US_PER_S
from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full]

CAMERAS = ["gate", "yard", "hall"]
GROUP_UNITS = 25  # the clip has a keyframe each second
LAST_POLL_UNITS = 10  # sent since the last poll of the stream, when recording stops


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"file systems cannot be mounted here: {done.stderr.strip()}")


class Mounted:
    """A file system of 64 MiB in a file, which keeps what is on it while it is not mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mounted"
        self._image = folder / "image"
        self._ballast = self.folder / "ballast"
        with self._image.open("wb") as file:
            file.truncate(64 << 20)
        if shutil.which("mkfs.ext4") is None:
            pytest.skip("there is no mkfs.ext4")
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", str(self._image))
        self.folder.mkdir()
        self.mount()

    @property
    def disk(self) -> Path:
        return self.folder / "footage"

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.folder))

    def unmount(self) -> None:
        _run("umount", "--lazy", str(self.folder))

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        self._ballast.unlink()

    def forbid(self) -> None:
        _run("mount", "-o", "remount,ro", str(self.folder))

    def allow(self) -> None:
        _run("mount", "-o", "remount,rw", str(self.folder))


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Mounted]:
    made = Mounted(tmp_path)
    yield made
    subprocess.run(["umount", "--lazy", str(made.folder)], check=False)


def _fills(mounted: Mounted) -> tuple[Callable[[], None], Callable[[], None]]:
    return mounted.fill, mounted.empty


def _vanishes(mounted: Mounted) -> tuple[Callable[[], None], Callable[[], None]]:
    return mounted.unmount, mounted.mount


@pytest.mark.parametrize(("trouble", "cause"), [(_fills, "disk_full"), (_vanishes, "disk_unavailable")])
def test_a_disk_that_fails_is_left_for_another_and_taken_again(
    recording, clip: Path, mounted: Mounted, trouble: Callable, cause: str
) -> None:
    strike, mend = trouble(mounted)
    first, second = mounted.disk, recording.disk
    with serving(dict.fromkeys(CAMERAS, clip)) as camera:
        for name in CAMERAS:
            recording.assign(name, camera.url(name), first, second)
        recording.start()
        for name in CAMERAS:
            recording.until(lambda name=name: recording.segments(name, first), "footage on the preferred disk")
            assert not recording.segments(name, second)
        strike()
        for name in CAMERAS:
            recording.until(lambda name=name: recording.segments(name, second), "footage on the other disk")
            assert recording.state(name) == "recording"
        assert recording.disk_report(first)["cause"]
        assert recording.disk_report(second)["cause"] is None
        if cause == "disk_unavailable":
            assert list(mounted.folder.iterdir()) == []
        mend()
        seen = {name: len(recording.segments(name, first)) for name in CAMERAS}
        recording.until(lambda: recording.disk_report(first)["cause"] is None, "the disk to be well")
        for name in CAMERAS:
            recording.until(lambda name=name: len(recording.segments(name, first)) > seen[name], "it to be taken again")
        recording.stop()
        for name in CAMERAS:
            sent = camera.counts[name].access_units
            kept = recording.units_on_disk(name, first) + recording.units_on_disk(name, second)
            # What followed the fault, what followed the return, and what came after the last poll.
            assert sent - 2 * GROUP_UNITS - LAST_POLL_UNITS <= kept <= sent, name
            assert camera.counts[name].clients == 1  # nothing was asked of the camera
            gaps = [gap for disk in (first, second) for gap in recording.gaps(name, disk)]
            assert {gap.cause for gap in gaps} <= {cause}
            assert sum(gap.end_us - gap.start_us for gap in gaps) <= 1.5 * US_PER_S
    for disk in (first, second):
        recording.assert_index_is_true(disk)


def test_a_disk_that_may_only_be_read_is_left_for_another(recording, clip: Path, mounted: Mounted) -> None:
    first, second = mounted.disk, recording.disk
    with serving({"gate": clip}) as camera:
        recording.assign("gate", camera.url("gate"), first, second)
        mounted.disk.mkdir()
        mounted.forbid()
        recording.start()
        recording.until(lambda: recording.segments("gate", second), "footage on the other disk")
        assert "read-only" in recording.disk_report(first)["cause"]
        mounted.allow()
        recording.until(lambda: recording.segments("gate", first), "footage on the preferred disk")
        recording.stop()
        assert camera.counts["gate"].clients == 1
    assert recording.gap_causes("gate", first) + recording.gap_causes("gate", second) == {}
    for disk in (first, second):
        recording.assert_index_is_true(disk)


def test_another_disk_and_another_retention_interrupt_nothing(recording, clip: Path) -> None:
    first, second = recording.disk, recording.folder / "disks" / "1"
    with serving({"gate": clip}) as camera:
        recording.assign("gate", camera.url("gate"), first)
        recording.start(segment_s=2)
        recording.until(lambda: recording.segments("gate", first), "footage")
        recording.assign("gate", camera.url("gate"), second, first, retention_days=0.5, retention_bytes=1 << 40)
        recording.until(lambda: recording.segments("gate", second), "footage on the disk that is now preferred")
        recording.until(lambda: recording.report("gate")["disk"] == str(second), "the report to say so")
        recording.stop()
        sent = camera.counts["gate"]
        assert sent.clients == 1
        kept = recording.units_on_disk("gate", first) + recording.units_on_disk("gate", second)
        assert sent.access_units - GROUP_UNITS <= kept <= sent.access_units
    assert recording.gap_causes("gate", first) + recording.gap_causes("gate", second) == {}
    for disk in (first, second):
        recording.assert_index_is_true(disk)


def test_a_disk_that_others_filled_to_the_last_byte_is_purged(recording, clip: Path, mounted: Mounted) -> None:
    with serving({"gate": clip}) as camera:
        recording.assign("gate", camera.url("gate"), mounted.disk)
        recording.start(segment_s=2, min_free_bytes=4 << 20)
        recording.until(lambda: len(recording.segments("gate", mounted.disk)) > 12, "some footage")
        first = recording.segments("gate", mounted.disk)[0]
        mounted.fill()
        recording.until(lambda: not (mounted.disk / first.path).exists(), "room to be made")
        recording.until(lambda: recording.segments("gate", mounted.disk), "footage again")  # all of it may have gone
        last = recording.segments("gate", mounted.disk)[-1]
        recording.until(lambda: recording.segments("gate", mounted.disk)[-1].n > last.n + 1, "footage to go on")
        recording.stop()
    assert set(recording.gap_causes("gate", mounted.disk)) <= {"disk_full"}
    recording.assert_index_is_true(mounted.disk)

"""A camera that misbehaves: what the recorder says of it, what the footage says of it, and that nobody else suffers.

Each camera records well, then comes back with a fault, then comes back well: three servers on one port, one after
another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from simulator.virtual_camera import VirtualCamera, serving

pytestmark = [pytest.mark.functional, pytest.mark.long]

RATE = 25
TAIL = RATE  # units sent in the last second may not have been read when the recorder was told to end


@dataclass(frozen=True)
class Case:
    """What a fault must look like; the text of the fault is None for a camera that is gone."""

    fault: str | None
    state: str
    cause: str | None  # a pattern for what people are told
    gap: str


CASES = {
    "mute": Case("mute", "silent", "no video for 5 s", "silent"),
    "hang": Case("hang:2", "silent", "no video for 5 s", "silent"),
    "drop": Case("drop:0.02", "recording", None, "packet_loss"),
    # A clock that jumps is no fault of the stream: time is taken from this host.
    "clock-forward": Case("clock-step:3600@2", "recording", None, "unreachable"),
    "clock-back": Case("clock-step:-3600@2", "recording", None, "unreachable"),
    "refuse-password": Case("refuse-password", "auth_failed", "password", "refused"),
    "redirect": Case("redirect:rtsp://127.0.0.2/elsewhere", "refused", "another host", "refused"),
    "gone": Case(None, "unreachable", "connection refused", "unreachable"),
}


class Cameras:
    """One virtual camera on a port that stays, served anew with another fault at each `turn`."""

    def __init__(self, clip: Path, name: str) -> None:
        self._clip = clip
        self._name = name
        self._port = 0
        self._stack = ExitStack()
        self.served: list[VirtualCamera] = []

    def turn(self, fault: str | None = None, *, gone: bool = False) -> None:
        self._stack.close()
        if gone:
            return
        faults = [fault] if fault else []
        camera = serving({self._name: self._clip}, port=self._port, user="viewer", password="", faults=faults)
        self.served.append(self._stack.enter_context(camera))
        self._port = self.served[-1].port

    def close(self) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        return self.served[-1].url(self._name)

    @property
    def sent(self) -> int:
        return sum(counts.access_units for camera in self.served for counts in camera.counts.values())


def _lived_through(recording, clip: Path, names: Sequence[str]) -> None:
    """Every camera named through its fault and back, all at once, beside one that is well."""
    began_us = SYSTEM_CLOCK.now_us()
    with ExitStack() as closing:
        cameras = {name: Cameras(clip, name) for name in ("well", *names)}
        for name, camera in cameras.items():
            closing.callback(camera.close)
            camera.turn()
            recording.assign(name, camera.url)
        recording.start()
        for name in cameras:
            recording.await_state(name, "recording")
            recording.until(lambda name=name: recording.segments(name), f"footage of {name}")
        for name in names:
            cameras[name].turn(CASES[name].fault, gone=name == "gone")
        for name in names:
            _assert_shown(recording, cameras[name], name, CASES[name])
        for name in names:
            cameras[name].turn()
        for name in names:
            _assert_resumes(recording, name)
        assert recording.report("well")["losses"] == 0
        recording.stop()
        _assert_unharmed(recording, cameras["well"])
        for name in names:
            assert recording.gap_causes(name)[CASES[name].gap] >= 1, (name, recording.gap_causes(name))
            assert recording.units_on_disk(name) <= cameras[name].sent
            _assert_times_hold(recording, name, began_us)
    recording.assert_index_is_true(recording.disk)


def _assert_shown(recording, camera: Cameras, name: str, case: Case) -> None:
    if case.state == "recording":
        now = camera.served[-1]
        recording.until(lambda: now.counts[name].access_units > 4 * RATE, f"{name} to send past its fault")
    if case.gap == "packet_loss":
        recording.until(lambda: recording.report(name).get("losses"), f"losses of {name}")
    recording.await_state(name, case.state)
    if case.cause is not None:  # a connection that broke says so first, and why with the next try
        recording.until(lambda: re.search(case.cause, recording.report(name)["cause"] or ""), f"the cause at {name}")


def _assert_resumes(recording, name: str) -> None:
    units = recording.report(name)["access_units"]
    recording.await_state(name, "recording")
    recording.until(lambda: recording.report(name)["access_units"] > units + 10, f"{name} to go on")


def _assert_times_hold(recording, name: str, began_us: int) -> None:
    """All footage lies in the time of this test, one segment after the other."""
    segments = recording.segments(name)
    assert began_us < segments[0].start_us
    assert segments[-1].end_us < SYSTEM_CLOCK.now_us() + US_PER_S
    # How long the last unit before a fault was meant to last is a guess.
    assert all(before.end_us - US_PER_S // RATE <= after.start_us for before, after in pairwise(segments)), name


def _assert_unharmed(recording, well: Cameras) -> None:
    assert recording.gap_causes("well") == {}
    assert well.sent - TAIL <= recording.units_on_disk("well") <= well.sent


def test_a_camera_that_falls_mute_or_goes_away(recording, clip: Path) -> None:
    _lived_through(recording, clip, ["mute", "gone", "drop"])


@pytest.mark.full
def test_every_fault_at_once(recording, clip: Path) -> None:
    _lived_through(recording, clip, list(CASES))


@pytest.mark.full
@pytest.mark.parametrize("name", CASES)
def test_each_fault_alone(recording, clip: Path, name: str) -> None:
    _lived_through(recording, clip, [name])

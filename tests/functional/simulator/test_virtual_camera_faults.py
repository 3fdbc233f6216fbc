"""Each way to misbehave, as a client sees it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.virtual_camera import serving

pytestmark = pytest.mark.functional

Connect = Callable[[str], Any]


def test_a_mute_camera_answers_and_sends_nothing(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars, "yard": cars}, faults=["gate=mute"]) as camera:
        mute, other = connect(camera.url("gate")), connect(camera.url("yard"))
        assert mute.play().status == 200
        assert other.play().status == 200
        assert other.access_unit()
        assert mute.nothing_comes_for(0.3)
        assert mute.ask("GET_PARAMETER", Session=mute.session).status == 200


def test_a_hanging_camera_keeps_the_connection_and_answers_no_more(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}, faults=["hang:0.3"], session_timeout_s=0.4) as camera:
        client = connect(camera.url("gate"))
        client.play()
        assert client.access_unit()
        client.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            list(client.rtp())
        with pytest.raises(TimeoutError):
            client.ask("GET_PARAMETER", Session=client.session)
        # The next connection hangs only in its turn.
        again = connect(camera.url("gate"))
        again.play()
        assert again.access_unit()


def test_a_lossy_camera_loses_the_same_packets_each_time(cars: Path, connect: Connect) -> None:
    def lost() -> list[int]:
        with serving({"gate": cars}, faults=["drop:0.2"]) as camera:
            client = connect(camera.url("gate"))
            info = dict(part.split("=", 1) for part in client.play().headers["rtp-info"].split(";"))
            packets = [packet for packet, _ in zip(client.rtp(), range(50), strict=False)]
            came = {(packet.sequence - int(info["seq"])) & 0xFFFF for packet in packets}
            assert camera.counts["gate"].damaged > 0
        return [number for number in range(50) if number not in came]

    first = lost()
    assert 4 <= len(first) <= 40
    assert lost() == first


@pytest.mark.parametrize("step_s", [-7.5, 3600])
def test_a_stepped_clock_moves_rtp_and_ntp_time_alike(cars: Path, connect: Connect, step_s: float) -> None:
    with serving({"gate": cars}, faults=[f"clock-step:{step_s}@0.5"]) as camera:
        client = connect(camera.url("gate"))
        client.play()
        ntp_before, first = _ntp(client.packet().data), client.access_unit()[0]
        jumps = []
        last = first
        for _ in range(25):
            packet = client.access_unit()[0]
            jumps.append(_signed(packet.timestamp - last.timestamp))
            last = packet
        stepped = [jump for jump in jumps if abs(jump) > 90_000]
        assert len(stepped) == 1
        assert stepped[0] / 90_000 == pytest.approx(step_s, abs=0.5)
        other = connect(camera.url("gate"))
        other.play()
        report = other.packet()
        assert report.channel == 1
        assert _ntp(report.data) - ntp_before == pytest.approx(step_s + 1.2, abs=30)


def test_a_camera_that_refuses_passwords_does_so_without_having_one(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}, faults=["refuse-password"]) as camera:
        refused = connect(camera.url("gate")).ask("DESCRIBE")
        assert (refused.status, len(refused.challenges)) == (401, 2)


def test_a_redirecting_camera_names_the_other_place(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}, faults=["redirect:rtsp://192.0.2.1/other"]) as camera:
        answer = connect(camera.url("gate")).ask("DESCRIBE")
        assert (answer.status, answer.headers["location"]) == (302, "rtsp://192.0.2.1/other")


def _ntp(report: bytes) -> float:
    seconds, fraction = struct.unpack(">II", report[8:16])
    return seconds + fraction / (1 << 32)


def _signed(difference: int) -> int:
    return (difference + (1 << 31)) % (1 << 32) - (1 << 31)

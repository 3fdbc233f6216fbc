"""Clocks, zones and time servers of many devices, set and read back."""

from __future__ import annotations

import socket
from dataclasses import replace
from functools import partial

import pytest

from device_registry.onvif.clock import DeviceClock

pytestmark = pytest.mark.functional

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"
WANTED = {"ntp": ("ntp.example", "192.0.2.1"), "ntp_from_dhcp": False, "set_by": "NTP", "zone": CENTRAL_EUROPE}


def clocks(connected, _target):
    return [(DeviceClock(connected), WANTED)]


@pytest.fixture
def run(run):
    return partial(run, once_a_device=True)


def test_a_device_is_read(device, at) -> None:
    assert DeviceClock(at(device())).read() == {
        "ntp": ("192.0.2.123",),
        "ntp_from_dhcp": False,
        "set_by": "NTP",
        "zone": "CST-8",
    }


def test_what_differs_is_set_read_back_and_audited(device, target, run, audited) -> None:
    ours = device("skew:-3600")
    (outcome,) = run().over([target(ours)], clocks)
    assert outcome.configured.result == "changed"
    assert ours.state.ntp == [("DNS", "ntp.example"), ("IPv4", "192.0.2.1")]
    assert (ours.state.zone, ours.state.summer) == (CENTRAL_EUROPE, True)
    (entry,) = audited()
    assert entry.subject == outcome.target.camera_id
    assert entry.detail["changed"]["clock"] == {
        "ntp": {"from": ["192.0.2.123"], "to": ["ntp.example", "192.0.2.1"]},
        "zone": {"from": "CST-8", "to": CENTRAL_EUROPE},
    }


def test_a_second_run_leaves_it_as_it_is(device, target, run, audited) -> None:
    ours = device()
    list(run().over([target(ours)], clocks))
    ours.asked.clear()
    assert [outcome.configured.result for outcome in run().over([target(ours)], clocks)] == ["as_it_was"]
    assert not [name for name in ours.asked if name.startswith("Set")]
    assert len(audited()) == 1


def test_a_dry_run_changes_nothing(device, target, run, audited) -> None:
    ours = device()
    (outcome,) = run(dry_run=True).over([target(ours)], clocks)
    assert outcome.configured.result == "would_change"
    assert outcome.configured.changes["clock"]["zone"] == ("CST-8", CENTRAL_EUROPE)
    assert not [name for name in ours.asked if name.startswith("Set")]
    assert audited() == []


def test_what_does_not_stay_is_told_and_given_back(device, target, run, audited) -> None:
    (outcome,) = run().over([target(device("forgetful"))], clocks)
    assert outcome.configured.result == "rolled_back"
    assert "ntp is 192.0.2.123 and not ntp.example, 192.0.2.1" in outcome.configured.what[0]
    assert audited()[0].detail["result"] == "rolled_back"


def test_a_device_that_refuses_half_gets_back_what_it_had(device, target, run) -> None:
    ours = device("refuses:SetSystemDateAndTime")
    (outcome,) = run().over([target(ours)], clocks)
    assert outcome.configured.result == "rolled_back"
    assert "SetSystemDateAndTime is not possible now" in outcome.configured.what[0]
    assert ours.state.ntp == [("IPv4", "192.0.2.123")]


def test_one_dead_device_stops_no_other(device, target, run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{free.getsockname()[1]}"
    targets = [target(device(), "A"), target(dead, "B"), target(device("refuse-password"), "C"), target(device(), "D")]
    outcomes = list(run().over(targets, clocks))
    assert [outcome.configured.result for outcome in outcomes] == ["changed", "failed", "failed", "changed"]
    assert "no connection" in outcomes[1].configured.what[0]
    assert "hunter2" not in repr(outcomes)


def test_no_other_device_is_begun_after_too_many_failed(device, target, run) -> None:
    dead = [target(f"127.0.0.1:{port}", f"D{port}") for port in (1, 2, 3)]
    many = [target(f"127.0.0.1:{port}", f"L{port}") for port in range(4, 60)]
    outcomes = list(run(max_failures=2).over([*dead, *many], clocks))
    assert [outcome.configured.result for outcome in outcomes].count("skipped") >= 1
    assert [outcome.configured.result for outcome in outcomes].count("changed") == 0


def test_the_cameras_of_one_recorder_are_one_device(device, target, run, audited) -> None:
    ours = device()
    outcomes = list(run().over([target(ours, "A"), target(ours, "B")], clocks))
    assert [outcome.configured.result for outcome in outcomes] == ["changed", "changed"]
    assert ours.asked.count("SetNTP") == 1
    assert {entry.detail["code"] for entry in audited()} == {"A", "B"}


def test_a_camera_without_a_device_is_told(target, run, device) -> None:
    (outcome,) = run().over([replace(target(device()), onvif_url=None)], clocks)
    assert "Import it with its onvif_url" in outcome.configured.what[0]

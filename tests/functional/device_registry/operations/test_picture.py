"""On-screen text and the sensor's settings of many devices."""

from __future__ import annotations

import pytest

from device_registry.operations import camera_parts
from simulator.onvif_device.state import Osd

pytestmark = pytest.mark.functional
SERVICES = pytest.mark.parametrize("faults", [(), ("media2-only",)], ids=["media", "media2"])


def apply(run, targets, *, encoder=None, picture=None, words=None):
    return list(run().over(targets, camera_parts.wanted("main", encoder or {}, picture or {}, words or {})))


@SERVICES
def test_each_camera_gets_its_own_text_and_loses_it_again(device, target, run, faults) -> None:
    first, second = device(*faults), device(*faults)
    targets = [target(first, "C1"), target(second, "C2")]
    words = {"text": "{code} {name} & <Tor>", "text_at": "LowerRight"}
    assert [one.configured.result for one in apply(run, targets, words=words)] == ["changed", "changed"]
    assert list(first.state.osds.values()) == [Osd("C1 Gate C1 & <Tor>", "LowerRight")]
    assert list(second.state.osds.values()) == [Osd("C2 Gate C2 & <Tor>", "LowerRight")]
    assert [one.configured.result for one in apply(run, targets, words=words)] == ["as_it_was", "as_it_was"]
    apply(run, targets, words={"text": "北门"})
    assert list(first.state.osds.values()) == [Osd("北门", "LowerRight")]
    assert [one.configured.result for one in apply(run, targets, words={"text": None})] == ["changed", "changed"]
    assert first.state.osds == {}


@SERVICES
def test_a_text_that_is_cut_off_is_taken_back(device, target, run, faults) -> None:
    ours = device(*faults)
    (outcome,) = apply(run, [target(ours)], words={"text": "x" * 40})
    assert (outcome.configured.result, ours.state.osds) == ("rolled_back", {})
    apply(run, [target(ours)], words={"text": "short"})
    (outcome,) = apply(run, [target(ours)], words={"text": "x" * 40})
    assert outcome.configured.result == "rolled_back"
    assert [osd.text for osd in ours.state.osds.values()] == ["short"]


def test_where_no_text_has_room_none_is_written(device, target, run) -> None:
    ours = device()
    ours.state.osds = {f"logo{number}": Osd("", "UpperLeft") for number in range(4)}
    (outcome,) = apply(run, [target(ours)], words={"text_at": "Middle"})
    assert outcome.configured.what[0].startswith("text_at: Middle is not possible here; nearest: UpperLeft")


def test_the_picture_is_set_within_what_is_offered(device, target, run, audited) -> None:
    ours = device()
    wanted = {"brightness": 60, "contrast": 40, "exposure": "MANUAL", "ir_cut": "ON"}
    (outcome,) = apply(run, [target(ours)], picture=wanted)
    assert outcome.configured.result == "changed", outcome
    assert ours.state.imaging == {"Brightness": "60", "Contrast": "40", "Exposure": "MANUAL", "IrCutFilter": "ON"}
    assert audited()[0].detail["changed"]["picture"]["ir_cut"] == {"from": "AUTO", "to": "ON"}
    (outcome,) = apply(run, [target(ours)], picture={"brightness": 160, "saturation": 5})
    assert outcome.configured.what == (
        "brightness: 160 is not possible here; nearest: 100.",
        "saturation: 5 is not possible here.",
    )


def test_a_later_part_that_is_refused_takes_the_encoder_back(device, target, run, audited) -> None:
    ours = device("refuses:SetImagingSettings")
    (outcome,) = apply(run, [target(ours)], encoder={"gop": 25}, picture={"brightness": 60})
    assert outcome.configured.result == "rolled_back"
    assert ours.state.encoders["main"].gop == 50
    assert audited()[0].detail["result"] == "rolled_back"

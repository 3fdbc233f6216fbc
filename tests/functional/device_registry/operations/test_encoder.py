"""Codec, resolution, rates and keyframes of many devices, by either media service."""

from __future__ import annotations

import pytest

from device_registry.onvif.channels import channel_of
from device_registry.onvif.encoder import Encoder
from device_registry.operations import camera_parts
from simulator.onvif_device.state import Encoder as Kept

pytestmark = pytest.mark.functional
SERVICES = pytest.mark.parametrize("faults", [(), ("media2-only",)], ids=["media", "media2"])
MAIN = "rtsp://127.0.0.1:8554/main"


def encoder(connected, stream: str = "main") -> Encoder:
    channel = channel_of(connected, MAIN, None)
    return Encoder(connected, channel.media, channel.stream(stream).token, stream)


@SERVICES
def test_all_is_read(device, at, faults) -> None:
    assert encoder(at(device(*faults)), "sub").read() == {
        "codec": "H264",
        "resolution": "640x360",
        "gop": 50,
        "frame_rate": 25,
        "bit_rate_kbps": 512,
    }


@SERVICES
def test_what_is_set_is_there_afterwards_and_audited(device, target, run, audited, faults) -> None:
    ours = device(*faults)
    wanted = {"resolution": "1280x720", "gop": 100, "bit_rate_kbps": 2048, "frame_rate": 12}
    (outcome,) = run().over([target(ours)], camera_parts.wanted("main", wanted))
    assert outcome.configured.result == "changed", outcome
    assert ours.state.encoders["main"] == Kept(ours.state.encoders["main"].encoding, 1280, 720, 2048, 12, 100)
    assert ours.state.encoders["sub"].gop == 50
    assert audited()[0].detail["changed"]["main"]["gop"] == {"from": 50, "to": 100}


@SERVICES
def test_what_is_not_offered_is_told_with_the_nearest(device, target, run, faults) -> None:
    ours = device(*faults)
    wanted = {"resolution": "1900x1000", "gop": 500, "bit_rate_kbps": 20, "frame_rate": 30}
    (outcome,) = run().over([target(ours)], camera_parts.wanted("main", wanted))
    assert outcome.configured.result == "refused"
    assert set(outcome.configured.what) == {
        "resolution: 1900x1000 is not possible here; nearest: 1920x1080.",
        "gop: 500 is not possible here; nearest: 400.",
        "bit_rate_kbps: 20 is not possible here; nearest: 64.",
        "frame_rate: 30 is not possible here; nearest: 25.",
    }
    assert "SetVideoEncoderConfiguration" not in ours.asked


def test_the_codec_is_changed_where_the_device_knows_it(device, target, run) -> None:
    newer, older = device("media2-only"), device()
    assert newer.state.encoders["main"].encoding == "H265"
    (outcome,) = run().over([target(newer)], camera_parts.wanted("main", {"codec": "H264"}))
    assert (outcome.configured.result, newer.state.encoders["main"].encoding) == ("changed", "H264")
    (outcome,) = run().over([target(older)], camera_parts.wanted("main", {"codec": "H265"}))
    assert outcome.configured.what == ("codec: H265 is not possible here; nearest: H264.",)


@SERVICES
def test_what_does_not_stay_is_told(device, target, run, faults) -> None:
    (outcome,) = run().over([target(device("forgetful", *faults))], camera_parts.wanted("sub", {"gop": 10}))
    assert (outcome.configured.result, outcome.configured.what) == ("rolled_back", ("sub: gop is 50 and not 10.",))


def test_a_camera_is_read_in_all_parts(device, target) -> None:
    import ipaddress

    found = dict(camera_parts.read(target(device()), [ipaddress.ip_network("127.0.0.0/8")]))
    assert found["main"]["resolution"] == "1920x1080"
    assert found["sub"]["resolution"] == "640x360"

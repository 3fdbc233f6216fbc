"""A device that is not ours: that of npm's `onvif`. Its answers are canned and it knows no passwords."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_registry.login import Login
from device_registry.onvif.channels import channel_of
from device_registry.onvif.clock import DeviceClock
from device_registry.onvif.encoder import Encoder
from device_registry.onvif.imaging import Picture
from device_registry.onvif.probe import probe
from device_registry.onvif.ptz import Head
from device_registry.onvif.services import Connected, connect
from device_registry.operations.configuring import configure

pytestmark = pytest.mark.functional

FOLDER = Path(__file__).parents[3] / "onvif_device"
NODE = Path(__file__).parents[4] / "tools" / "node.py"
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture(scope="module")
def authority() -> Iterator[str]:
    command = [sys.executable, str(NODE), "node", "server.cjs"]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield f"127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.communicate()


@pytest.mark.parametrize("login", [None, Login("viewer", "hunter2")], ids=["nobody", "somebody"])
def test_it_is_probed_in_full(authority: str, login: Login | None, dialled) -> None:
    found = probe(authority, login, allowed=LOOPBACK)
    told = found.information
    assert (told.maker, told.model, told.firmware) == ("Mockup Manufacturer", "Mockup Model", "Mockup_15_14_13")
    assert (found.mac, found.ntp) == ("28:57:BE:65:7D:D5", ("192.168.1.168",))
    (channel,) = found.channels
    assert (channel.main.url, channel.main.profile.encoding) == ("rtsp://127.0.0.1/h264main", "H264")
    assert {"clock_skew", "address_corrected"} <= {finding.kind for finding in found.findings}
    assert {address for address, *_ in dialled} == {"127.0.0.1"}


@pytest.fixture
def connected(authority: str) -> Connected:
    return connect(authority, None, allowed=LOOPBACK)


def test_its_head_is_steered(connected: Connected) -> None:
    channel = channel_of(connected, None, None)
    assert channel.steerable is not None
    head = Head(connected, channel.steerable.token)
    head.move(0.5, 0, 0, 1)
    head.stop()
    presets = head.presets()
    assert presets
    head.go_to(presets[0].token)
    assert head.keep("gate")
    head.remove(presets[0].token)
    head.go_home()


def test_its_clock_encoder_and_picture_are_read(connected: Connected) -> None:
    assert DeviceClock(connected).read()["ntp"] == ("192.168.1.168",)
    channel = channel_of(connected, None, None)
    encoder = Encoder(connected, channel.media, channel.main.token)
    assert encoder.read()["codec"] == "H264"
    picture = Picture(connected, str(channel.main.source))
    told = picture.read()
    assert isinstance(told["brightness"], int | float)
    assert picture.problems({"brightness": told["brightness"]}) == []
    picture.write({"brightness": told["brightness"]})


def test_it_does_not_keep_what_it_is_told_and_that_is_seen(connected: Connected) -> None:
    found = configure([(DeviceClock(connected), {"zone": "CST-8"})])
    assert found.result in {"rolled_back", "half_done"}

"""A device that is not ours: that of npm's `onvif`. Its answers are canned and it knows no passwords."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_registry.login import Login
from device_registry.onvif.probe import probe

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

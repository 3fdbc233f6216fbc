"""`vedette cameras passwords`, as a technician types it; what it makes stands nowhere but sealed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = pytest.mark.functional

VEDETTE = [sys.executable, "-c", "from control_center.cli import main; main()"]
HEADER = "code,name,main_url,onvif_url,username,password\n"


class Desk:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.said = ""

    def device(self, *faults: str) -> OnvifDevice:
        return self._stack.enter_context(OnvifDevice(credentials=Credentials("admin", "hunter2"), faults=faults))

    def register(self, *devices: OnvifDevice) -> None:
        rows = [
            f"C{number}-{channel},Gate,rtsp://127.0.0.1/{channel},{device.authority},admin,hunter2\n"
            for number, device in enumerate(devices)
            for channel in (1, 2)
        ]
        (self.folder / "cameras.csv").write_text(HEADER + "".join(rows))
        assert self("cameras", "import", "cameras.csv").returncode == 0

    def __call__(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        found = subprocess.run(
            [*VEDETTE, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "COLUMNS": "300",
                "VEDETTE_DATA_DIR": str(self.folder / "data"),
                "VEDETTE_DEVICES__ALLOW": '["127.0.0.0/8"]',
            },
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.said += found.stdout + found.stderr
        return found

    def written(self) -> bytes:
        """All that lies in the data folder but the keys: database, journals, logs."""
        files = (file for file in (self.folder / "data").rglob("*") if file.is_file() and file.suffix != ".key")
        return b"".join(file.read_bytes() for file in files)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(tmp_path, stack)


def password_at(device: OnvifDevice, user: str = "admin") -> str:
    login = device.users.login(user)
    assert login is not None
    return login.password


def test_a_rotation_is_tried_done_and_shown(desk: Desk) -> None:
    good, bad = desk.device(), desk.device("refuses-user")
    desk.register(good, bad)
    refused = desk("cameras", "passwords", "rotate", "C0-1")
    assert (refused.returncode, "--in-clear" in refused.stdout) == (1, True)
    dry = desk("cameras", "passwords", "rotate", "--center", "110000000000", "--in-clear", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "2 devices; nothing was asked or changed." in dry.stdout
    assert good.asked == []

    (desk.folder / "codes.txt").write_text("# the gate\nC0-1\nC1-2\n")
    done = desk("cameras", "passwords", "rotate", "--codes", "codes.txt", "--in-clear")
    assert done.returncode == 1
    assert "2 devices: 1 done, 1 unchanged." in done.stdout, done.stderr
    assert password_at(good) != "hunter2"
    told = json.loads(desk("cameras", "passwords", "status", "--json").stdout)
    assert [(one["state"], one["cameras"]) for one in told] == [
        ("done", ["C0-1", "C0-2"]),
        ("unchanged", ["C1-1", "C1-2"]),
    ]
    assert desk("cameras", "passwords", "resume").returncode == 1
    assert desk("audit", "search", "--action", "cli:credential:rotate").returncode == 0
    for secret in (password_at(good), "hunter2"):
        assert secret not in desk.said
        assert secret.encode() not in desk.written()


def test_a_password_may_be_given(desk: Desk) -> None:
    device = desk.device()
    desk.register(device)
    weak = desk("cameras", "passwords", "rotate", "C0-1", "--in-clear", "--ask", typed="password\n")
    assert (weak.returncode, "easily guessed" in weak.stderr) == (2, True)
    found = desk("cameras", "passwords", "rotate", "C0-1", "--in-clear", "--ask", typed="My-Own.Pass7\n")
    assert found.returncode == 0, found.stderr
    assert password_at(device) == "My-Own.Pass7"
    assert "My-Own.Pass7" not in desk.said
    assert b"My-Own.Pass7" not in desk.written()


def test_nothing_named_is_nothing_rotated(desk: Desk) -> None:
    device = desk.device()
    desk.register(device)
    found = desk("cameras", "passwords", "rotate")
    assert (found.returncode, "no camera is named" in found.stderr) == (2, True)
    assert device.asked == []

"""The technician's guide, followed word by word in a network of its own: ten virtual cameras and a device that is not
ours, discovered, surveyed, imported, recorded and online."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.functional, pytest.mark.alone]

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "guides" / "technician.md"
FOREIGN = "127.0.0.1:18080"
CAMERAS = 11
# Multicast that goes nowhere else; a device with canned answers, and a camera where it says that its stream is.
_BEGIN = """
set -o pipefail
ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo || exit 77
(cd "$ROOT/tests/onvif_device" && exec "$PYTHON" ../../tools/node.py node server.cjs 18080) > device.txt 2> device.err &
VEDETTE_CAMERA_PASSWORD=practice vedette virtual-camera h264main.mp4 --port 554 --user viewer > camera.txt 2>&1 &
trap 'kill $(jobs -p); wait' EXIT
until [ -s device.txt ] && [ -s camera.txt ]; do sleep 0.1; done
set -e
"""
_END = """
vedette cameras health --json > health.json
"""


def _commands() -> list[str]:
    section = GUIDE.read_text().split("## A first morning")[1].split("\n## ")[0]
    return re.findall(r"^\$ (.+)$", section, flags=re.MULTILINE)


def _as_typed(command: str) -> str:
    """What a person does beside the command: types the password, waits for the site, sets the one wrong clock."""
    words = shlex.split(command.removesuffix("&"))
    if command.endswith("&"):
        said = f"{words[1]}.txt"
        waited = f"until [ $(wc -l < {said}) -ge 10 ]; do sleep 0.2; done" if words[1] == "virtual-site" else ":"
        return f"{command.removesuffix('&')} > {said} 2>&1 &\n{waited}"
    if "--username" in words or "--ask-password" in words:
        return f"{command} <<< practice"
    if words[:3] == ["vedette", "cameras", "health"]:
        return f"vedette cameras time set --ntp 192.0.2.1 {FOREIGN} || [ $? = 1 ]\n{command}"
    return command


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = tmp_path_factory.mktemp("morning")
    shutil.copy(shared_data / "video" / "intel_car-detection.mp4", folder / "h264main.mp4")
    script = "\n".join([_BEGIN, *map(_as_typed, _commands()), _END])
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    vedette = bin_folder / "vedette"
    vedette.write_text(f"#!{sys.executable}\nfrom control_center.cli import main\nmain()\n")
    vedette.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "ROOT": str(ROOT),
        "VEDETTE_DATA_DIR": str(folder / "data"),
    }
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", "bash", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip(f"this machine gives no network of its own: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_all_come_online(morning: Path) -> None:
    told = json.loads((morning / "health.json").read_text())
    assert len(told["cameras"]) == CAMERAS
    assert {one["health"]["state"] for one in told["cameras"]} == {"online"}


def test_all_are_recorded(morning: Path) -> None:
    (index,) = (morning / "data").rglob("footage.sqlite3")
    with closing(sqlite3.connect(index)) as connection:
        recorded = connection.execute("SELECT COUNT(DISTINCT camera_id) FROM segment WHERE stream = 'main'").fetchone()
    assert recorded == (CAMERAS,)


def test_the_password_is_written_down_nowhere(morning: Path) -> None:
    for file in morning.rglob("*"):
        if file.is_file() and file.suffix != ".mp4":
            assert b"practice" not in file.read_bytes(), file

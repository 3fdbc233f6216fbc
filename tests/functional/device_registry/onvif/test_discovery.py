"""Discovery of a device that is not ours, in a network of its own where multicast goes nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.functional

ROOT = Path(__file__).parents[4]
SCRIPT = """
ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo || exit 77
cd tests/onvif_device
"$PYTHON" ../../tools/node.py node server.cjs 18080 > "$FOLDER/port" &
device=$!
for _ in $(seq 100); do [ -s "$FOLDER/port" ] && break; sleep 0.1; done
cd "$FOLDER"
"$PYTHON" -c "from control_center.cli import main; main()" cameras discover --json --seconds 2 "$@"
code=$?
kill $device
exit $code
"""


def discovered(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(
        ["unshare", "--map-root-user", "--net", "bash", "-c", SCRIPT, "bash", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "FOLDER": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if found.returncode == 77 or found.stderr.startswith("unshare:"):
        pytest.skip(f"this machine gives no network of its own: {found.stderr.strip()}")
    return found


@pytest.mark.parametrize("arguments", [(), ("--interface", "lo")], ids=["any", "named"])
def test_a_device_is_found_by_multicast(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    found = discovered(tmp_path, *arguments)
    assert json.loads(found.stdout) == [
        {
            "address": "127.0.0.1",
            "url": "http://127.0.0.1:18080/onvif/device_service",
            "name": "PREDATOR",
            "hardware": "HD_PREDATOR",
            "location": "",
        }
    ]


def test_an_interface_that_there_is_not_is_told(tmp_path: Path) -> None:
    found = discovered(tmp_path, "--interface", "nonesuch0")
    assert (found.returncode, "no such interface" in found.stderr) == (2, True)

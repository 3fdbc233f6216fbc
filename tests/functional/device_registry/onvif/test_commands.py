"""`vedette cameras probe` against `vedette onvif-device`, as a technician tries them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.functional

VEDETTE = [sys.executable, "-c", "from control_center.cli import main; main()"]
ALLOWED = {"VEDETTE_DEVICES__ALLOW": '["127.0.0.0/8"]'}


def vedette(folder: Path, *arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*VEDETTE, "cameras", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[str]:
    command = [*VEDETTE, "onvif-device", "--port", "0", "--user", "admin", "--fault", "skew:90"]
    environment = {**os.environ, "VEDETTE_CAMERA_PASSWORD": "hunter2"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(10) == 0


def test_a_device_is_probed_and_told_as_a_table(authority: str, tmp_path: Path) -> None:
    found = vedette(tmp_path, "probe", authority, "--username", "admin", typed="hunter2\n", **ALLOWED)
    assert found.returncode == 0, found.stderr
    for text in ("Vedette Simulated", "serial SIM-0001", "MAC 02:00:5E:10:00:01", "H264 1920x1080 25/s 4096 kbit/s"):
        assert text in found.stdout
    for text in ("rtsp://127.0.0.1:8554/sub", "snapshot.jpg", "NTP 192.0.2.123", "clock_skew: "):
        assert text in found.stdout
    assert re.search(r"clock \+(89|90) s", found.stdout)  # the way there and back falls within a second or not
    assert "hunter2" not in found.stdout + found.stderr
    assert not (tmp_path / "var").exists()


def test_a_device_is_told_as_json(authority: str, tmp_path: Path) -> None:
    found = vedette(tmp_path, "probe", authority, "--username", "admin", "--json", typed="hunter2\n", **ALLOWED)
    told = json.loads(found.stdout)
    assert told["channels"][0]["main"]["url"] == "rtsp://127.0.0.1:8554/main"
    assert [finding["kind"] for finding in told["findings"]] == ["clock_skew"]


def test_a_wrong_password_or_place_is_one_sentence_and_what_to_do(authority: str, tmp_path: Path) -> None:
    found = vedette(tmp_path, "probe", authority, "--username", "admin", typed="wrong\n", **ALLOWED)
    assert found.returncode == 2
    assert "refused user name and password" in found.stderr
    assert "wrong" not in found.stderr
    found = vedette(tmp_path, "probe", authority)
    assert (found.returncode, "devices.allow" in found.stderr) == (2, True)


def test_devices_of_a_network_are_found_by_their_addresses(authority: str, tmp_path: Path) -> None:
    port = authority.rpartition(":")[2].partition("/")[0]
    found = vedette(tmp_path, "discover", "--range", "127.0.0.1/32", "--port", port, **ALLOWED)
    assert found.returncode == 0, found.stderr
    assert authority in found.stdout
    assert found.stdout.endswith("1 found.\n")
    assert vedette(tmp_path, "discover", "--range", "127.0.0.1/32", "--port", port).stdout == "0 found.\n"


def test_many_hosts_become_a_table_that_an_import_takes(authority: str, tmp_path: Path) -> None:
    port = authority.rpartition(":")[2].partition("/")[0]
    found = vedette(tmp_path, "discover", "--range", "127.0.0.1/32", "--port", port, "--hosts", **ALLOWED)
    (tmp_path / "hosts.txt").write_text(f"# ours\n{found.stdout}127.0.0.1:1\n")
    asked = ("survey", "hosts.txt", "--out", "cameras.csv", "--username", "admin")
    found = vedette(tmp_path, *asked, typed="hunter2\n", **ALLOWED)
    assert found.returncode == 1, found.stderr
    assert "http://127.0.0.1:1: no connection" in found.stdout
    assert "1 of 2 hosts answered; 1 cameras written to cameras.csv." in found.stdout
    assert "hunter2" not in found.stdout + (tmp_path / "cameras.csv").read_text()
    taken = vedette(tmp_path, "import", "cameras.csv", "--dry-run")
    assert "1 new, 0 changed, 0 as they were, 0 refused" in taken.stdout, taken.stderr
    again = vedette(tmp_path, *asked, typed="hunter2\n", **ALLOWED)
    assert (again.returncode, "the file exists" in again.stderr) == (2, True)

"""What is installed, what it may be, and what the wheel carries."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
# Permissive licences, and weak copyleft of libraries that are linked unchanged.
ALLOWED = re.compile(
    r"\b(MIT|0?BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|HPND|MPL|Mozilla|LGPL\w*|Lesser|Unlicense|CC0|CNRI)\b"
)
# PyAV is BSD; its wheel bundles FFmpeg with x264 and x265 (GPL), which the design note on licences deals with.
FORBIDDEN = re.compile(r"\b(A?GPL-?[23]?|GNU (Affero )?General Public)\b")


def pinned(name: str) -> list[str]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return [line.removesuffix(" \\") for line in lines if re.match(r"^[a-zA-Z0-9]", line)]


def test_only_one_build_of_opencv_is_installed():
    found = [each.name for each in distributions() if (each.name or "").lower().startswith("opencv")]
    assert found == ["opencv-python-headless"]


@pytest.mark.parametrize("name", sorted(file.name for file in (ROOT / "requirements").glob("*.txt")))
def test_requirements_are_pinned_by_hash_without_addresses(name):
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    assert "index-url" not in text
    for line in pinned(name):
        assert "==" in line, line
    assert text.count("--hash=sha256:") >= len(pinned(name))


def test_the_lock_of_the_console_has_no_addresses_of_packages():
    assert '"resolved"' not in (ROOT / "control_center/console/web/package-lock.json").read_text()


def test_what_runs_has_a_licence_that_we_may_ship():
    names = {Requirement(line).name for line in pinned("runtime.txt")}
    installed = {each.name: each for each in distributions() if each.name in names}
    for name, each in installed.items():
        said = metadata_of(each)
        assert not FORBIDDEN.search(said), f"{name}: {said!r}"
        assert ALLOWED.search(said) or ALLOWED.search(text_of(each)), f"{name}: {said!r}"


def metadata_of(each: Distribution) -> str:
    metadata = each.metadata
    said = [metadata.get("License-Expression", ""), metadata.get("License", "")[:200]]
    said += [line for line in metadata.get_all("Classifier", []) if line.startswith("License")]
    return "\n".join(said)


def text_of(each: Distribution) -> str:
    """The first lines of the licence itself, for wheels that say it only there."""
    files = [file for file in each.files or [] if "licen" in file.name.lower() or "copying" in file.name.lower()]
    return "\n".join(file.read_text()[:400] for file in files[:2] if file.locate().is_file())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.functional
def test_the_wheel_carries_rooms_and_console_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "control_center/console/dist/index.html" in names
    assert {"foundation/settings.py", "matching/catalogue.toml", "ingest/footage/schema.sql"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "tools/")) or "/web/" in name]
    assert not [name for name in names if name.endswith((".onnx", ".mp4", ".jpg", ".ttf"))]


@pytest.mark.functional
@pytest.mark.long
@pytest.mark.full
def test_the_wheel_starts_a_center_outside_the_checkout(wheel, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements/runtime.txt")], check=True)
    subprocess.run([*pip, str(wheel)], check=True)
    assert shutil.which("vedette", path=str(python.parent)) is not None
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        ports = {
            "VEDETTE_API__PORT": str(first.getsockname()[1]),
            "VEDETTE_LIVE__PORT": str(second.getsockname()[1]),
        }
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VEDETTE_", "PYTHON"))}
    center = subprocess.Popen([str(python.with_name("vedette")), "run"], cwd=tmp_path, env=environment | ports)
    try:
        assert b'id="root"' in fetch(f"http://127.0.0.1:{ports['VEDETTE_API__PORT']}/", center)
        center.send_signal(signal.SIGTERM)
        assert center.wait(60) == 0
    finally:
        center.kill()
        center.wait()


def fetch(url: str, center: subprocess.Popen[bytes]) -> bytes:
    """The page, as soon as it is served."""
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except urllib.error.URLError:
            assert center.poll() is None, "the center ended"
            assert time.monotonic() < until
            time.sleep(0.3)

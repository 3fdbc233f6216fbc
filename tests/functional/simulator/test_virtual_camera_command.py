"""The command, in a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.functional

# The one command, mounted as `vedette` mounts it and ending as it does on an error.
RUN = """
import sys, typer
import simulator.virtual_camera.commands
from foundation.errors import VedetteError
app = typer.Typer()
app.callback()(lambda: None)
simulator.virtual_camera.commands.register(app)
try:
    typer.main.get_command(app)(standalone_mode=False)
except VedetteError as error:
    sys.stderr.write(str(error))
    sys.exit(error.exit_code)
"""


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", RUN, "virtual-camera", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_urls_and_at_the_end_what_it_sent(
    cars: Path, connect: Callable[[str], Any], end: signal.Signals
) -> None:
    with _running("--json", str(cars)) as process:
        url = process.stderr.readline().strip()
        assert url.endswith(f"/{cars.stem}")
        client = connect(url)
        client.play()
        for _ in range(3):
            client.access_unit()
        process.send_signal(end)
        output, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")
    sent = json.loads(output)["paths"][cars.stem]
    assert sent["clients"] == 1
    assert sent["access_units"] >= 3
    assert sent["bytes"] > 0
    assert sent["skipped"] == sent["damaged"] == 0


def test_without_json_the_urls_are_the_output(cars: Path) -> None:
    with _running(str(cars)) as process:
        assert process.stdout.readline().startswith("rtsp://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=15) == ("", "")


def _refused(*arguments: str) -> str:
    with _running(*arguments) as process:
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 2
    assert "Traceback" not in errors
    return errors


def test_what_is_wrong_with_a_file_is_said_in_a_sentence(shared_data: Path, cars: Path, tmp_path: Path) -> None:
    assert "no such video file" in _refused(str(tmp_path / "gone.mp4"))
    assert "holds mjpeg video" in _refused(str(cars.with_suffix(".mjpeg")))
    assert "same path" in _refused(str(cars), str(cars.with_suffix(".h265")))


def test_a_taken_port_is_said_in_a_sentence(cars: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: another program" in _refused("--port", str(port), str(cars))


def test_a_fault_that_is_none_is_said_in_a_sentence(cars: Path) -> None:
    assert "no such fault" in _refused("--fault", "sleep", str(cars))

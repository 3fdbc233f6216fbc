"""A demo center as its own process, for the tests that meet it as people do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 240


@dataclass
class DemoCenter:
    process: subprocess.Popen[str]
    url: str
    password: str
    data: Path
    others: dict[str, str]  # one-time passwords of the other people, by user name


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}


def vedette(*arguments: str, cwd: Path, timeout: float = 60, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "control_center", *arguments],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextmanager
def running_demo(data: Path, port: int, arguments: Sequence[str] = ()) -> Iterator[DemoCenter]:
    """`vedette demo` until the block ends; then Ctrl-C, and it must end cleanly."""
    command = [sys.executable, "-m", "control_center", "demo", "--data", str(data), "--port", str(port), *arguments]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment() | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    try:
        yield _await_ready(process, data)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert said.rstrip().endswith("Stopped.")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        if process.stdout:
            process.stdout.close()


def _await_ready(process: subprocess.Popen[str], data: Path) -> DemoCenter:
    assert process.stdout is not None
    said, url, password, others = [], "", "", {}
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"Console\s+(http://\S+)", line):
            url = found[1]
        if found := re.search(r"Password\s+(\S+)", line):
            password = found[1]
        if found := re.search(r"Or as\s+(\S+)\s+(\S+)", line):
            others[found[1]] = found[2]
        if "Ctrl-C stops everything" in line:
            return DemoCenter(process, url, password, data, others)
    raise AssertionError(f"the demo ended before it was ready: {''.join(said)}")

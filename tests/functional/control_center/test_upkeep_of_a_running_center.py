"""A whole center, as processes: upgraded by its start, saved while it runs, put back, and started again."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from control_center.demo.preparation import free_port
from control_center.processes.lock import holders
from foundation import migrations
from foundation.backup.restore import NUMBERS_AHEAD
from foundation.database import open_stores
from foundation.settings import Settings, load_settings

pytestmark = [pytest.mark.functional, pytest.mark.long]
PROCESSES = {"supervisor", "recorder-0", "live-0", "analysis-0", "health-0", "events-0", "matching-0", "api-0"}


@pytest.fixture(scope="module")
def old() -> ModuleType:
    """The helper that makes a center of schema 0001."""
    file = Path(__file__).parents[2] / "old_center.py"
    spec = importlib.util.spec_from_file_location("tests_old_center", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Center:
    def __init__(self, folder: Path, demo: Any) -> None:
        self._folder, self._demo = folder, demo
        self.config = folder / "vedette.toml"
        self.config.write_text(f'data_dir = "{folder / "data"}"\napi.port = {free_port()}\nlive.port = {free_port()}\n')
        self.settings: Settings = load_settings(self.config)
        self.settings.data_dir.mkdir()
        self._supervisor: subprocess.Popen[bytes] | None = None

    def vedette(self, *words: object) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = self._demo.vedette(
            *map(str, words), cwd=self._folder, timeout=120, VEDETTE_CONFIG=str(self.config)
        )
        return done

    def start(self) -> None:
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "control_center", "run"],
            env=self._demo.environment() | {"VEDETTE_CONFIG": str(self.config)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: set(holders(self.settings.run_dir)) == PROCESSES, "all processes")

    def stop(self) -> None:
        assert self._supervisor is not None
        self._supervisor.terminate()
        assert self._supervisor.wait(60) == 0

    def clean_up(self) -> None:
        """Whatever a failed test left running."""
        if self._supervisor is not None:
            self._supervisor.kill()
            self._supervisor.wait()
        for pid in holders(self.settings.run_dir).values():
            os.kill(pid, signal.SIGKILL)

    def fences(self) -> list[int]:
        content = json.loads((self.settings.run_dir / "assignments.json").read_bytes())
        return [stream["fence"] for stream in content["streams"]]


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for it; the time is a guard against hanging, not a requirement."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


@pytest.fixture
def center(tmp_path: Path, demo: Any) -> Iterator[Center]:
    made = Center(tmp_path, demo)
    yield made
    made.clean_up()


def test_a_center_is_upgraded_saved_put_back_and_started_again(center: Center, old: ModuleType) -> None:
    stores = open_stores(center.settings)
    old.make(stores)
    center.start()
    [before] = center.settings.backup_dir.iterdir()
    assert before.name.endswith(f"-before-{migrations.CORE.head}.tar")
    migrations.check(stores)
    stores.dispose()
    saved = center.vedette("backup", center.settings.data_dir / "one.tar")
    assert saved.returncode == 0, saved.stderr
    assert "Saved" in saved.stdout
    refused = center.vedette("restore", center.settings.data_dir / "one.tar", "--replace")
    assert refused.returncode == 2
    assert "this center runs: analysis-0 (process" in refused.stderr
    assert center.vedette("upgrade").stdout.startswith("There is nothing to upgrade")
    center.stop()
    [fence] = center.fences()
    assert fence < NUMBERS_AHEAD
    done = center.vedette("restore", center.settings.data_dir / "one.tar", "--replace")
    assert done.returncode == 0, done.stderr
    assert "Keys are missing: 0195c0de00000000" in done.stdout
    center.start()
    until(lambda: center.fences()[0] > NUMBERS_AHEAD, "a fence beyond all that were given out")
    center.stop()
    assert center.vedette("audit", "verify").returncode == 0

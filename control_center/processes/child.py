"""Run one process of a center: `python -m control_center.processes.child NAME INDEX`.

Each branch imports its own room and nothing else, so that a recorder carries no picture work and no web framework.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from foundation import logging as vedette_logging
from foundation import metrics
from foundation.errors import VedetteError
from foundation.files import keep_from_others
from foundation.settings import Settings, load_settings

from control_center.processes.lock import ProcessLock  # isort: skip


def _recorder(settings: Settings, index: int) -> None:
    from ingest.recorder import run_recorder

    run_recorder(settings, index)


def _live(settings: Settings, _index: int) -> None:
    from ingest.live import run_live

    run_live(settings)


def _analysis(settings: Settings, index: int) -> None:
    from analysis.worker import run_analysis

    run_analysis(settings, index)


def _health(settings: Settings, _index: int) -> None:
    from device_registry.health.process import run_health

    run_health(settings)


def _events(settings: Settings, _index: int) -> None:
    from control_center.device_events.process import run_device_events

    run_device_events(settings)


def _matching(settings: Settings, _index: int) -> None:
    from control_center.pipeline import run_pipeline

    run_pipeline(settings)


def _api(settings: Settings, _index: int) -> None:
    from control_center.web_api import run_api

    run_api(settings)


PROCESSES: dict[str, Callable[[Settings, int], None]] = {
    "recorder": _recorder,
    "live": _live,
    "analysis": _analysis,
    "health": _health,
    "events": _events,
    "matching": _matching,
    "api": _api,
}


def run_child(name: str, index: int) -> int:
    """Run the process until it ends; the exit code is 2 for a fault that a person must mend."""
    keep_from_others()
    settings = load_settings()
    label = f"{name}-{index}"
    metrics.prepare(settings.run_dir)
    vedette_logging.configure(settings.log, settings.log_dir / f"{label}.log")
    lock = ProcessLock(settings.run_dir, label)
    try:
        lock.acquire()
        PROCESSES[name](settings, index)
    except VedetteError as error:
        sys.stderr.write(f"{label}: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    # Native libraries that would start a thread per core leave the cores to the other processes.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    sys.exit(run_child(sys.argv[1], int(sys.argv[2])))

"""Metrics of all processes of this machine, in one folder that `prometheus_client` shares by mapped files.

`prepare` must run before `prometheus_client` is first imported in a process, because that import decides whether
values are kept in the folder; so every process calls it before it imports its room.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.files import ensure_folder

if TYPE_CHECKING:
    from prometheus_client import Counter, Gauge, Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FILE = re.compile(r".+_(\d+)\.db")


def prepare(run_dir: Path) -> Path:
    """Make this process, and its children, keep their metrics in the shared folder."""
    folder = ensure_folder(run_dir / "metrics")
    os.environ[_VARIABLE] = str(folder)
    return folder


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """A number that only rises, summed over the processes; named `vedette_<room>_<what>_total`."""
    from prometheus_client import Counter

    return Counter(name, meaning, labels)


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    """A number that goes up and down, summed over the processes that live."""
    from prometheus_client import Gauge

    return Gauge(name, meaning, labels, multiprocess_mode="livesum")


def histogram(name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()) -> Histogram:
    from prometheus_client import Histogram

    return Histogram(name, meaning, labels, buckets=tuple(buckets))


def render(run_dir: Path) -> bytes:
    """All processes' metrics in Prometheus' text format; gauges of processes that died are left out."""
    from prometheus_client import CollectorRegistry, generate_latest, multiprocess

    folder = ensure_folder(run_dir / "metrics")
    for process in _dead(folder):
        multiprocess.mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_the_dead(run_dir: Path) -> None:
    """Remove what dead processes left, counters too; for the supervisor's start, when a fall to zero is honest."""
    folder = ensure_folder(run_dir / "metrics")
    for process in _dead(folder):
        for path in folder.glob(f"*_{process}.db"):
            path.unlink(missing_ok=True)


def _dead(folder: Path) -> set[int]:
    found = {int(match[1]) for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))}
    return {process for process in found if not _lives(process)}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""How a recording looks to a person: a bar while it runs, a table at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ingest.standalone.recorders import Recorders
from ingest.standalone.results import Result

_MIB = 1 << 20


def show_progress(seconds: Iterable[float], duration_s: float, recorders: Recorders) -> None:
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("starting", total=duration_s)
        for passed_s in seconds:
            states = [report["state"] for report in recorders.reports().values()]
            described = f"{states.count('recording')} of {len(states)} record"
            progress.update(task, completed=min(passed_s, duration_s), description=described, refresh=True)


def show_result(result: Result) -> None:
    table = Table("folder", "URL", "seconds", "access units", "MiB", "fragments", "gaps", "fault at the end")
    for one in result.streams:
        figures = (f"{one.duration_s:.1f}", one.access_units, f"{one.bytes / _MIB:.1f}", one.fragments, one.gaps)
        table.add_row(one.folder, one.url, *map(str, figures), one.error or "")
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print(
        f"CPU {result.cpu_s:.1f} s, memory at most {result.peak_pss_bytes / _MIB:.0f} MiB, all processes together"
    )

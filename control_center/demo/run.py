"""The demo from start to end, with a person or without one."""

from __future__ import annotations

import json
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from control_center.demo.console_check import ConsoleVisitor
from control_center.demo.figures import Figures, read_figures
from control_center.demo.preparation import (
    CAMERA_USER,
    Ground,
    lay_ground,
    new_camera_password,
    stock,
    stream_files,
)
from control_center.demo.stocking import PEOPLE
from control_center.demo.verdict import Verdict, judge
from control_center.processes.supervisor import Supervisor, running
from foundation import logging as vedette_logging
from foundation.database import open_stores
from foundation.errors import Conflict, ResourceError
from foundation.settings import load_settings
from simulator.virtual_camera.serving import serving

GUARD_S = 180.0
START_WITHIN_S = 60.0
SCENES = "scenes"


def run_demo(files: list[Path], data: Path, port: int) -> None:
    """Until Ctrl-C."""
    console = Console(highlight=False)
    _refuse_second(data)
    ground = _ground(console, files, data, port)
    with _center(ground) as (supervisor, passwords):
        settings = ground.settings
        _await_listening(console, supervisor)
        console.print(f"\n  Console    [bold]http://{settings.api.host}:{settings.api.port}/[/bold]")
        first, *others = passwords
        console.print(f"  User       [bold]{first}[/bold]")
        console.print(f"  Password   [bold]{passwords[first]}[/bold]   (for one sign-in; you then set your own)")
        for name in others:
            console.print(f"  Or as      {name:<14} {passwords[name]}")
        console.print("  Ctrl-C stops everything.\n")
        stores = open_stores(settings)
        with Live(console=console, refresh_per_second=2, transient=True) as live:
            supervisor.run_until_stopped(lambda: live.update(_status(supervisor, read_figures(settings, stores))))
        stores.dispose()
    console.print("Stopped.")


def run_check(files: list[Path], data: Path) -> int:
    """Run until every stage has produced something; one JSON object on standard output; 0 when all is right, else 1."""
    console = Console(stderr=True, highlight=False)
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="check-", dir=data.parent) as folder:
        ground = _ground(console, files, Path(folder), 0, data.parent / SCENES)
        with _center(ground) as (supervisor, passwords):
            verdict = _watch(ground, supervisor, passwords[PEOPLE[0]], console)
    sys.stdout.write(json.dumps(verdict.as_json(), ensure_ascii=False) + "\n")
    return 0 if verdict.complete and not verdict.wrong and not verdict.faults else 1


def _refuse_second(data: Path) -> None:
    settings_file = data / "vedette.toml"
    if settings_file.is_file() and (pid := running(load_settings(settings_file))) is not None:
        raise Conflict(
            f"a demo runs here already, as process {pid}.", where=str(data), mend="Stop it with Ctrl-C, or name --data."
        )


def _ground(console: Console, files: list[Path], data: Path, port: int, scenes: Path | None = None) -> Ground:
    what = "Preparing footage" if files else "Rendering six scenes (once)"
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        return lay_ground(
            data, port, files, scenes or data.parent / SCENES, lambda share: progress.update(task, completed=share)
        )


@contextmanager
def _center(ground: Ground) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    """Virtual cameras and all processes, for the length of the block; and one-time passwords by user name."""
    settings = ground.settings
    camera_password = new_camera_password()
    vedette_logging.configure(settings.log, settings.log_dir / "demo.log")
    supervisor = Supervisor(settings, ground.settings_file)
    with serving(stream_files(ground.footage), user=CAMERA_USER, password=camera_password) as virtual_camera:
        supervisor.check()
        passwords = stock(ground, virtual_camera, camera_password)
        supervisor.start()
        try:
            yield supervisor, passwords
        finally:
            supervisor.stop()


def _await_listening(console: Console, supervisor: Supervisor) -> None:
    """Until console and media server answer: an address that refuses is no welcome."""
    settings = supervisor.settings
    waiting = [settings.live, settings.api]
    until = time.monotonic() + START_WITHIN_S
    with console.status("Starting the processes"):
        while waiting and time.monotonic() < until:
            supervisor.tick()
            try:
                socket.create_connection((waiting[0].host, waiting[0].port), timeout=1).close()
                waiting.pop(0)
            except OSError:
                time.sleep(0.2)
    if waiting:
        last = next(process for process in supervisor.processes if process.name == "api")
        raise ResourceError(
            f"the console does not answer: {last.last_words()}.",
            where=str(settings.log_dir),
            mend="The log files there say more.",
        )


def _watch(ground: Ground, supervisor: Supervisor, password: str, console: Console) -> Verdict:
    visitor = ConsoleVisitor(ground.settings, PEOPLE[0], password, secrets.token_urlsafe(18))
    stores = open_stores(ground.settings)
    stopped = _stop_signals()
    until = time.monotonic() + GUARD_S
    console_works = False
    while True:
        supervisor.tick()
        console_works = console_works or visitor.look()
        verdict = judge(ground, read_figures(ground.settings, stores), console=console_works)
        if verdict.complete or verdict.wrong or stopped() or time.monotonic() > until:
            break
        time.sleep(0.5)
    stores.dispose()
    if not verdict.complete and visitor.fault and not console_works:
        verdict.faults.append(f"console: {visitor.fault}")
    verdict.faults += [
        f"process {process.label} ended {process.restarts} times: {process.last_words()}"
        for process in supervisor.processes
        if process.restarts
    ]
    return verdict


def _stop_signals() -> Callable[[], bool]:
    seen: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: seen.append(received))
    return lambda: bool(seen)


def _status(supervisor: Supervisor, figures: Figures) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_row(
        f"cameras recording {figures.recording}",
        f"segments {figures.segments}",
        f"recorded {figures.recorded_s:.0f} s",
        f"motion {figures.motion}",
        f"plate reads {figures.plate_reads}",
        f"hits {figures.hits}",
        f"alerts {figures.plate_hits + figures.record_hits}",
    )
    for process in supervisor.processes:
        if process.restarts:
            table.add_row(
                f"[red]{process.label} was started again {process.restarts} times: {process.last_words()}[/red]"
            )
    return table

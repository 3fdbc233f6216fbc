"""`vedette run`: the center in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
from pathlib import Path

import typer
from rich.console import Console

from foundation import logging as vedette_logging
from foundation.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command("run")(run)


def run() -> None:
    """Start the center on this machine and keep it running until Ctrl-C."""
    from control_center.processes.supervisor import Supervisor

    settings = load_settings()
    config = os.environ.get("VEDETTE_CONFIG")
    supervisor = Supervisor(settings, Path(config) if config else None)
    supervisor.heed_signals()  # before the first process starts, or an early Ctrl-C would leave some behind
    supervisor.start()
    vedette_logging.configure(settings.log, settings.log_dir / "supervisor.log")
    console = Console(highlight=False)
    console.print(f"Vedette runs: http://{settings.api.host}:{settings.api.port}/  (Ctrl-C stops it)")
    supervisor.run_until_stopped()
    console.print("Stopped.")

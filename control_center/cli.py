"""The command `vedette`. Each room brings its own commands; every fault ends in one sentence and exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

import analysis.commands
import control_center.demo.commands
import control_center.identity.commands
import control_center.processes.commands
import control_center.reports.commands
import control_center.upkeep.commands
import device_registry.commands
import foundation.commands
import ingest.commands
import matching.commands
import simulator.commands
from control_center.identity.oidc.checks import check_sign_in_provider
from device_registry import centers
from foundation import logging as vedette_logging
from foundation.database_faults import explain
from foundation.doctor import Finding, Verdict
from foundation.errors import DatabaseError, VedetteError
from foundation.files import keep_from_others
from foundation.settings import LogSettings, Settings, load_settings


def build_app() -> typer.Typer:
    app = typer.Typer(
        name="vedette",
        help="Video surveillance and record comparison for monitoring centers.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common_options)
    control_center.processes.commands.register(app)
    control_center.demo.commands.register(app)
    control_center.upkeep.commands.register(app)
    foundation.commands.register(app, checks=[check_plate_models, check_sign_in_provider])
    control_center.identity.commands.register(app)
    control_center.reports.commands.register(app)
    device_registry.commands.register(app)
    matching.commands.register(app, centers.ensure_local)
    ingest.commands.register(app)
    analysis.commands.register(app)
    simulator.commands.register(app)
    return app


def check_plate_models(_settings: Settings) -> Iterator[Finding]:
    """Whether the wheels that carry the plate reader's models are installed."""
    from analysis.plates import models

    models.check()
    yield Finding("plate models", Verdict.OK, "installed")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vedette {version('vedette')}")
        raise typer.Exit


def _common_options(
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).", show_default=False)] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    if config is not None:
        os.environ["VEDETTE_CONFIG"] = str(config.absolute())
    # A command speaks for itself; what the rooms log is for the files of the processes.
    vedette_logging.configure(LogSettings(level="warning", format="text"))


def main() -> None:
    keep_from_others()
    errors = Console(stderr=True, soft_wrap=True)
    try:
        build_app()()
    except VedetteError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(error.exit_code)
    except DBAPIError as error:
        sentence = str(explain(error, make_url(load_settings().core_url)))
        errors.print(sentence, style="red", markup=False, highlight=False)
        sys.exit(DatabaseError.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`vedette ... | head`): nothing is wrong, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()

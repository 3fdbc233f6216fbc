"""The command `vedette`. Each room brings its own commands; every fault ends in one sentence and exit code 2."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import click
import typer
from rich.console import Console

import analysis.commands
import control_center.demo.commands
import control_center.identity.commands
import control_center.processes.commands
import device_registry.commands
import foundation.commands
import ingest.commands
import matching.commands
import simulator.commands
from device_registry import centers
from foundation.errors import VedetteError

INTERRUPTED = 130


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
    foundation.commands.register(app)
    control_center.identity.commands.register(app)
    device_registry.commands.register(app)
    matching.commands.register(app, centers.ensure_local)
    ingest.commands.register(app)
    analysis.commands.register(app)
    simulator.commands.register(app)
    return app


def _common_options(
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).", show_default=False)] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    if show_version:
        typer.echo(f"vedette {version('vedette')}")
        raise typer.Exit
    if config is not None:
        os.environ["VEDETTE_CONFIG"] = str(config.absolute())


def main() -> None:
    errors = Console(stderr=True, soft_wrap=True)
    try:
        code = typer.main.get_command(build_app())(standalone_mode=False)
    except VedetteError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (`vedette ... | head`): nothing is wrong, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()

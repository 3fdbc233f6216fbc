"""`vedette doctor`, `vedette config` and `vedette database`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from foundation.doctor import CHECKS, Check, Finding, Verdict, examine
from foundation.settings import load_settings
from foundation.settings_table import rows

_config = typer.Typer(no_args_is_help=True, help="Settings.")
_database = typer.Typer(no_args_is_help=True, help="The two stores.")
_COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAULT: "red"}


def register(app: typer.Typer, checks: Sequence[Check] = ()) -> None:
    """`checks` are those of the rooms above."""

    @app.command("doctor")
    def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
        """Examine this machine; exit code 1 when something is at fault."""
        findings = examine(load_settings(), (*CHECKS, *checks))
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
        else:
            _show(findings)
        if any(finding.verdict is Verdict.FAULT for finding in findings):
            raise typer.Exit(1)

    app.add_typer(_config, name="config")
    app.add_typer(_database, name="database")


def _table(*headings: str) -> Table:
    # Paths and names are folded rather than cut: people copy them.
    return Table(*(Column(heading, overflow="fold") for heading in headings))


def _show(findings: Sequence[Finding]) -> None:
    table = _table("Check", "", "Found", "What to do")
    for finding in findings:
        verdict = f"[{_COLOURS[finding.verdict]}]{finding.verdict}[/]"
        table.add_row(finding.check, verdict, finding.what.replace("[", r"\["), finding.mend)
    Console(highlight=False).print(table)


@_config.command("check")
def check_config() -> None:
    """Read the settings and say whether they hold."""
    load_settings()
    typer.echo("The settings are in order.")


@_config.command("show")
def show_config() -> None:
    """Show every setting: its value, whether it was set, and what it means."""
    table = _table("Setting", "Value", "Source", "Meaning")
    for row in rows(load_settings()):
        table.add_row(row.key, row.value.replace("[", r"\["), "set" if row.is_set else "default", row.meaning)
    Console(highlight=False).print(table)


@_database.command("prepare")
def prepare_database() -> None:
    """Create the schema of empty stores; an older one is for `vedette upgrade`."""
    from foundation import migrations
    from foundation.database import open_stores
    from foundation.files import ensure_folder

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
    finally:
        stores.dispose()
    typer.echo("Both stores have this version's schema.")

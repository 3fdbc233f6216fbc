"""`vedette cameras import`, `export` and `template`: cameras as tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from device_registry.opening import actor, console, looking, password_of, scope_of, writing
from device_registry.recording import RetentionLimits
from device_registry.tables.exporting import table_of, template
from device_registry.tables.files import Format, open_table
from device_registry.tables.importing import COLUMNS, ImportReport, import_rows
from device_registry.tables.rows import Row, with_password
from foundation.clock import SYSTEM_CLOCK
from foundation.errors import FileMissing, InvalidInput
from foundation.keyring import Keyring
from foundation.settings import load_settings


def register(cameras: typer.Typer) -> None:
    what = f"Register or change cameras from a table with the columns {', '.join(COLUMNS)}."
    cameras.command("import", help=what)(import_file)
    cameras.command("export")(export_file)
    cameras.command("template")(write_template)


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or a workbook (XLSX); an empty cell keeps, - clears.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Take the good rows even if some are refused.")] = False,
    format: Annotated[  # noqa: A002 - the option's name
        Format | None, typer.Option(help="What the file is, where it does not tell by itself.")
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Ask devices over ONVIF for stream addresses that are missing.")
    ] = False,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask once for the password of all rows that name a user alone.")
    ] = False,
) -> None:
    password = password_of("each user") if ask_password else None
    try:
        # Before the database is opened for writing: devices take their time.
        table = open_table(_read(file), format, os.environ)
        rows: Iterable[Row] = table.rows if password is None else with_password(table.rows, password)
        rows = _probed(rows) if probe else rows
        with writing() as (session, settings, origin), _counting() as taken:
            report = import_rows(
                session,
                Keyring.open(settings.key_dir),
                SYSTEM_CLOCK,
                origin,
                rows,
                actor=actor(),
                limits=RetentionLimits.of(settings.recorder),
                taken=taken,
            )
            report.notes += table.notes
            written = not dry_run and (partial or not report.problems)
            if not written:
                session.rollback()
    except InvalidInput as error:
        raise InvalidInput(error.what, where=f"{file}, {error.where or 'file'}", mend=error.mend) from error
    _print_report(report, written=written, dry_run=dry_run)
    if report.problems:
        raise typer.Exit(1)


def _probed(rows: Iterable[Row]) -> list[Row]:
    from device_registry.tables.probing import with_streams

    return with_streams(rows, allowed=load_settings().devices.networks)


@contextmanager
def _counting() -> Iterator[Callable[[int], None]]:
    """Shows a person how far a long import is."""
    with Console(stderr=True).status("") as status:
        yield lambda count: status.update(f"{count:,} rows")


def export_file(file: Annotated[Path, typer.Argument(help="File to write, .csv or .xlsx; it must not exist.")]) -> None:
    """Write the cameras of this center and those below it as a table that can be imported; without passwords."""
    with looking() as (session, settings):
        scope = scope_of(session, settings)
        content = table_of(session, scope, is_workbook=_is_workbook(file))
    _write(file, content)


def write_template(
    file: Annotated[Path, typer.Argument(help="File to write, .csv or .xlsx; it must not exist.")],
) -> None:
    """Write an empty table with every column of an import."""
    _write(file, template(is_workbook=_is_workbook(file)))


def _is_workbook(file: Path) -> bool:
    return file.suffix.lower() == ".xlsx"


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError as error:
        raise InvalidInput("the file exists already.", where=str(file), mend="Name another.") from error
    except OSError as error:
        raise FileMissing(f"the file cannot be written: {error.strerror}.", where=str(file)) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileMissing(f"the file cannot be read: {error.strerror}.", where=str(file)) from error


def _print_report(report: ImportReport, *, written: bool, dry_run: bool) -> None:
    out = console()
    if report.problems:
        table = Table("Row", "Column", "What", "Mend")
        for problem in report.problems:
            table.add_row(str(problem.row), problem.column, problem.what, problem.mend)
        out.print(table)
    for note in report.notes:
        place = f"Row {note.row}: " if note.row else ""
        out.print(f"Note: {place}{note.what} {note.mend}".rstrip())
    counts = (
        f"{report.created} new, {report.changed} changed, {report.unchanged} as they were, {report.refused} refused"
    )
    if written:
        outcome = "Written"
    else:
        outcome = "Dry run, nothing written" if dry_run else "Nothing written (--partial takes the good rows)"
    out.print(f"{outcome}: {counts}.")

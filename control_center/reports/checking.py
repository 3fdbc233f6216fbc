"""`vedette audit verify` and `vedette audit head`: they only read, so that they work on a trail nobody may write to."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from control_center.reports.desk import open_desk
from control_center.reports.options import JsonOption, plain
from foundation.audit import check as audit_check
from foundation.audit.check import AuditFault, Head
from foundation.audit.file import FileCheck, check_file
from foundation.errors import NotFound
from foundation.settings import load_settings
from foundation.signing import Signing


def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="SEQ:HASH", help="A head that was noted elsewhere; may be given again."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Check this export (JSON Lines) instead of the database; needs none.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the chain of the audit trail; exit code 1 where it breaks."""
    noted = [Head.parse(each) for each in head or []]
    if file is not None:
        _verify_file(file, noted, as_json)
        return
    with open_desk() as desk:
        found = audit_check.verify(desk.stores.core, noted)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    elif found.fault is None:
        typer.echo(f"The audit trail is whole: {found.entries:,} entries, and the head is {found.head}.")
        for one in found.unknown:
            typer.echo(f"Entry {one.seq} was let go by retention: nothing can be said of its head.")
    _end(found.fault, "The trail breaks")


def _verify_file(file: Path, noted: list[Head], as_json: bool) -> None:
    key_dir = load_settings().key_dir
    found = check_file(file, Signing.open(key_dir) if key_dir.is_dir() else None, noted)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    elif found.fault is None:
        typer.echo(_told(found))
    _end(found.fault, "The file does not hold")


def _told(found: FileCheck) -> str:
    left_out = f" Between them numbers are left out {found.gaps} times." if found.gaps else ""
    signed = f"signed by this center's key {found.signed_by}" if found.signed_by else "signed by a key not known here"
    return (
        f"The file holds: {found.entries:,} entries, {signed}.{left_out}\n"
        f"The head of the trail was {found.head} when it was made."
    )


def _end(fault: AuditFault | None, what: str) -> None:
    if fault is not None:
        typer.echo(f"{what}: {plain(fault.reason)}.", err=True)
        raise typer.Exit(1)


def show_head(as_json: JsonOption = False) -> None:
    """Print the newest entry's number and hash, to be noted where nobody here can change it."""
    with open_desk() as desk, desk.stores.core.execution_options(read_only=True).connect() as connection:
        newest, _ = audit_check.heads(connection)
    if newest == audit_check.START:
        raise NotFound("the audit trail has no entry yet.", mend="Note its head once there is one.")
    typer.echo(json.dumps(asdict(newest)) if as_json else str(newest))

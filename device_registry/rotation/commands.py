"""`vedette cameras passwords`: new passwords for many devices, in stages."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.opening import actor, console, opened, scope_of
from device_registry.rotation.default_commands import try_defaults
from foundation.clock import SYSTEM_CLOCK
from foundation.errors import FileMissing, InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from device_registry.rotation.ledger import Ledger
    from device_registry.rotation.planning import LeftOut, Plan
    from device_registry.rotation.report import DeviceReport
    from device_registry.rotation.waves import Ended, Stages
    from foundation.keyring import Keyring
    from foundation.scope import Scope
    from foundation.settings import Settings

_Wave = Annotated[int, typer.Option(min=1, max=1000, help="Devices of each stage.")]
_MaxFailures = Annotated[int, typer.Option(min=0, help="More devices than these that fail end the run.")]


def register(cameras: typer.Typer) -> None:
    passwords = typer.Typer(no_args_is_help=True, help="Passwords of devices: changed over many of them, in stages.")
    passwords.command("defaults")(try_defaults)
    passwords.command("rotate")(rotate)
    passwords.command("resume")(resume)
    passwords.command("status")(status)
    cameras.add_typer(passwords, name="passwords")


def rotate(
    codes: Annotated[list[str] | None, typer.Argument(help="Codes of cameras.")] = None,
    center: Annotated[str | None, typer.Option(help="Code of a center: its cameras and those below it.")] = None,
    codes_file: Annotated[Path | None, typer.Option("--codes", help="File with a camera's code a line.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which devices, ask none.")] = False,
    canary: Annotated[int, typer.Option(min=0, help="Devices that go first; one that fails ends the run.")] = 3,
    wave: _Wave = 20,
    max_failures: _MaxFailures = 3,
    length: Annotated[int, typer.Option(min=8, max=32, help="Characters of the passwords made.")] = 16,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for one password for all, instead of making them.")] = False,
    in_clear: Annotated[
        bool, typer.Option("--in-clear", help="Also devices that are asked over http, where it can be read.")
    ] = False,
) -> None:
    """Give devices new passwords, verify each, and take back what a device did not take.

    All cameras of a device share its account: they get the new password together.
    """
    from device_registry.rotation import passwords
    from device_registry.rotation.running import only_one
    from device_registry.rotation.waves import Stages

    with _work() as work:
        found = _planned(work, codes, center, codes_file, in_clear=in_clear)
        _print_left_out(found.left_out)
        if dry_run or not found.devices:
            _print_plan(found)
            raise typer.Exit(0 if found.devices else 1)
        given = _ask_password() if ask else None
        made = [given or passwords.generate(length) for _ in found.devices]
        with only_one(work.settings.data_dir):
            work.ledger.begin(found.devices, made)
            stopped = _run(work, work.ledger.devices("waiting"), Stages(canary, wave, max_failures))
        _finish(work, stopped)


def resume(wave: _Wave = 20, max_failures: _MaxFailures = 3) -> None:
    """Go on where a rotation stopped or was killed: learn what opens the devices begun, then do those that wait."""
    from device_registry.rotation.running import only_one, resumed
    from device_registry.rotation.waves import Stages

    with _work() as work, only_one(work.settings.data_dir):
        stopped = resumed(work.ledger, partial(_run, work), Stages(0, wave, max_failures))
        _finish(work, stopped)


def status(as_json: Annotated[bool, typer.Option("--json", help="Print it as a JSON list.")] = False) -> None:
    """Show the newest rotation, and devices that earlier ones have not settled."""
    with _work() as work:
        found = _reports(work)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print_reports(found)


@dataclass(frozen=True, slots=True)
class _Work:
    core: Engine
    settings: Settings
    keyring: Keyring
    scope: Scope
    ledger: Ledger


@contextmanager
def _work() -> Iterator[_Work]:
    from device_registry import centers
    from device_registry.rotation.ledger import Ledger
    from foundation.audit import AuditAction
    from foundation.database import transaction
    from foundation.keyring import Keyring

    with opened() as (core, settings):
        keyring = Keyring.open(settings.key_dir)
        with transaction(core) as session:
            origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
            scope = centers.descendants(session, origin.center_id)
        action = AuditAction.CLI_CREDENTIAL_ROTATE
        ledger = Ledger(core, keyring, SYSTEM_CLOCK, scope, origin=origin, actor=actor(), action=action)
        yield _Work(core, settings, keyring, scope, ledger)


def _planned(
    work: _Work, codes: list[str] | None, center: str | None, codes_file: Path | None, *, in_clear: bool
) -> Plan:
    from device_registry.rotation import planning
    from foundation.database import reading

    named = list(codes or [])
    if codes_file is not None:
        named += planning.codes_of(_read(codes_file))
    if not named and center is None:
        raise InvalidInput("no camera is named.", mend="Name codes, --codes FILE or --center CODE.")
    with reading(work.core) as session:
        within = scope_of(session, work.settings, center) if center is not None else None
        return planning.plan(session, work.keyring, work.scope, within=within, codes=named or None, in_clear=in_clear)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissing("the list of codes cannot be read.", where=str(file), mend="Write it in UTF-8.") from error


def _ask_password() -> str:
    from device_registry.rotation import passwords

    if not sys.stdin.isatty():
        return passwords.checked(sys.stdin.readline().rstrip("\r\n"))
    typed = passwords.checked(getpass.getpass("New password of the devices: "))
    if getpass.getpass("The same once more: ") != typed:
        raise InvalidInput("the two differ.", where="password", mend="Begin again.")
    return typed


def _run(work: _Work, devices: Sequence[str], stages: Stages) -> Ended | None:
    from rich.console import Console
    from rich.progress import Progress

    from device_registry.rotation.running import Run

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Devices", total=len(devices))
        run = Run(work.ledger, work.settings.devices.networks, SYSTEM_CLOCK, lambda: progress.advance(task))
        return run(devices, stages)


def _finish(work: _Work, stopped: Ended | None) -> None:
    found = _reports(work)
    _print_reports(found)
    if stopped is not None:
        console().print(f"Stopped: {stopped}. See to it, then `vedette cameras passwords resume`.")
    if stopped is not None or any(one.state not in ("done", "withdrawn") for one in found):
        raise typer.Exit(1)


def _reports(work: _Work) -> list[DeviceReport]:
    from device_registry.rotation import report
    from foundation.database import reading

    with reading(work.core) as session:
        rotation_id = report.newest(session, work.scope)
        return report.devices(session, work.scope, rotation_id) if rotation_id else []


def _print_reports(found: list[DeviceReport]) -> None:
    from collections import Counter

    from rich.table import Column, Table

    table = Table("Device", "User", Column("Cameras", overflow="fold"), "State", Column("Cause", overflow="fold"))
    for one in found:
        table.add_row(one.device, one.username, _shortened(one.cameras), one.state, one.cause or "")
    out = console()
    if found:
        out.print(table)
    counts = ", ".join(f"{count} {state}" for state, count in Counter(one.state for one in found).items())
    out.print(f"{len(found)} devices: {counts}." if found else "No password was rotated here yet.")


def _print_left_out(left_out: tuple[LeftOut, ...]) -> None:
    for one in left_out:
        console().print(f"left out: {one.place}: {one.what} {one.mend}")


def _print_plan(found: Plan) -> None:
    from rich.table import Column, Table

    table = Table("Device", "User", Column("Cameras", overflow="fold"), "New password goes")
    for one in found.devices:
        way = "as plain text" if one.tells_in_clear else "encrypted"
        table.add_row(one.url, one.username, _shortened([camera.code for camera in one.cameras]), way)
    out = console()
    if found.devices:
        out.print(table)
    out.print(f"{len(found.devices)} devices; nothing was asked or changed.")


def _shortened(codes: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(codes[:8])
    return shown if len(codes) <= 8 else f"{shown} and {len(codes) - 8} more"

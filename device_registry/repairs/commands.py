"""`vedette cameras repairs`: what is broken, who mends it, what was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.errors import FileMissing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from device_registry.repairs.tickets import Tickets
    from foundation.scope import Scope

_repairs = typer.Typer(no_args_is_help=True, help="Repairs of cameras: tickets with photos and a signature.")
_Ticket = Annotated[str, typer.Argument(help="The ticket's identifier, as `ls` shows it.")]


def register(cameras: typer.Typer) -> None:
    cameras.add_typer(_repairs, name="repairs")


@contextmanager
def _opened(center: str | None = None) -> Iterator[tuple[Session, Scope, Tickets]]:
    from device_registry.opening import actor, scope_of, writing
    from device_registry.repairs.tickets import Tickets
    from foundation.audit import AuditAction

    with writing() as (session, settings, _):
        scope = scope_of(session, settings, center)
        yield session, scope, Tickets(session, SYSTEM_CLOCK, scope, actor(), AuditAction.CLI_REPAIR_STEP)


@_repairs.command("open")
def open_ticket(
    camera: Annotated[str, typer.Argument(help="Code of the camera.")],
    fault: Annotated[str, typer.Option(help="What is broken.")],
    assign: Annotated[str | None, typer.Option(help="Who is to mend it: a person or a firm.")] = None,
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
) -> None:
    """Open a ticket for a camera; it has one that runs at most."""
    from device_registry import cameras

    with _opened(center) as (session, scope, tickets):
        ticket = tickets.open(cameras.by_code(session, camera, scope).id, fault, assign)
        typer.echo(ticket.id)


@_repairs.command("assign")
def assign(ticket: _Ticket, to: Annotated[str, typer.Argument(help="A person or a firm.")]) -> None:
    """Give the repair to somebody."""
    with _opened() as (_, _, tickets):
        tickets.assign(tickets.get(ticket), to)


@_repairs.command("note")
def note(ticket: _Ticket, text: Annotated[str, typer.Argument(help="What there is to say.")]) -> None:
    """Add a remark."""
    with _opened() as (_, _, tickets):
        tickets.remark(tickets.get(ticket), text)


@_repairs.command("photo")
def photo(
    ticket: _Ticket,
    file: Annotated[Path, typer.Argument(help="JPEG or PNG, 2 MiB at most.")],
    signature: Annotated[bool, typer.Option("--signature", help="It is the signature of who accepted it.")] = False,
) -> None:
    """Add a photo, or the signature; what a photo tells of place and device is left out."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FileMissing(f"the picture cannot be read: {error.strerror}.", where=str(file)) from error
    with _opened() as (_, _, tickets):
        tickets.add_picture(tickets.get(ticket), "signature" if signature else "photo", content)


@_repairs.command("finish")
def finish(
    ticket: _Ticket,
    work: Annotated[str, typer.Option(help="What was done.")],
    accepted_by: Annotated[str, typer.Option(help="Name of the person who signed for it.")],
) -> None:
    """Close it as done; it needs a photo and the signature."""
    with _opened() as (_, _, tickets):
        tickets.finish(tickets.get(ticket), work, accepted_by)


@_repairs.command("cancel")
def cancel(ticket: _Ticket, why: Annotated[str, typer.Option(help="Why nothing is to be done.")]) -> None:
    """Close it without a repair."""
    with _opened() as (_, _, tickets):
        tickets.cancel(tickets.get(ticket), why)


@_repairs.command("reopen")
def reopen(ticket: _Ticket, why: Annotated[str, typer.Option(help="Why it is not done after all.")]) -> None:
    """Open a closed ticket again."""
    with _opened() as (_, _, tickets):
        tickets.reopen(tickets.get(ticket), why)


@_repairs.command("ls")
def list_tickets(
    camera: Annotated[str | None, typer.Option(help="Code of a camera: only its tickets.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Those that are closed instead of those that run.")] = False,
    center: Annotated[str | None, typer.Option(help="Code of a center: only its tickets and those below it.")] = None,
) -> None:
    """Show the tickets, newest first."""
    from rich.table import Table

    from device_registry import cameras
    from device_registry.opening import console
    from device_registry.repairs import directory

    table = Table("Ticket", "Camera", "State", "Opened", "Fault", "With")
    with _opened(center) as (session, scope, _):
        camera_id = None if camera is None else cameras.by_code(session, camera, scope).id
        found, _ = directory.page(session, scope, running=not closed, camera_id=camera_id, limit=1000)
    for one in found:
        opened = datetime.fromtimestamp(one["opened_us"] / US_PER_S, UTC).strftime("%Y-%m-%d %H:%MZ")
        table.add_row(one["id"], one["camera"]["code"], one["state"], opened, one["fault"], one["assigned_to"] or "")
    out = console()
    if found:
        out.print(table)
    out.print(f"{len(found)} {'closed' if closed else 'running'}.")


@_repairs.command("show")
def show(ticket: _Ticket) -> None:
    """Tell one ticket as JSON, with its steps and what is known of its pictures."""
    import json

    from device_registry.repairs import directory

    with _opened() as (session, scope, _):
        typer.echo(json.dumps(directory.view(session, scope, ticket), ensure_ascii=False, indent=2))

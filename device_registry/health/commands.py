"""`vedette cameras health`, `check`, `maintain` and `availability`."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from device_registry.opening import actor, console, opened, scope_of
from foundation.clock import SYSTEM_CLOCK, US_PER_S, to_iso
from foundation.errors import InvalidInput
from foundation.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


_LOOK_S = 1.0
_ONLINE = "online"


def register(cameras: typer.Typer) -> None:
    cameras.command("health")(show_health)
    cameras.command("check")(check_now)
    cameras.command("maintain")(maintain)
    cameras.command("availability")(show_availability)


def show_health(
    center: Annotated[str | None, typer.Option(help="Code of a center: only its cameras and those below it.")] = None,
    state: Annotated[str | None, typer.Option(help="Only cameras in this state, such as unreachable.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
    wait: Annotated[
        float | None,
        typer.Option(min=0, max=86400, help="Wait so many seconds until all are online; exit code 1 if they are not."),
    ] = None,
) -> None:
    """Show how each camera is, since when, why, and what to do."""
    _known(state)
    with opened() as (core, settings):
        deadline = time.monotonic() + (wait or 0)
        while True:
            views, faults = _read(core, settings, center)
            waited_for = [view for view in views if _counts(view)]
            all_online = all(view["health"]["state"] == _ONLINE for view in waited_for)
            if wait is None or all_online or time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_S)
    shown = [view for view in views if state in (None, view["health"]["state"])]
    if as_json:
        items = [{name: view[name] for name in ("id", "code", "name", "center_id", "health")} for view in shown]
        counts = Counter(view["health"]["state"] for view in views)
        typer.echo(json.dumps({"cameras": items, "counts": counts, "faults": faults}, ensure_ascii=False, indent=2))
    else:
        _print_health(views, shown, faults)
    if wait is not None and not all_online:
        raise typer.Exit(1)


def check_now(
    codes: Annotated[list[str] | None, typer.Argument(help="Codes of cameras; none: all of them.")] = None,
) -> None:
    """Check devices now, from here; nothing is kept. Exit code 1 unless all are as they should be."""
    from device_registry.health.now import check_each

    with opened() as (core, settings):
        rows = check_each(core, settings, codes or [])
    table = _table("Code", "Name", "Device", "Answer", "Health", "Cause", "What to do")
    for row in rows:
        told = row.verdict if row.finding.cause is None else row.finding
        answer = row.finding.answer.replace("_", " ")
        table.add_row(row.code, row.name, row.host, answer, row.verdict.state, told.cause or "", told.mend or "")
    out = console()
    out.print(table)
    for row in rows:
        for remark in row.remarks:
            out.print(f"{row.code}: {remark}")
    if not all(row.is_well for row in rows):
        raise typer.Exit(1)


def maintain(
    code: Annotated[str, typer.Argument(help="Code of the camera.")],
    until: Annotated[str | None, typer.Option(help="When it ends by itself, as 2026-11-27T18:00 (UTC) or 4h.")] = None,
    reason: Annotated[str | None, typer.Option(help="What is done there.")] = None,
    end: Annotated[bool, typer.Option("--end", help="It is over.")] = False,
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
) -> None:
    """Announce work at a camera, so that no fault of it is told meanwhile, or end it."""
    from device_registry import cameras, centers
    from device_registry.health import maintenance
    from foundation.audit import AuditAction
    from foundation.database import transaction

    if end == (until is not None) or (until is None) != (reason is None):
        raise InvalidInput("give --until with --reason, or --end.", where="maintain", mend="See --help.")
    with opened() as (core, settings), transaction(core) as session:
        centers.ensure_local(session, settings, SYSTEM_CLOCK)
        camera = cameras.by_code(session, code, scope_of(session, settings, center))
        if until is None or reason is None:
            action = AuditAction.CLI_MAINTENANCE_END
            maintenance.end(session, SYSTEM_CLOCK, camera, action=action, actor=actor())
            said = "maintenance ended; it is checked as soon as the center runs."
        else:
            action, until_us = AuditAction.CLI_MAINTENANCE_BEGIN, moment(until)
            maintenance.begin(session, SYSTEM_CLOCK, camera, until_us, reason, action=action, actor=actor())
            said = f"in maintenance until {to_iso(until_us)}."
    console().print(f"Camera {camera.code}: {said}")


def show_availability(
    days: Annotated[float, typer.Option(min=0.01, max=366, help="Over how many days until now.")] = 7.0,
    center: Annotated[str | None, typer.Option(help="Code of a center: only its cameras and those below it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Show for what share of the time each camera was of use, and how whole its footage is, by center and camera."""
    from device_registry.health.availability import DAY_US, availability, by_center
    from foundation.database import reading

    with opened() as (core, settings), reading(core) as session:
        to_us = SYSTEM_CLOCK.now_us()
        scope = scope_of(session, settings, center)
        rows = availability(session.connection(), scope, to_us - int(days * DAY_US), to_us)
    if as_json:
        shares = {"cameras": [asdict(row) for row in rows], "centers": [asdict(row) for row in by_center(rows)]}
        typer.echo(json.dumps(shares, ensure_ascii=False, indent=2))
        return
    out = console()
    table = _table("Center", "Cameras", "Available", "Recorded")
    for one in by_center(rows):
        table.add_row(one.name, str(one.cameras), _percent(one.available), _percent(one.recorded))
    out.print(table)
    table = _table("Code", "Name", "Center", "Available", "Recorded")
    for row in rows:
        table.add_row(row.code, row.name, row.center_name, _percent(row.available), _percent(row.recorded))
    out.print(table)


def _percent(share: float | None) -> str:
    """Never rounded up to all: 99.999 % is not 100 %."""
    return "" if share is None else f"{math.floor(share * 1000) / 10:.1f} %"


def moment(text: str) -> int:
    """UTC microseconds of an ISO 8601 time (UTC unless it says otherwise), or of 30m, 4h or 2d from now.

    Raises `InvalidInput`.
    """
    units = {"m": 60, "h": 3600, "d": 86400}
    if text[-1:] in units and text[:-1].isascii() and text[:-1].isdecimal() and len(text) < 8:
        return SYSTEM_CLOCK.now_us() + int(text[:-1]) * units[text[-1]] * US_PER_S
    try:
        found = datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * US_PER_S)
    except (ValueError, OverflowError):
        mend = "Write 2026-11-27T18:00, or 4h from now."
        raise InvalidInput("this is no time.", where="--until", mend=mend) from None


def _known(state: str | None) -> None:
    from device_registry.health.verdict import STATES

    if state is not None and state not in STATES:
        raise InvalidInput(f"{state!r} is no state.", where="--state", mend=f"Choose one of {', '.join(STATES)}.")


def _read(core: Engine, settings: Settings, center: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from device_registry import states
    from device_registry.health.faults import faults_of
    from foundation.database import reading

    with reading(core) as session:
        scope = scope_of(session, settings, center)
        views = sorted(states.directory(session, scope), key=lambda view: (view["code"], view["id"]))
        return views, faults_of(session.connection(), scope)


def _counts(view: dict[str, Any]) -> bool:
    return view["health"]["state"] not in ("disabled", "maintenance") and view["state"] != "disabled"


def _print_health(
    views: Sequence[dict[str, Any]], shown: Sequence[dict[str, Any]], faults: Sequence[dict[str, Any]]
) -> None:
    table = _table("Code", "Name", "Health", "Since", "Cause", "What to do")
    for view in shown:
        health = view["health"]
        since = to_iso(health["since_us"])[:16] + "Z" if health["since_us"] is not None else ""
        table.add_row(view["code"], view["name"], health["state"], since, health["cause"] or "", health["mend"] or "")
    out = console()
    out.print(table)
    counts = Counter(view["health"]["state"] for view in views)
    summary = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none registered"
    out.print(f"{len(views)} cameras: {summary}.")
    for fault in faults:
        since = to_iso(fault["since_us"])[:16] + "Z"
        out.print(f"{fault['cause']} {fault['cameras']} cameras, since {since}. {fault['mend']}")


def _table(*columns: str) -> Any:
    from rich.table import Column, Table

    return Table(*(Column(column, overflow="fold") for column in columns))  # a cut address is none

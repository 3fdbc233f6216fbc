"""`vedette audit report`: the data-protection report in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from control_center import access_policy
from control_center.reports import readings
from control_center.reports.desk import open_desk
from control_center.reports.options import (
    ActorOption,
    ForCaseOption,
    FromOption,
    JsonOption,
    ReasonOption,
    SubjectOption,
    ToOption,
    moment_us,
    plain,
    print_table,
    stated,
)
from control_center.reports.readings import Reading, ReportFilter, Totals
from foundation.audit import AuditAction
from foundation.audit.check import time_of
from foundation.clock import SYSTEM_CLOCK
from foundation.database import reading

_DAYS_US = 30 * 24 * 3600 * 1_000_000


def report(
    from_: FromOption = None,
    to: ToOption = None,
    actor: ActorOption = None,
    subject: SubjectOption = None,
    camera: Annotated[str | None, typer.Option(help="Identifier of a camera; its alerts are found as well.")] = None,
    reason: ReasonOption = None,
    for_case: ForCaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell who looked at what, when and why: the data-protection report, of the last 30 days unless told otherwise."""
    with open_desk() as desk:
        purpose = access_policy.check("report", reason, for_case, desk.settings.audit)
        to_us = moment_us(to, "--to", is_end=True) or SYSTEM_CLOCK.now_us()
        from_us = moment_us(from_, "--from")
        wanted = ReportFilter(
            from_us=to_us - _DAYS_US if from_us is None else from_us,
            to_us=to_us,
            actor=stated(actor, "--actor"),
            subject=stated(subject, "--subject"),
            camera_id=stated(camera, "--camera"),
        )
        entry = desk.record(AuditAction.CLI_AUDIT_REPORT, wanted.facts(), purpose)
        with reading(desk.stores.core) as session:
            totals = readings.totals(session, None, wanted)
            _show_report(_all(session, wanted, entry.seq), totals, as_json)


def _all(session: Session, wanted: ReportFilter, before_seq: int) -> Iterator[Reading]:
    position: int | None = before_seq
    while position is not None:
        rows, position = readings.page(session, None, wanted, limit=500, before_seq=position)
        yield from rows


def _show_report(rows: Iterator[Reading], totals: Totals, as_json: bool) -> None:
    if as_json:
        for row in rows:
            typer.echo(json.dumps(asdict(row)))
        typer.echo(json.dumps({"totals": totals.by_actor, "lost": totals.lost}))
        return
    headings = ["Time", "Who", "As", "What", "Of what", "From", "To", "Why"]
    print_table(headings, [_reading_cells(row) for row in rows])
    counts = [
        [plain(actor), *(str(count.get(what, 0)) for what in readings.WHATS)]
        for actor, count in sorted(totals.by_actor.items())
    ]
    print_table(["Who", *readings.WHATS], counts)
    if totals.lost:
        typer.echo(f"{totals.lost} viewings could not be noted and are missing here.")


def _reading_cells(row: Reading) -> list[str]:
    span = ["" if us is None else time_of(us) for us in (row.from_us, row.to_us)]
    why = " ".join(plain(part) for part in (row.case_number, row.reason) if part)
    who = f"{row.actor} ({row.display_name})" if row.display_name else row.actor
    return [
        time_of(row.at_us),
        plain(who),
        ", ".join(row.roles),
        row.what,
        plain(row.subject_name or row.subject),
        *span,
        why,
    ]

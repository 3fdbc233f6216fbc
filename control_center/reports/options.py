"""Options of `vedette audit`, and how what it finds is shown in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from foundation.clock import US_PER_S
from foundation.errors import InvalidInput

_DAY_US = 24 * 3600 * US_PER_S

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="From this day or time on (ISO 8601, UTC unless it says).")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Up to this day's end, or before this time.")
]
ActorOption = Annotated[str | None, typer.Option("--actor", help="Account, cli:USER or process.")]
ActionOption = Annotated[
    str | None, typer.Option("--action", help="An action such as api:alert:read; `api:` for all that begin so.")
]
SubjectOption = Annotated[str | None, typer.Option("--subject", help="Identifier of what it was done to.")]
CaseOption = Annotated[str | None, typer.Option("--case", help="Entries of this case number.")]
CenterOption = Annotated[str | None, typer.Option("--center", help="Code of a center; empty: all.")]
TextOption = Annotated[str | None, typer.Option("--text", help="Text within actor, subject, reason, case or detail.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why this is asked for.")]
ForCaseOption = Annotated[str | None, typer.Option("--for-case", help="The case that it is asked for.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def moment_us(given: str | None, option: str, *, is_end: bool = False) -> int | None:
    """Microseconds of an ISO 8601 date or time; a date alone as an end stands for the end of that day."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
        is_date = len(given) == len("2026-01-01") and moment.time() == time()
    except ValueError as error:
        raise InvalidInput(
            f"{given!r} is neither a date nor a time.", where=option, mend="Write it as 2026-01-31 or 2026-01-31T08:30."
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    us = int(moment.timestamp()) * US_PER_S + moment.microsecond
    return us + _DAY_US if is_end and is_date else us


def stated(given: str | None, option: str) -> str | None:
    """What was typed, unless it holds bytes that are no text, which no entry can have."""
    if given is not None and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in given):
        raise InvalidInput("this is no text.", where=option, mend="Type it anew.")
    return given


def plain(value: object) -> str:
    """Text that only shows: what somebody typed into a sign-in page must not steer the auditor's terminal."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    # Identifiers are folded rather than cut: people copy them.
    table = Table(*(Column(heading, overflow="fold") for heading in headings))
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)

"""`vedette audit`: check, search and export the audit trail, and tell who looked at what.

The command line is this machine's and sees all centers. A search, an export and a report are audited under the name of
the system's user; a check and the head only read, so that they work on a trail that nobody may write to.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from sqlalchemy.orm import Session

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.reports import readings
from control_center.reports.options import (
    ActionOption,
    ActorOption,
    CaseOption,
    CenterOption,
    ForCaseOption,
    FromOption,
    JsonOption,
    ReasonOption,
    SubjectOption,
    TextOption,
    ToOption,
    moment_us,
    plain,
    print_table,
)
from control_center.reports.readings import Reading, ReportFilter, Totals
from device_registry import centers
from foundation import audit, audit_check, audit_search
from foundation.audit import AuditAction, AuditEntry
from foundation.audit_check import AuditFault, Head, time_of
from foundation.audit_export import Export, Format
from foundation.audit_file import FileCheck, check_file
from foundation.audit_search import AuditFilter, FoundEntry
from foundation.clock import SYSTEM_CLOCK
from foundation.database import Stores, open_stores, reading, transaction
from foundation.database_faults import explained
from foundation.errors import Conflict, NotFound
from foundation.files import write_error
from foundation.settings import Settings, load_settings
from foundation.signing import Signing

_audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
_DAYS_US = 30 * 24 * 3600 * 1_000_000


def register(app: typer.Typer) -> None:
    app.add_typer(_audit, name="audit")


@dataclass(frozen=True, slots=True)
class _Desk:
    settings: Settings
    stores: Stores
    user: str

    def record(self, action: AuditAction, facts: Mapping[str, Any], purpose: Purpose) -> AuditEntry:
        with transaction(self.stores.core) as session:
            origin = centers.ensure_local(session, self.settings, SYSTEM_CLOCK)
            return audit.record(
                session,
                action,
                origin=origin,
                actor=self.user,
                subject=origin.center_id,
                detail=facts,
                reason=purpose.reason,
                case_number=purpose.case_number,
            )

    def center_id(self, code: str | None) -> str | None:
        if code is None:
            return None
        with reading(self.stores.core) as session:
            found = centers.find(session, code)
        if found is None:
            raise NotFound("there is no such center.", where=f"center {code}", mend="`vedette centers ls` lists them.")
        return found.id


@contextmanager
def _desk() -> Iterator[_Desk]:
    settings = load_settings()
    stores = open_stores(settings)
    try:
        with explained(stores.core):
            yield _Desk(settings, stores, f"cli:{getpass.getuser()}")
    finally:
        stores.dispose()


@_audit.command("verify")
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
    with _desk() as desk:
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


@_audit.command("head")
def show_head(as_json: JsonOption = False) -> None:
    """Print the newest entry's number and hash, to be noted where nobody here can change it."""
    with _desk() as desk, desk.stores.core.execution_options(read_only=True).connect() as connection:
        newest, _ = audit_check.heads(connection)
    if newest == audit_check.START:
        raise NotFound("the audit trail has no entry yet.", mend="Note its head once there is one.")
    typer.echo(json.dumps(asdict(newest)) if as_json else str(newest))


@_audit.command("search")
def search(
    from_: FromOption = None,
    to: ToOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    case: CaseOption = None,
    center: CenterOption = None,
    text: TextOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Entries shown at most, the newest.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show the newest entries that meet all conditions."""
    with _desk() as desk:
        wanted = _filter(desk, from_, to, actor, action, subject, case, center, text)
        entry = desk.record(AuditAction.CLI_AUDIT_SEARCH, wanted.facts(), Purpose(None, None))
        with reading(desk.stores.core) as session:
            conditions = audit_search.conditions(session, None, wanted)
            found = audit_search.newest(session, conditions, limit=limit, before_seq=entry.seq)
    if as_json:
        for each in found:
            typer.echo(json.dumps(_entry_facts(each), ensure_ascii=True))
    else:
        headings = ["No.", "Time", "Who", "What", "To what", "Why", "Detail"]
        print_table(headings, [_entry_cells(each) for each in found])


def _entry_facts(entry: FoundEntry) -> dict[str, Any]:
    facts = entry._asdict() | {"detail": entry.detail}
    return {name: value for name, value in facts.items() if name != "detail_text"}


def _entry_cells(entry: FoundEntry) -> list[str]:
    why = " ".join(plain(part) for part in (entry.case_number, entry.reason) if part)
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    texts = (entry.actor, entry.action, entry.subject)
    return [str(entry.seq), time_of(entry.at_us), *map(plain, texts), why, plain(detail)]


@_audit.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="File to make; `-` for the standard output.")],
    from_: FromOption = None,
    to: ToOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    case: CaseOption = None,
    center: CenterOption = None,
    text: TextOption = None,
    form: Annotated[Format, typer.Option("--format", help="jsonl, whose chain can be checked, or csv.")] = "jsonl",
    reason: ReasonOption = None,
    for_case: ForCaseOption = None,
) -> None:
    """Write the entries that meet all conditions to a file, oldest first, with a signed trailer."""
    with _desk() as desk, _new_file(file) as stream:
        purpose = access_policy.check("export", reason, for_case, desk.settings.audit)
        wanted = _filter(desk, from_, to, actor, action, subject, case, center, text)
        signing = Signing.open(desk.settings.key_dir)
        entry = desk.record(AuditAction.CLI_AUDIT_EXPORT, wanted.facts() | {"format": form}, purpose)
        made = Export(
            core=desk.stores.core,
            signing=signing,
            scope=None,
            wanted=wanted,
            head=Head(entry.seq, entry.hash),
            made_by=desk.user,
            made_us=entry.at_us,
            format=form,
        )
        for chunk in made.chunks():
            stream.write(chunk)
    typer.echo(f"Written. The head of the trail is {made.head}.", err=True)


@contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """A file that was not there, for nobody else to read; gone when it does not become whole."""
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("there is such a file already.", where=str(file), mend="Name another one.") from error
    except OSError as error:
        raise write_error(file, error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        file.unlink(missing_ok=True)
        raise write_error(file, error) from error
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@_audit.command("report")
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
    with _desk() as desk:
        purpose = access_policy.check("report", reason, for_case, desk.settings.audit)
        to_us = moment_us(to, "--to", is_end=True) or SYSTEM_CLOCK.now_us()
        from_us = moment_us(from_, "--from")
        wanted = ReportFilter(
            from_us=to_us - _DAYS_US if from_us is None else from_us,
            to_us=to_us,
            actor=actor,
            subject=subject,
            camera_id=camera,
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


def _filter(
    desk: _Desk,
    from_: str | None,
    to: str | None,
    actor: str | None,
    action: str | None,
    subject: str | None,
    case: str | None,
    center: str | None,
    text: str | None,
) -> AuditFilter:
    return AuditFilter(
        from_us=moment_us(from_, "--from"),
        to_us=moment_us(to, "--to", is_end=True),
        actor=actor,
        action=action,
        subject=subject,
        case_number=case,
        center_id=desk.center_id(center),
        text=text,
    )

"""`vedette audit search` and `vedette audit export`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.reports.desk import Desk, open_desk
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
    stated,
)
from foundation.audit import AuditAction
from foundation.audit import search as audit_search
from foundation.audit.check import Head, time_of
from foundation.audit.export import Export, Format
from foundation.audit.search import AuditFilter, FoundEntry
from foundation.database import reading
from foundation.errors import Conflict
from foundation.files import write_error
from foundation.signing import Signing


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
    with open_desk() as desk:
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
    with open_desk() as desk, _new_file(file) as stream:
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


def _filter(
    desk: Desk,
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
        actor=stated(actor, "--actor"),
        action=stated(action, "--action"),
        subject=stated(subject, "--subject"),
        case_number=stated(case, "--case"),
        center_id=desk.center_id(center),
        text=stated(text, "--text"),
    )

"""The six lists: nobody is listed without a ground of the closed set, issuer, instrument and expiry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import transaction
from foundation.identifiers import Origin, new_id
from matching import csv_files, hits
from matching.catalogue import Catalogue, KeyPersonList, ListName
from matching.csv_files import ImportReport
from matching.importing import Columns, Writing, one_import_at_a_time, raise_version, sort_rows, take_rows, write_rows
from matching.models import KeyPerson
from matching.record_rows import FILE_FIELDS, RowRefused, optional_date, record_columns, required_date
from matching.validity import days_after, local_day

REQUIRED = ("record_id", "ground", "issuer", "instrument", "issued_on", "action", "review_on", "expires_on")
FIELDS = (*FILE_FIELDS, *REQUIRED[1:], "withdrawn_on")
_IDENTIFYING = ("name", "surname", "given_name", "id_number", "document_number")
_log = structlog.get_logger()


def import_list(
    engine: Engine,
    catalogue: Catalogue,
    list_name: ListName,
    file: Path,
    *,
    origin: Origin,
    clock: Clock,
    actor: str,
    importer: str | None = None,
    partial: bool = False,
) -> ImportReport:
    """Take the file's rows into the list: all of them, or with `partial` the good ones; refusals are in the report.

    `importer` is the account that answers for it, where that is not the actor.

    Rows that stand already are brought up to date by their record_id. A row that is now withdrawn or over recalls
    its hits in the same transaction.
    """
    entry = catalogue.lists[list_name]
    today = local_day(clock.now_us(), catalogue.utc_offset_minutes)
    content = csv_files.read(file, entry.columns, FIELDS, REQUIRED)
    stamp = {"list_name": list_name, "imported_us": clock.now_us(), "imported_by": importer or actor}
    rows, report = take_rows(content, lambda row: {**listing_columns(row, list_name, entry, today), **stamp})
    if rows and (partial or not report.refused):
        with transaction(engine) as session:
            version = one_import_at_a_time(session, "lists")
            writing = sort_rows(session, KeyPerson, KeyPerson.list_name == list_name, rows, origin, report, version)
            _write(session, writing, report, today, origin, clock, actor, importer, list_name)
        report.written = True
    _log.info("list_imported", list=list_name, written=report.written, added=report.added, refused=len(report.refused))
    return report


def listing_columns(row: Mapping[str, str], list_name: ListName, entry: KeyPersonList, today: str) -> Columns:
    """All columns of a list record but its origin and stamp, or `RowRefused`."""
    columns = record_columns(row)
    if not any(columns[name] for name in _IDENTIFYING):
        raise RowRefused("name", "nothing says who the person is.", "Give a name or a document number.")
    for name in ("issuer", "instrument", "action"):
        columns[name] = _required(name, row)
    columns["ground"] = _ground(_required("ground", row), list_name, entry)
    for name in ("issued_on", "review_on", "expires_on"):
        columns[name] = required_date(name, row.get(name))
    columns["withdrawn_on"] = optional_date("withdrawn_on", row.get("withdrawn_on"))
    _check_dates(columns, entry.grounds[columns["ground"]].longest_days, today)
    return columns


def _required(name: str, row: Mapping[str, str]) -> str:
    value = row.get(name)
    if not value or not any(character.isalnum() for character in value):
        raise RowRefused(name, "is empty.", "Nobody is listed without ground, issuer, instrument, action and dates.")
    return value


def _ground(ground: str, list_name: ListName, entry: KeyPersonList) -> str:
    if ground not in entry.grounds:
        raise RowRefused(
            "ground",
            f"{ground[:40]!r} is no ground of the list {list_name}.",
            f"The grounds are a closed set: {', '.join(entry.grounds)}.",
        )
    return ground


def _check_dates(columns: Columns, longest_days: int, today: str) -> None:
    issued, review, expires = columns["issued_on"], columns["review_on"], columns["expires_on"]
    if issued > today:
        raise RowRefused("issued_on", f"{issued} is still to come.", "List the person once the instrument is issued.")
    latest = days_after(issued, longest_days)
    if expires > latest:
        raise RowRefused(
            "expires_on",
            f"{expires} is beyond the longest validity of {columns['ground']}, {longest_days} days.",
            f"The latest is {latest}.",
        )
    if expires < issued:
        raise RowRefused("expires_on", f"{expires} is before the issue on {issued}.", "Correct one of the two.")
    if not issued <= review <= expires:
        raise RowRefused("review_on", f"{review} is not between issue and expiry.", f"Choose {issued} to {expires}.")


def _write(
    session: Session,
    writing: Writing,
    report: ImportReport,
    today: str,
    origin: Origin,
    clock: Clock,
    actor: str,
    importer: str | None,
    list_name: ListName,
) -> None:
    for columns in writing.added:
        columns.update(id=new_id(clock), center_id=origin.center_id, node=origin.node)
    write_rows(session, KeyPerson, writing)
    if writing.added or writing.changed:
        raise_version(session, "lists")
    report.recalled = hits.recall_lapsed(session, today, origin, clock)
    audit.record(
        session,
        AuditAction.CLI_LIST_IMPORT,
        origin=origin,
        actor=actor,
        subject=list_name,
        detail={
            "added": report.added,
            "changed": report.changed,
            "refused": len(report.refused),
            "importer": importer or actor,
        },
        clock=clock,
    )

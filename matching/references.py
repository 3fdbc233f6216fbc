"""The four reference databases: imported rows, kept by the identifier of their source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy import Engine

from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import transaction
from foundation.identifiers import Origin, new_id
from matching import csv_files, hits
from matching.catalogue import Catalogue, DatabaseName
from matching.csv_files import ImportReport
from matching.importing import Columns, one_import_at_a_time, raise_version, sort_rows, take_rows, write_rows
from matching.models import ReferenceRecord
from matching.record_rows import FILE_FIELDS, RowRefused, optional_date, record_columns
from matching.validity import local_day

FIELDS = (*FILE_FIELDS, "withdrawn_on")
# At least one of these, or nothing could ever be compared with the row.
_KEYED_BY: Mapping[DatabaseName, tuple[str, ...]] = {
    "wanted_persons": ("name", "surname", "given_name", "id_number", "document_number", "phone"),
    "missing_unidentified": (
        *("name", "surname", "given_name", "id_number", "document_number", "phone"),
        *("sex", "height_cm", "place", "belongings"),
    ),
    "stolen_vehicles": ("plate", "vin"),
    "lost_documents": ("document_number", "id_number"),
}
_log = structlog.get_logger()


def import_references(
    engine: Engine,
    catalogue: Catalogue,
    database: DatabaseName,
    file: Path,
    *,
    origin: Origin,
    clock: Clock,
    actor: str,
    partial: bool = False,
) -> ImportReport:
    """Take the file's rows into the database: all of them, or with `partial` the good ones."""
    content = csv_files.read(file, catalogue.databases[database].columns, FIELDS, ("record_id",))
    stamp = {"database": database, "imported_us": clock.now_us()}
    rows, report = take_rows(content, lambda row: {**reference_columns(row, database), **stamp})
    if rows and (partial or not report.refused):
        _write(engine, catalogue, database, rows, report, origin, clock, actor)
        report.written = True
    _log.info(
        "references_imported",
        database=database,
        written=report.written,
        added=report.added,
        refused=len(report.refused),
    )
    return report


def reference_columns(row: Mapping[str, str], database: DatabaseName) -> Columns:
    columns = record_columns(row)
    if not any(columns[name] for name in _KEYED_BY[database]):
        raise RowRefused(
            _KEYED_BY[database][0],
            f"nothing that {database} is keyed by is given.",
            f"Give one of {', '.join(_KEYED_BY[database])}.",
        )
    columns["withdrawn_on"] = optional_date("withdrawn_on", row.get("withdrawn_on"))
    return columns


def _write(
    engine: Engine,
    catalogue: Catalogue,
    database: DatabaseName,
    rows: list[Columns],
    report: ImportReport,
    origin: Origin,
    clock: Clock,
    actor: str,
) -> None:
    today = local_day(clock.now_us(), catalogue.utc_offset_minutes)
    with transaction(engine) as session:
        version = one_import_at_a_time(session, "references")
        same = ReferenceRecord.database == database
        writing = sort_rows(session, ReferenceRecord, same, rows, origin, report, version)
        for columns in writing.added:
            columns.update(id=new_id(clock), center_id=origin.center_id, node=origin.node)
        write_rows(session, ReferenceRecord, writing)
        if writing.added or writing.changed:
            raise_version(session, "references")
        report.recalled = hits.recall_lapsed(session, today, origin, clock)
        audit.record(
            session,
            AuditAction.CLI_REFERENCE_IMPORT,
            origin=origin,
            actor=actor,
            subject=database,
            detail={"added": report.added, "changed": report.changed, "refused": len(report.refused)},
            clock=clock,
        )

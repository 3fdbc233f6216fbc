"""What the imports of lists and of references share: refuse or take rows, and write them in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from foundation.chain import insert_for
from foundation.identifiers import Origin
from matching.csv_files import CsvFile, ImportReport, Refusal
from matching.doubts import doubts
from matching.models import KeyPerson, RecordVersion, ReferenceRecord
from matching.record_rows import RowRefused

_ROWS_AT_ONCE = 2_000
_log = structlog.get_logger()
Columns = dict[str, Any]


@dataclass(slots=True)
class Writing:
    """The rows to write, sorted by what becomes of them."""

    added: list[Columns]
    changed: list[Columns]  # with the id of the row that stands


def take_rows(file: CsvFile, columns_of: Callable[[Mapping[str, str]], Columns]) -> tuple[list[Columns], ImportReport]:
    """Each row's columns; refusals and doubts go into the report."""
    report = ImportReport(rows=len(file.rows) + len(file.malformed), ignored_columns=file.ignored_columns)
    report.refused += file.malformed
    taken: dict[str, Columns] = {}
    for number, row in file.rows:
        try:
            columns = columns_of(row)
            if columns["source_record"] in taken:
                raise RowRefused("record_id", f"{columns['source_record']!r} stands twice in the file.", "Keep one.")
        except RowRefused as refused:
            report.refused.append(Refusal(number, refused.column, refused.reason, refused.mend))
            continue
        taken[columns["source_record"]] = columns
        report.doubtful += doubts(number, columns)
    report.refused.sort(key=lambda refusal: refusal.row)
    return list(taken.values()), report


def sort_rows(
    session: Session,
    table: type[KeyPerson] | type[ReferenceRecord],
    same_collection: Any,
    rows: Sequence[Columns],
    origin: Origin,
    report: ImportReport,
    version: int,
) -> Writing:
    """Split into new and changed; who imported a row, when and as which version does not make it a change."""
    rows_there: Iterable[Any] = session.scalars(
        select(table).where(table.center_id == origin.center_id, same_collection)
    )
    standing = {row.source_record: row for row in rows_there}
    writing = Writing([], [])
    for columns in rows:
        columns["imported_version"] = version
        row = standing.get(columns["source_record"])
        if row is None:
            writing.added.append(columns)
        elif any(getattr(row, name) != value for name, value in columns.items() if not name.startswith("imported_")):
            writing.changed.append({"id": row.id, **columns})
        else:
            report.unchanged += 1
    report.added, report.changed = len(writing.added), len(writing.changed)
    return writing


def write_rows(session: Session, table: type[KeyPerson] | type[ReferenceRecord], writing: Writing) -> None:
    for rows in _batches(writing.added):
        session.execute(insert(table), rows)
    for rows in _batches(writing.changed):
        session.execute(update(table), rows)
    session.expire_all()


def one_import_at_a_time(session: Session, name: str) -> int:
    """The version that this import makes, should it write a row.

    Its row is held until the transaction ends: two imports must not both take a record for new.
    """
    statement = insert_for(session)(RecordVersion).values(name=name, version=0)
    session.execute(statement.on_conflict_do_nothing())
    return session.get_one(RecordVersion, name, with_for_update=True).version + 1


def raise_version(session: Session, name: str) -> None:
    """Tell indexes, in whatever process, that they are old."""
    statement = insert_for(session)(RecordVersion).values(name=name, version=1)
    session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"version": RecordVersion.version + 1})
    )


def _batches(rows: list[Columns]) -> Iterator[list[Columns]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]

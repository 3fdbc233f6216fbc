"""What the commands of this room print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from foundation.clock import to_iso
from matching import explanation, loading
from matching.board import CellSummary
from matching.catalogue import DATABASES, LISTS, Catalogue
from matching.comparison import RunSummary
from matching.csv_files import ImportReport, Refusal
from matching.models import Hit, KeyPerson, ReferenceRecord
from matching.online import Candidate

_ROWS_SHOWN = 20
_CLONE_SIGNS = {"plate_colour": "ground colour", "make": "make"}


def report(result: ImportReport) -> Iterator[RenderableType]:
    if result.refused:
        yield _refusals(f"{len(result.refused)} rows refused", result.refused)
    if result.doubtful:
        yield _refusals(f"{len(result.doubtful)} values taken in doubt", result.doubtful)
    if result.ignored_columns:
        yield Text(f"Columns left out: {', '.join(result.ignored_columns)}.")
    if result.written:
        yield Text(
            f"{result.rows} rows: {result.added} added, {result.changed} changed, {result.unchanged} unchanged, "
            f"{len(result.refused)} refused; {result.recalled} hits recalled."
        )
    elif result.refused:
        yield Text("Nothing was imported. Mend the rows, or take the good ones with --partial.")
    else:
        yield Text("Nothing was imported: the file has no rows.")


def _refusals(title: str, refusals: Sequence[Refusal]) -> Table:
    table = Table("Row", "Column", "Reason", "Mend", title=title)
    for refusal in refusals[:_ROWS_SHOWN]:
        table.add_row(str(refusal.row), refusal.column, Text(refusal.reason), Text(refusal.mend))
    if len(refusals) > _ROWS_SHOWN:
        table.caption = f"and {len(refusals) - _ROWS_SHOWN} more"
    return table


def lists(session: Session, catalogue: Catalogue, day: str) -> Table:
    table = Table("List", "Title", "Grounds", "In force", "Suspended or over", "Verifiers", title=f"Lists on {day}")
    for name in LISTS:
        in_force, lapsed = loading.count_in_force(session, name, day)
        entry = catalogue.lists[name]
        grounds = "\n".join(f"{ground} ({settings.longest_days} days)" for ground, settings in entry.grounds.items())
        title = f"{entry.title.zh}\n{entry.title.en}"
        table.add_row(name, title, grounds, str(in_force), str(lapsed), str(entry.verifiers))
    return table


def runs(summaries: Sequence[RunSummary]) -> Table:
    names = (
        "List",
        "Database",
        "Compared",
        "Not comparable",
        "Suspended",
        "Pairs",
        "Linked",
        "Hits",
        "New",
        "Recalled",
    )
    table = Table(title="Comparisons")
    for name in names:
        table.add_column(name, justify="left" if name in ("List", "Database") else "right")
    for run in summaries:
        numbers = (run.compared, run.not_comparable, run.suspended, run.pairs, run.linked, run.hits)
        table.add_row(run.list_name, run.database, *map(str, (*numbers, run.new_hits, run.recalled)))
    return table


def board(cells: Sequence[CellSummary]) -> Table:
    table = Table("", *DATABASES, title="6 x 4", caption="hits / compared (not comparable)", show_lines=True)
    by_cell = {(cell.list_name, cell.database): cell for cell in cells}
    for list_name in LISTS:
        table.add_row(list_name, *(_cell(by_cell[list_name, database]) for database in DATABASES))
    return table


def _cell(cell: CellSummary) -> str:
    if cell.finished_us is None:
        return "not run yet"
    return f"{cell.hits} / {cell.compared} ({cell.not_comparable})"


def hits(found: Sequence[Hit]) -> Table:
    table = Table("Hit", "Found", "List", "Database", "Probability", "State", title="Hits")
    for hit in found:
        state = f"recalled: {hit.recall_cause}" if hit.recalled_us is not None else "stands"
        probability = f"{hit.probability:.4f}"
        table.add_row(hit.id, to_iso(hit.created_us), hit.list_name or "-", hit.database or "-", probability, state)
    return table


def explained(hit: Hit, person: KeyPerson | None, reference: ReferenceRecord | None) -> Iterator[RenderableType]:
    left = f"{hit.list_name} {person.source_record}" if person else "plate read"
    right = f"{hit.database} {reference.source_record}" if reference else "its own vehicle"
    yield explanation.table(hit.explanation, title=f"{left} and {right}")
    if person is not None:
        yield Text(
            f"Ground {person.ground}, {person.issuer}, {person.instrument} of {person.issued_on}, "
            f"until {person.expires_on}. Action: {person.action}"
        )
    if clone := hit.explanation.get("suspected_clone"):
        yield Text(_cloned(clone))
    if hit.recalled_us is not None:
        yield Text(f"Recalled {to_iso(hit.recalled_us)}: {hit.recall_cause}.")
    yield Text("A hit is a lead, not a ground for action: verify it first.")


def candidates(found: Sequence[Candidate]) -> Iterator[RenderableType]:
    if not found:
        yield Text("No plate on record is this one, nor one that may be misread so.")
        return
    table = Table(
        "Plate", "Record", "Colour", "Make", "Agreement", "Bits", "Probability", "Hit", title="Plates on record"
    )
    for it in found[:_ROWS_SHOWN]:
        record = it.vehicle.record
        where = f"{it.found.list_name or it.found.database} {record.source_record}"
        values = [record.raw.get(name) or "-" for name in ("plate_colour", "make")]
        levels = ", ".join(f"{entry['field']}: {entry['level']}" for entry in it.found.explanation["fields"])
        weight = f"{it.found.weight_mbits / 1000:+.1f}"
        table.add_row(
            *map(Text, (it.vehicle.plate, where, *values, levels, weight)),
            f"{it.found.probability:.4f}",
            "yes" if it.is_hit else "no",
        )
    if len(found) > _ROWS_SHOWN:
        table.caption = f"and {len(found) - _ROWS_SHOWN} more"
    yield table
    for it in found:
        if clone := it.found.explanation["suspected_clone"]:
            yield Text(f"{it.vehicle.plate}: {_cloned(clone)}")
    yield Text("Only the very plate is a hit, and a hit is a lead: verify it first.")


def _cloned(fields: Sequence[str]) -> str:
    differing = ", ".join(_CLONE_SIGNS[field] for field in fields)
    return f"Suspected cloned plate. Not as on record: {differing}. It may also be misread."

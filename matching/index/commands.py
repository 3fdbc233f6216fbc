"""`vedette match index`: candidates out of a file of references, without a center."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import InvalidInput
from foundation.files import written_whole
from foundation.settings import load_settings
from foundation.spreadsheets import guarded
from matching.catalogue import load_catalogue
from matching.index.building import Reference
from matching.index.inspecting import census
from matching.index.keys import COLUMNS, keyed_alone
from matching.index.ranking import Ranked, ranked
from matching.index.store import Index, build_index, families_in
from matching.normalising.dates import normalise_date
from matching.record_files.opening import open_records
from matching.record_files.record_file import RecordFile
from matching.validity import local_day

_RECORDS_AT_ONCE = 2_000
_LIKELIEST = 20  # that are shown in any case; others where they weigh for the record
_SHOWN = ("record_id", "name", "surname", "given_name", "date_of_birth", "id_number", "document_number", "plate")
IndexArgument = Annotated[Path, typer.Argument(metavar="INDEX", help="The index file.")]
ReferencesArgument = Annotated[Path, typer.Argument(metavar="REFERENCES", help="CSV (UTF-8 or GB 18030) or Parquet.")]
PartialOption = Annotated[bool, typer.Option("--partial", help="Take the good rows and leave the refused ones.")]


def index_commands() -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="References of any number, indexed for look-ups in microseconds.")
    for command in (build, inspect, query, add, withdraw, merge):
        app.command()(command)
    return app


def build(
    references: ReferencesArgument,
    out: Annotated[Path, typer.Option(help="The index file to write; an index that is there is replaced.")],
    partial: PartialOption = False,
) -> None:
    """Index a file of references: record_id and any of the columns that records are compared by."""
    with open_records(references, partial=partial) as file:
        listing = {"file": references.name, "sha256": file.sha256}
        with _progress("Indexing", file.bytes) as (progress, task):
            written = build_index(
                out, file.references(), listing, lambda _: progress.update(task, completed=file.done_bytes)
            )
        _tell_refusals(file)
    _console().print(f"References indexed: {written}, {out.stat().st_size / 1e6:.1f} MB.")


def inspect(index: IndexArgument) -> None:
    """What an index holds; its checksums are verified."""
    opened = Index(index)
    about = Table(show_header=False)
    about.add_column()
    about.add_column(overflow="fold")
    facts = {
        "references": str(len(opened)),
        "added since built": str(opened.added),
        "withdrawn since built": str(opened.withdrawn),
        "bytes": str(opened.base.opened.bytes),
        "list": ", ".join(f"{name} {value}" for name, value in opened.base.meta["listing"].items()),
        "versions": ", ".join(f"{name} {value}" for name, value in opened.base.meta["versions"].items()),
        "identity": opened.base.opened.identity,
    }
    for fact in facts.items():
        about.add_row(*fact)
    keys = Table("key", "distinct", "members", "largest block", "blocks split")
    for it in census(opened.base):
        keys.add_row(it.family, str(it.keys), str(it.members), str(it.largest), str(it.split))
    _console().print(about, keys)


def query(
    index: IndexArgument,
    values: Annotated[list[str] | None, typer.Argument(metavar="COLUMN=VALUE", help="What the record says.")] = None,
    records: Annotated[Path | None, typer.Option(help="A file of records to look up instead, CSV or Parquet.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the candidates of --records go, as CSV.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Candidates as JSON.")] = False,
) -> None:
    """The references that share a key with a record, the likeliest first. A candidate is not yet a hit.

    Shown are the twenty that weigh most, and all that weigh for the record rather than against it.
    """
    if records is not None and out is not None and not values:
        return _query_file(Index(index), records, out)
    if not values or records is not None or out is not None:
        raise InvalidInput(
            "nothing to look up.", mend="Give COLUMN=VALUE, such as name=李晓明; or --records and --out together."
        )
    raw = _columns(values)
    found = Index(index).look_up(raw, _today(), keyed_alone(raw))
    likeliest = ranked(raw, found.candidates, most=_LIKELIEST, floor_mbits=0)
    more = len(found.candidates) - len(likeliest)
    if as_json:
        candidates = [
            {"keys": it.candidate.keys, "weight_mbits": it.score.weight_mbits, "reference": it.raw} for it in likeliest
        ]
        typer.echo(json.dumps({"candidates": candidates, "more": more, "crowded": found.crowded}, ensure_ascii=False))
        return None
    _console().print(_table(likeliest))
    if more:
        _console().print(f"Less likely ones that are not shown: {more}.")
    if found.crowded:
        _console().print(f"Too many references bear the same {', '.join(found.crowded)}: give more columns.")
    return None


def add(index: IndexArgument, references: ReferencesArgument, partial: PartialOption = False) -> None:
    """Add references to an index, at once; one whose record_id is there already takes its place."""
    with open_records(references, partial=partial) as file:
        raws = [dict(it.raw) for it in file.references()]
        Index(index).add(raws)
        _tell_refusals(file)
    _console().print(f"References added: {len(raws)}.")


def withdraw(
    index: IndexArgument,
    record_ids: Annotated[list[str], typer.Argument(metavar="RECORD_ID...", help="Which references.")],
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The first day without them; today if not given.")
    ] = None,
) -> None:
    """Withdraw references from an index, at once or when they expire."""
    day = _today() if on is None else normalise_date(on)
    if day is None or len(day) != len("2026-01-31"):
        raise InvalidInput(f"{on!r} is not a day.", where="--on", mend="Write YYYY-MM-DD.")
    Index(index).withdraw(record_ids, day)
    _console().print(f"Withdrawn from {day} on: {len(record_ids)}.")


def merge(index: IndexArgument) -> None:
    """Build an index anew of what is in force: additions become part of the file, what was withdrawn leaves it."""
    opened = Index(index)
    with _progress("Merging", len(opened)) as (progress, task):
        left = opened.merge(_today(), lambda done: progress.update(task, completed=done))
    _console().print(f"References indexed: {left}.")


def _query_file(index: Index, records: Path, out: Path) -> None:
    day, pairs, record = _today(), 0, 0
    with (
        open_records(records, partial=False) as file,
        _progress("Looking up", file.bytes) as (progress, task),
        written_whole(out) as binary,
    ):
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(("record_id", "reference_id", "keys"))
        for chunk in _chunks(file.references()):
            found = index.look_up_many([it.raw for it in chunk], day)
            for at, reference, families in zip(found.record, found.reference, found.families, strict=True):
                ids = chunk[at].raw["record_id"], index.record_id(int(reference))
                writer.writerow((*map(guarded, ids), " ".join(families_in(int(families)))))
            pairs, record = pairs + len(found.record), record + len(chunk)
            progress.update(task, completed=file.done_bytes)
        text.detach()  # flushed, and left open for the file to be synced
    _console().print(f"Records: {record}, candidates: {pairs}.")


def _chunks(references: Iterator[Reference]) -> Iterator[list[Reference]]:
    while chunk := list(islice(references, _RECORDS_AT_ONCE)):
        yield chunk


def _columns(values: Iterable[str]) -> dict[str, str]:
    raw = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or name not in COLUMNS or name == "record_id":
            raise InvalidInput(
                f"{value!r} names no column.", mend=f"Write COLUMN=VALUE with one of {', '.join(COLUMNS[1:])}."
            )
        raw[name] = text
    return raw


def _table(likeliest: list[Ranked]) -> Table:
    shown = [name for name in _SHOWN if any(name in it.raw for it in likeliest)]
    table = Table("bits", *shown, "found by")
    for it in likeliest:
        weight = f"{it.score.weight_mbits / 1000:.1f}"
        table.add_row(weight, *(it.raw.get(name, "") for name in shown), ", ".join(it.candidate.keys))
    return table


def _tell_refusals(file: RecordFile) -> None:
    for refusal in file.first_refused:
        _console().print(str(refusal))
    if file.refused:
        _console().print(f"Rows refused and left out: {file.refused}.")
    if file.ignored_columns:
        _console().print(f"Columns that were not read: {', '.join(file.ignored_columns)}.")


@contextmanager
def _progress(what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield progress, progress.add_task(what, total=total)


def _today() -> str:
    catalogue = load_catalogue(load_settings().matching.catalogue)
    return local_day(SYSTEM_CLOCK.now_us(), catalogue.utc_offset_minutes)


def _console() -> Console:
    # Values come from outside: square brackets in them are text, not markup.
    return Console(markup=False, highlight=False)

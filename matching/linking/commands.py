"""`vedette match compare`: two files of records, without a center."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from foundation.clock import SYSTEM_CLOCK
from foundation.files import write_atomically
from foundation.settings import load_settings
from matching.catalogue import load_catalogue
from matching.linking.measuring import Measured, measure, truth_of
from matching.linking.model_file import Learnt, read
from matching.record_files.record_file import RecordFile
from matching.validity import local_day

RecordsArgument = Annotated[Path, typer.Argument(metavar="RECORDS", help="CSV (UTF-8 or GB 18030) or Parquet.")]
ReferencesArgument = Annotated[
    Path, typer.Argument(metavar="REFERENCES", help="CSV, Parquet, or an index file; RECORDS itself finds doubles.")
]
OutOption = Annotated[Path, typer.Option(help="The hits, as CSV; the model goes beside them.")]
ThresholdOption = Annotated[
    float, typer.Option(min=1e-9, max=1 - 1e-9, help="The least probability of a pair that is a hit.")
]
ModelOption = Annotated[
    Path | None, typer.Option(help="A model that was learnt before, in place of one learnt from the files.")
]
TruthOption = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column of both files that tells whom a row is about: measure it.")
]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Write why each hit is one, a line of JSON each.")]
WorkersOption = Annotated[int | None, typer.Option(min=1, max=256, help="Processes; one for each core if not given.")]
PartialOption = Annotated[bool, typer.Option("--partial", help="Take the good rows and leave the refused ones.")]


def compare(
    records: RecordsArgument,
    references: ReferencesArgument,
    out: OutOption,
    threshold: ThresholdOption = 0.95,
    model: ModelOption = None,
    truth: TruthOption = None,
    explain: ExplainOption = False,
    partial: PartialOption = False,
    workers: WorkersOption = None,
) -> None:
    """Find the pairs of two files that are about one person or vehicle. Run again after a kill, it goes on."""
    # numba takes a second to load, which other commands can do without
    from matching.linking.comparing import Comparison
    from matching.linking.comparing import compare as run

    asked = Comparison(
        records,
        references,
        out,
        threshold,
        today(),
        read(model) if model is not None else None,
        partial,
        explain,
        workers or len(os.sched_getaffinity(0)),
    )
    entities = truth_of(records, references, truth, partial=partial) if truth is not None else None
    with progress() as step:
        outcome = run(asked, step)
    printed = console()
    tell_files(printed, outcome.files, also_read=truth)
    if outcome.resumed:
        printed.print(f"Parts that an earlier run had finished: {outcome.resumed}.")
    printed.print(f"Records: {outcome.records}, references: {outcome.references}, candidates: {outcome.candidates}.")
    printed.print(f"Hits: {outcome.hits}, in {out}.", soft_wrap=True)
    if asked.learnt is not None:
        _tell_prior(printed, asked.learnt, outcome.learnt)
    if entities is not None:
        _tell(printed, measure(out, entities))


def _tell_prior(printed: Console, given: Learnt, used: Learnt) -> None:
    """What became of the prior where the model was learnt among more references or fewer."""
    if given.references is None:
        printed.print("The model does not say among how many references it was learnt: its prior is taken as it is.")
    elif used.references != given.references:
        bits = (used.prior_mbits - given.prior_mbits) / 1000
        counts = f"{given.references} references, here are {used.references}"
        printed.print(f"The model was learnt among {counts}: its prior moved by {bits:+.1f} bits.")


def picture(
    explained: Annotated[Path, typer.Argument(metavar="EXPLAINED", help="What `compare --explain` wrote.")],
    record_id: Annotated[str, typer.Argument(metavar="RECORD_ID", help="As the hits have it.")],
    reference_id: Annotated[str, typer.Argument(metavar="REFERENCE_ID", help="As the hits have it.")],
    out: Annotated[Path, typer.Option(help="The picture, as SVG.")],
) -> None:
    """Draw why a pair is a hit: its weights as a waterfall, from the prior to the probability."""
    from matching.linking.batch import check_out
    from matching.linking.explained_file import explanation_of
    from matching.waterfall import picture as drawn

    check_out(out, iter((explained,)))
    found = explanation_of(explained, record_id, reference_id)
    sides = (found["record_id"], found["reference_id"])
    write_atomically(out, drawn(found, title=" and ".join(sides), sides=sides).encode())


def tell_files(printed: Console, files: Iterable[RecordFile], also_read: str | None = None) -> None:
    """What was left out of each: rows that were refused, columns that no record has."""
    for file in files:
        for refusal in file.first_refused:
            printed.print(f"{file.path}, {refusal}", soft_wrap=True)
        if file.refused:
            printed.print(f"{file.path}: rows refused and left out: {file.refused}.", soft_wrap=True)
        if unread := [name for name in file.ignored_columns if name != also_read]:
            printed.print(f"{file.path}: columns that were not read: {', '.join(unread)}.", soft_wrap=True)


def _tell(printed: Console, measured: Measured) -> None:
    table = Table("precision", "recall", "F1", "true pairs", "false hits", "pairs missed")
    shares = (f"{share:.4f}" for share in (measured.precision, measured.recall, measured.f1))
    false, missed = measured.hits - measured.true_hits, measured.pairs - measured.true_hits
    table.add_row(*shares, str(measured.pairs), str(false), str(missed))
    printed.print(table)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Opening", total=None)

        def step(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield step


def today() -> str:
    catalogue = load_catalogue(load_settings().matching.catalogue)
    return local_day(SYSTEM_CLOCK.now_us(), catalogue.utc_offset_minutes)


def console() -> Console:
    # Values come from outside: square brackets in them are text, not markup.
    return Console(markup=False, highlight=False)

"""`vedette match sample` and `vedette match evaluate`: on files, without a center."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from foundation.errors import InvalidInput
from foundation.files import write_atomically
from matching.linking.commands import (
    ModelOption,
    PartialOption,
    RecordsArgument,
    ReferencesArgument,
    ThresholdOption,
    console,
    progress,
    tell_files,
    today,
)

PairsOption = Annotated[int, typer.Option(min=10, max=100_000, help="How many pairs to draw.")]


def sample(
    records: RecordsArgument,
    references: ReferencesArgument,
    model: Annotated[Path, typer.Option(help="The model that weighs the pairs, such as HITS.model.json.")],
    out: Annotated[Path, typer.Option(help="The pairs to be judged, as CSV; the model goes beside them.")],
    pairs: PairsOption = 400,
    threshold: ThresholdOption = 0.95,
    partial: PartialOption = False,
) -> None:
    """Draw candidate pairs at random from each range of probability, above the threshold and below, to be judged."""
    from matching.judging.sampling import Sampling
    from matching.judging.sampling import sample as run
    from matching.linking.model_file import read

    asked = Sampling(records, references, out, read(model), pairs, threshold, today(), partial)
    with progress() as step:
        sampled = run(asked, step)
    table = Table("probability", title="Pairs")
    table.add_column("candidates", justify="right")
    table.add_column("drawn", justify="right")
    for stratum, held, drawn in zip(sampled.strata, sampled.held, sampled.drawn, strict=True):
        table.add_row(str(stratum), str(held), str(drawn))
    printed = console()
    tell_files(printed, sampled.files)
    printed.print(table)
    printed.print(f"Written to {out}. Judge each pair: same, different or undecided (同一, 不同, 无法判断).")


def evaluate(
    judged: Annotated[Path, typer.Argument(metavar="JUDGED", help="What `match sample` wrote, with judgements.")],
    threshold: ThresholdOption = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    model: ModelOption = None,
    out: Annotated[Path | None, typer.Option(help="Calibrate --model by the judgements, and write it here.")] = None,
) -> None:
    """What judged pairs say of the threshold and of the probabilities; with --model and --out, calibrate a model."""
    from matching.judging import tables
    from matching.judging.calibrating import calibrated
    from matching.judging.estimating import evaluate as run
    from matching.judging.judged_file import read_judged
    from matching.linking.batch import check_out
    from matching.linking.model_file import read, written

    if (model is None) != (out is None):
        raise InvalidInput("--model and --out go together.", mend="Give both to calibrate, or neither.")
    if model is not None and out is not None:
        check_out(out, iter((judged, model)))
    rows = read_judged(judged)
    found = run(rows, threshold)
    printed = console()
    if as_json:
        typer.echo(json.dumps(tables.as_json(found), ensure_ascii=False, indent=1))
    else:
        for part in tables.tables(found):
            printed.print(part)
    if model is not None and out is not None:
        learnt = calibrated(read(model), rows)
        write_atomically(out, written(learnt))
        if not as_json and learnt.calibration is not None:
            from matching.calibration import told

            printed.print(f"Calibrated: {told(learnt.calibration.as_json())}. Written to {out}.")

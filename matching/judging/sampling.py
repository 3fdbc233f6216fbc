"""All candidates of two files scored once, and some of each stratum written down to be judged."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import InvalidInput
from foundation.files import ensure_folder, write_atomically
from matching.index.store import one_writer
from matching.judging.columns import ToJudge, written
from matching.judging.drawing import Draw
from matching.judging.strata import Stratum, shared_out, strata
from matching.linking.batch import RECORDS_AT_ONCE, beside, check_out
from matching.linking.inputs import Step, chunks, index_of, open_references
from matching.linking.model_file import Learnt
from matching.linking.model_file import written as model_written
from matching.linking.scored_pairs import Scorer
from matching.record_files.opening import open_records
from matching.record_files.record_file import RecordFile


@dataclass(frozen=True, slots=True)
class Sampling:
    records: Path
    references: Path  # a file of records, or an index
    out: Path
    learnt: Learnt
    pairs: int
    threshold: float
    day: str  # on which references are in force
    partial: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    strata: Sequence[Stratum]
    held: Sequence[int]  # pairs of each stratum
    drawn: Sequence[int]
    files: tuple[RecordFile, ...]  # that were read, with what was left out of each


def sample(asked: Sampling, step: Step) -> Sampled:
    """Beside the pairs stands the model that weighed them, its prior that of so many references.

    Raises `InvalidInput` for files that are refused, or where no two records share a key.
    """
    check_out(asked.out, iter((asked.records, asked.references)))
    with one_writer(asked.out), open_records(asked.records, partial=asked.partial) as records:
        folder = asked.out.with_name(f".{asked.out.name}.sample")
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
        ensure_folder(folder)
        try:
            return _sampled(asked, records, folder / "references.index", step)
        finally:
            shutil.rmtree(folder)


def _sampled(asked: Sampling, records: RecordFile, built: Path, step: Step) -> Sampled:
    with open_references(asked.references, partial=asked.partial) as references:
        of_itself = references is not None and references.sha256 == records.sha256
        index = index_of(asked.references, references, built, step)
    learnt = asked.learnt.among(len(index))
    scorer = Scorer(index, learnt, asked.day, of_itself=of_itself)
    of = strata(asked.threshold)
    draw = Draw(index, of, asked.pairs, of_itself=of_itself)
    first = 0
    for raws in chunks(records, RECORDS_AT_ONCE):
        draw.add(raws, scorer.score(raws, first))
        first += len(raws)
        step("Drawing", records.done_bytes, records.bytes)
    counts = shared_out(asked.pairs, draw.sizes)
    if not any(counts):
        mend = "Give both files a column in common."
        raise InvalidInput("no record shares a key with a reference.", where=str(asked.records), mend=mend)
    pairs = [
        ToJudge(pair, stratum, size)
        for stratum, size, drawn in zip(of, draw.sizes, draw.least(counts), strict=True)
        for pair in drawn
    ]
    write_atomically(beside(asked.out, "model.json"), model_written(learnt))
    write_atomically(asked.out, written(pairs, learnt.model.version))
    files = tuple(it for it in (records, references) if it is not None)
    return Sampled(of, draw.sizes, counts, files)

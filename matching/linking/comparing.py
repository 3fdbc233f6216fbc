"""A file of records against a file or an index of references: index, model, then part by part."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import heapify, heapreplace
from pathlib import Path
from typing import Any

import numpy as np

from matching import normalising
from matching.catalogue import to_mbits
from matching.index.keys import VERSION as KEYS
from matching.index.store import Index, one_writer
from matching.levels import forms as of_forms
from matching.levels.forms import forms
from matching.levels.kernel import prepare
from matching.linking.batch import RECORDS_AT_ONCE, Batch, Part, check_out
from matching.linking.inputs import Step, chunks, index_of, open_references
from matching.linking.model_file import Learnt, as_json
from matching.linking.part import Raws, Task, Worker
from matching.linking.scored_pairs import Candidates, candidates
from matching.linking.training import Sample, train
from matching.model import SHIPPED
from matching.normalising import NormalRecord
from matching.record_files.opening import open_records
from matching.record_files.record_file import RecordFile

SAMPLED_RECORDS = 20_000
DRAWN_PAIRS = 1_000_000
_QUEUED = 3  # parts ahead of each worker


@dataclass(frozen=True, slots=True)
class Comparison:
    records: Path
    references: Path  # a file of records, or an index
    out: Path
    threshold: float
    day: str  # on which references are in force
    learnt: Learnt | None  # in place of a model learnt from the files
    partial: bool
    explained: bool
    workers: int


@dataclass(frozen=True, slots=True)
class Outcome:
    records: int
    references: int
    candidates: int
    hits: int
    resumed: int  # parts that a run before had finished
    learnt: Learnt
    files: tuple[RecordFile, ...]  # that were read, with what was left out of each


def compare(asked: Comparison, step: Step) -> Outcome:
    """Write the hits, or go on where a run of the same comparison was killed.

    Raises `InvalidInput` for files that are refused, and `Conflict` while another process writes the same hits.
    """
    check_out(asked.out, iter((asked.records, asked.references)))
    with one_writer(asked.out), open_records(asked.records, partial=asked.partial) as records:
        with open_references(asked.references, partial=asked.partial) as references:
            of_itself = references is not None and references.sha256 == records.sha256
            batch = Batch(asked.out, _said(asked, records, references, of_itself=of_itself), asked.day)
            index = index_of(asked.references, references, batch.index_path, step)
        step("Preparing", 0, 1)
        prepare()
        given = asked.learnt and asked.learnt.among(len(index))
        learnt = batch.learnt or given or _learnt(index, records, batch.day, of_itself, step)
        if batch.learnt is None:
            batch.begin(learnt)
        task = Task(
            index.path, learnt, to_mbits(asked.threshold), batch.day, of_itself, asked.explained, records.sha256
        )
        run = _Run(batch, task, asked.workers)
        run.through(records, step)
        found = batch.counts(run.parts)
        batch.finish(run.parts, explained=asked.explained)
    files = tuple(it for it in (records, references) if it is not None)
    return Outcome(run.records, len(index), *found, run.resumed, learnt, files)


def _said(
    asked: Comparison, records: RecordFile, references: RecordFile | None, *, of_itself: bool
) -> Mapping[str, Any]:
    """All that decides the hits, to the byte."""
    return {
        "records": records.sha256,
        "references": references.sha256 if references is not None else Index(asked.references).state,
        "of_itself": of_itself,
        "threshold": asked.threshold,
        "partial": asked.partial,
        "explained": asked.explained,
        "model": as_json(asked.learnt) if asked.learnt is not None else None,
        "versions": [normalising.VERSION, KEYS, of_forms.VERSION, SHIPPED.version],
    }


def _learnt(index: Index, records: RecordFile, day: str, of_itself: bool, step: Step) -> Learnt:
    """By the records whose identifiers have the least hashes: the same ones in whatever order they come."""
    sampled = _sampled(records, step)
    normal: list[NormalRecord] = []
    found: list[Candidates] = []
    for begin in range(0, len(sampled), RECORDS_AT_ONCE):
        chunk = sampled[begin : begin + RECORDS_AT_ONCE]
        of_chunk = candidates(index, [raw for _, raw in chunk], day, None)
        found.append(_without_itself(of_chunk, [at for at, _ in chunk]) if of_itself else of_chunk)
        normal += of_chunk.normal
        step("Learning", len(normal), len(sampled))
    if not len(index.base) or not any(len(it.record) for it in found):
        # There is nothing to learn from.
        return Learnt(SHIPPED, to_mbits(1 / max(2, len(sampled) * len(index))), references=max(1, len(index)))
    sample = Sample(
        forms(normal),
        index.base.forms,
        np.concatenate([it.levels for it in found]),
        np.concatenate([it.families for it in found]),
        of_itself,
    )
    return train(sample, DRAWN_PAIRS)


def _sampled(records: RecordFile, step: Step) -> list[tuple[int, Mapping[str, str]]]:
    """With their places in the file; reading all of it here tells what is wrong with it before a hit is written."""
    kept: list[tuple[int, int, Mapping[str, str]]] = []
    for at, row in enumerate(records.rows()):
        digest = blake2b(row.raw["record_id"].encode("utf-8", "surrogatepass"), digest_size=8).digest()
        entry = (-int.from_bytes(digest, "little"), -at, row.raw)
        if len(kept) < SAMPLED_RECORDS:
            kept.append(entry)
            if len(kept) == SAMPLED_RECORDS:
                heapify(kept)
        elif entry > kept[0]:
            heapreplace(kept, entry)
        if at % RECORDS_AT_ONCE == 0:
            step("Reading", records.done_bytes, records.bytes)
    return sorted(((-at, raw) for _, at, raw in kept), key=lambda it: it[0])


def _without_itself(found: Candidates, places: Sequence[int]) -> Candidates:
    others = np.array(places, dtype=np.int64)[found.record] != found.reference
    return replace(
        found,
        record=found.record[others],
        reference=found.reference[others],
        families=found.families[others],
        levels=found.levels[others],
    )


class _Run:
    """The parts of a batch, by one process or several, written in whatever order they are done."""

    def __init__(self, batch: Batch, task: Task, workers: int) -> None:
        self._batch, self._task, self._workers = batch, task, workers
        self.parts = self.records = self.resumed = 0

    def through(self, records: RecordFile, step: Step) -> None:
        with self._pool() as submit:
            waiting: deque[tuple[int, Future[Part]]] = deque()
            for raws in chunks(records, RECORDS_AT_ONCE):
                if self._batch.is_done(self.parts):
                    self.resumed += 1
                else:
                    waiting.append((self.parts, submit(raws, self.records)))
                self.parts, self.records = self.parts + 1, self.records + len(raws)
                if len(waiting) >= _QUEUED * self._workers:
                    self._write(waiting)
                step("Comparing", records.done_bytes, records.bytes)
            while waiting:
                self._write(waiting)

    def _write(self, waiting: deque[tuple[int, Future[Part]]]) -> None:
        number, part = waiting.popleft()
        self._batch.write(number, part.result())

    @contextmanager
    def _pool(self) -> Iterator[Callable[[Raws, int], Future[Part]]]:
        if self._workers == 1:
            yield _Here(self._task).submit
            return
        context = multiprocessing.get_context("spawn")  # the progress bar is a thread, which a fork would not survive
        with ProcessPoolExecutor(self._workers, context, _begin, (self._task,)) as pool:
            yield lambda raws, first: pool.submit(_part, raws, first)


class _Here:
    """This process as the only worker."""

    def __init__(self, task: Task) -> None:
        self._worker = Worker(task)

    def submit(self, raws: Raws, first: int) -> Future[Part]:
        done: Future[Part] = Future()
        done.set_result(self._worker.part(raws, first))
        return done


_worker: Worker | None = None  # of a process of the pool


def _begin(task: Task) -> None:
    global _worker  # noqa: PLW0603
    _worker = Worker(task)


def _part(raws: Raws, first: int) -> Part:
    assert _worker is not None
    return _worker.part(raws, first)

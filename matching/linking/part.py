"""The hits of some records, as lines of the files that a batch writes. Runs in every worker."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foundation.spreadsheets import guarded
from matching import normalising
from matching.explanation import explain
from matching.index.store import Index, families_in
from matching.levels.kernel import NOT_COMPARABLE
from matching.linking.batch import Part
from matching.linking.model_file import Learnt
from matching.linking.scored_pairs import Scored, Scorer
from matching.model import FIELDS, FieldName
from matching.normalising import normalise
from matching.scoring import Record, score

Raws = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Task:
    """What every part of a batch shares."""

    index: Path
    learnt: Learnt
    threshold_mbits: int
    day: str
    of_itself: bool
    explained: bool
    records_sha256: str


class Worker:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._index = Index(task.index, checked=True)
        self._scorer = Scorer(self._index, task.learnt, task.day, of_itself=task.of_itself)
        self._levels = [tuple(levels) for levels in task.learnt.model.fields.values()]

    def part(self, raws: Raws, first: int) -> Part:
        """`first`: how many records came before these."""
        task = self._task
        # A hit's explanation tells the likeliest of the record's other candidates, which may be anything but likely.
        scored = self._scorer.score(raws, first, None if task.explained else task.threshold_mbits)
        hits = np.flatnonzero(scored.odds >= task.threshold_mbits)
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        for at in hits:
            writer.writerow(self._row(raws, scored, int(at)))
        explained = self._explained(raws, scored, hits.tolist()) if task.explained else ""
        return Part(lines.getvalue().encode(), explained.encode(), scored.candidates, len(hits))

    def _versions(self) -> dict[str, str]:
        """Of all that the explanation comes from: with them it can be made again to the bit."""
        return {
            "model": self._task.learnt.model.version,
            "normalising": normalising.VERSION,
            "records": self._task.records_sha256[:16],
            "references": self._index.version,
        }

    def _row(self, raws: Raws, scored: Scored, at: int) -> tuple[str, ...]:
        found, weight = scored.found, int(scored.weights[at])
        return (
            guarded(raws[found.record[at]]["record_id"]),
            guarded(self._index.record_id(int(found.reference[at]))),
            f"{self._task.learnt.probability(weight):.6f}",
            f"{weight / 1000:.3f}",
            " ".join(families_in(int(found.families[at]))),
            " ".join(
                f"{name}:{levels[level]}"
                for name, levels, level in zip(FIELDS, self._levels, found.levels[at], strict=True)
                if level != NOT_COMPARABLE
            ),
        )

    def _explained(self, raws: Raws, scored: Scored, hits: list[int]) -> str:
        lines, found, borne = [], scored.found, scored.borne
        for at in hits:
            record, reference = int(found.record[at]), self._index.raw(int(found.reference[at]))
            left = Record(raws[record]["record_id"], "", raws[record], found.normal[record])
            right = Record(reference["record_id"], "", reference, normalise(reference))
            known = Known(len(self._index), int(borne.name[record]), int(borne.phone[record]))
            explanation = explain(
                score(left.normal, right.normal, FIELDS, known, self._task.learnt.model),
                left,
                right,
                prior_mbits=self._task.learnt.prior_mbits,
                keys=families_in(int(found.families[at])),
                versions=self._versions(),
                runner_up=self._runner_up(scored, at),
                calibration=self._task.learnt.calibration,
            )
            line = {"record_id": left.id, "reference_id": right.id, **explanation}
            lines.append(json.dumps(line, ensure_ascii=False) + "\n")
        return "".join(lines)

    def _runner_up(self, scored: Scored, at: int) -> dict[str, Any] | None:
        """The likeliest of the record's other candidates."""
        found, weighed = scored.found, scored.weights
        begin, end = np.searchsorted(found.record, (found.record[at], found.record[at] + 1))
        others = [other for other in range(int(begin), int(end)) if other != at]
        if not others:
            return None
        best = min(others, key=lambda other: (-int(weighed[other]), int(found.reference[other])))
        weight = int(weighed[best])
        return {
            "reference_id": self._index.record_id(int(found.reference[best])),
            "weight_mbits": weight,
            "probability": self._task.learnt.probability(weight),
        }


@dataclass(frozen=True, slots=True)
class Known:
    """Frequencies of one record's own values."""

    records: int
    name: int
    phone: int

    def others(self, field: FieldName, _value: str) -> int:
        return self.name if field == "name" else self.phone

"""How right the hits of a comparison are, where a column tells the truth."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import InvalidInput
from foundation.spreadsheets import guarded
from matching.index.file_format import is_index
from matching.record_files.opening import open_records


@dataclass(frozen=True, slots=True)
class Truth:
    records: Mapping[str, str]  # record_id, as the hits have it, to the entity that the row is about
    references: Mapping[str, str]
    pairs: int  # that are about one entity


@dataclass(frozen=True, slots=True)
class Measured:
    true_hits: int
    hits: int
    pairs: int  # that are about one entity

    @property
    def precision(self) -> float:
        return self.true_hits / self.hits if self.hits else 1.0

    @property
    def recall(self) -> float:
        return self.true_hits / self.pairs if self.pairs else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.true_hits / (self.hits + self.pairs) if self.hits + self.pairs else 1.0


def truth_of(records: Path, references: Path, column: str, *, partial: bool) -> Truth:
    """Raises `InvalidInput` where a file lacks the column, or is an index."""
    if references.exists() and is_index(references):
        raise InvalidInput("an index has no such column.", where="--truth", mend="Give the file it was built from.")
    sha256, of_records = _entities(records, column, partial)
    other_sha256, of_references = _entities(references, column, partial)
    left, right = Counter(of_records.values()), Counter(of_references.values())
    if sha256 == other_sha256:
        pairs = sum(count * (count - 1) // 2 for entity, count in left.items() if entity)
    else:
        pairs = sum(count * right[entity] for entity, count in left.items() if entity)
    return Truth(of_records, of_references, pairs)


def measure(hits: Path, truth: Truth) -> Measured:
    found = right = 0
    with hits.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entity = truth.records.get(row["record_id"])
            found += 1
            right += bool(entity) and entity == truth.references.get(row["reference_id"])
    return Measured(right, found, truth.pairs)


def _entities(path: Path, column: str, partial: bool) -> tuple[str, dict[str, str]]:
    with open_records(path, partial=partial, extra=(column,)) as file:
        return file.sha256, {guarded(row.raw["record_id"]): row.extra[0] for row in file.rows()}

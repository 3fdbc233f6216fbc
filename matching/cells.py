"""One cell of the 6 x 4: candidates by key, scored, and those over the threshold explained. No store, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.catalogue import Cell, DatabaseName, ListName, to_mbits
from matching.explanation import explain
from matching.hits import Finding
from matching.keys import KeyName, candidates
from matching.model import FieldName
from matching.scoring import CellFrequencies, Record, Score, posterior, score

_PERSON: tuple[FieldName, ...] = ("name", "birth_date", "sex", "id_number", "document_number", "phone")
_FIELDS: Mapping[DatabaseName, tuple[FieldName, ...]] = {
    "wanted_persons": _PERSON,
    "missing_unidentified": (*_PERSON, "height_cm"),
    "stolen_vehicles": ("plate", "plate_colour", "vin", "make", "colour"),
    "lost_documents": _PERSON,
}
# Where and when a person went missing, and wearing what, is told of the missing alone.
_DISAPPEARANCE: tuple[FieldName, ...] = ("place", "happened_on", "belongings")


@dataclass(slots=True)
class CellResult:
    compared: int
    not_comparable: int
    pairs: int = 0
    linked: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Scored:
    right: Record
    keys: Sequence[KeyName]
    score: Score


def fields_of(list_name: ListName, database: DatabaseName) -> tuple[FieldName, ...]:
    if database == "missing_unidentified" and list_name in ("missing", "endangered"):
        return _FIELDS[database] + _DISAPPEARANCE
    return _FIELDS[database]


def compare_cell(
    list_name: ListName,
    database: DatabaseName,
    cell: Cell,
    lefts: Sequence[Record],
    rights: Sequence[Record],
    versions: Mapping[str, str],
) -> CellResult:
    """A pair of one source record on both sides is linked, not found."""
    found = candidates([record.normal for record in lefts], [record.normal for record in rights], cell.keys)
    result = CellResult(len(found.comparable), len(lefts) - len(found.comparable), len(found.pairs))
    frequencies = CellFrequencies().add(record.normal for record in (*lefts, *rights))
    by_left: dict[int, list[_Scored]] = defaultdict(list)
    for (at, to), keys in sorted(found.pairs.items()):
        pair = score(lefts[at].normal, rights[to].normal, fields_of(list_name, database), frequencies)
        by_left[at].append(_Scored(rights[to], keys, pair))
    for at, scored in by_left.items():
        for entry, runner_up in _over_threshold(scored, cell):
            if entry.right.source_record == lefts[at].source_record:
                result.linked += 1
            else:
                result.findings.append(_finding(list_name, database, cell, lefts[at], entry, runner_up, versions))
    return result


def _over_threshold(scored: Sequence[_Scored], cell: Cell) -> Iterator[tuple[_Scored, _Scored | None]]:
    """Each pair that is a hit, beside the best of the list record's other pairs."""
    prior_mbits, threshold_mbits = to_mbits(cell.prior), cell.threshold_mbits
    ranked = sorted(scored, key=lambda entry: (-entry.score.weight_mbits, entry.right.id))
    for rank, entry in enumerate(ranked):
        if prior_mbits + entry.score.weight_mbits < threshold_mbits:
            return
        others = ranked[:rank] + ranked[rank + 1 :]
        yield entry, others[0] if others else None


def _finding(
    list_name: ListName,
    database: DatabaseName,
    cell: Cell,
    left: Record,
    entry: _Scored,
    runner_up: _Scored | None,
    versions: Mapping[str, str],
) -> Finding:
    prior_mbits = to_mbits(cell.prior)
    return Finding(
        list_name=list_name,
        database=database,
        key_person_id=left.id,
        reference_id=entry.right.id,
        weight_mbits=entry.score.weight_mbits,
        probability=posterior(prior_mbits, entry.score.weight_mbits),
        explanation=explain(
            entry.score,
            left,
            entry.right,
            prior_mbits=prior_mbits,
            keys=entry.keys,
            versions=versions,
            runner_up=_summary(runner_up, prior_mbits),
        ),
    )


def _summary(runner_up: _Scored | None, prior_mbits: int) -> dict[str, Any] | None:
    if runner_up is None:
        return None
    weight = runner_up.score.weight_mbits
    return {
        "reference_id": runner_up.right.id,
        "weight_mbits": weight,
        "probability": posterior(prior_mbits, weight),
    }

"""One cell of the 6 x 4: pairs that share a key of it, scored, and those over the threshold explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.catalogue import Cell, DatabaseName, ListName, to_mbits
from matching.explanation import explain
from matching.hits import Finding
from matching.keys import KeyName, shared
from matching.model import FieldName
from matching.scoring import Frequencies, Record, Score, posterior, score

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
    compared: int = 0
    not_comparable: int = 0
    pairs: int = 0
    linked: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference record that the index brought together with a list record, and the keys by which it did."""

    right: Record
    found_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Scored:
    right: Record
    keys: Sequence[KeyName]
    score: Score


def fields_of(list_name: ListName, database: DatabaseName) -> tuple[FieldName, ...]:
    if database == "missing_unidentified" and list_name in ("missing", "endangered"):
        return _FIELDS[database] + _DISAPPEARANCE
    return _FIELDS[database]


@dataclass(frozen=True, slots=True)
class CellComparison:
    """Compares the records of a list with their candidates of a database, one after the other."""

    list_name: ListName
    database: DatabaseName
    cell: Cell
    frequencies: Frequencies
    versions: Mapping[str, str]
    result: CellResult = field(default_factory=CellResult)

    def add(self, left: Record, candidates: Iterable[Candidate], *, is_comparable: bool) -> None:
        """A pair of one source record on both sides is linked, not found."""
        self.result.compared += is_comparable
        self.result.not_comparable += not is_comparable
        for entry, runner_up in _over_threshold(self._scored(left, candidates), self.cell):
            if entry.right.source_record == left.source_record:
                self.result.linked += 1
            else:
                self.result.findings.append(self._finding(left, entry, runner_up))

    def _scored(self, left: Record, candidates: Iterable[Candidate]) -> list[_Scored]:
        fields, scored = fields_of(self.list_name, self.database), []
        for it in candidates:
            keys = shared(left.normal, it.right.normal, self.cell.keys, it.found_by)
            if keys:
                pair = score(left.normal, it.right.normal, fields, self.frequencies)
                scored.append(_Scored(it.right, keys, pair))
        self.result.pairs += len(scored)
        return scored

    def _finding(self, left: Record, entry: _Scored, runner_up: _Scored | None) -> Finding:
        prior_mbits = to_mbits(self.cell.prior)
        return Finding(
            list_name=self.list_name,
            database=self.database,
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
                versions=self.versions,
                runner_up=_summary(runner_up, prior_mbits),
            ),
        )


def _over_threshold(scored: Sequence[_Scored], cell: Cell) -> Iterator[tuple[_Scored, _Scored | None]]:
    """Each pair that is a hit, beside the best of the list record's other pairs."""
    prior_mbits, threshold_mbits = to_mbits(cell.prior), cell.threshold_mbits
    ranked = sorted(scored, key=lambda entry: (-entry.score.weight_mbits, entry.right.id))
    for rank, entry in enumerate(ranked):
        if prior_mbits + entry.score.weight_mbits < threshold_mbits:
            return
        others = ranked[:rank] + ranked[rank + 1 :]
        yield entry, others[0] if others else None


def _summary(runner_up: _Scored | None, prior_mbits: int) -> dict[str, Any] | None:
    if runner_up is None:
        return None
    weight = runner_up.score.weight_mbits
    return {
        "reference_id": runner_up.right.id,
        "weight_mbits": weight,
        "probability": posterior(prior_mbits, weight),
    }

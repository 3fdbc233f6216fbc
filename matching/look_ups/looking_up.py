"""A single record against all lists and reference databases: weighed, explained, the likeliest first.

The indexes say which rows may be the same. What is weighed and shown comes from the store, within the caller's scope
and in force today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from foundation.clock import Clock
from foundation.errors import FileMissing, InvalidInput, Unavailable
from foundation.scope import Scope
from matching.catalogue import DATABASES, LISTS, Catalogue, DatabaseName, to_mbits
from matching.center_index.frequencies import IndexFrequencies
from matching.center_index.sides import SIDES, Side, index_path, raw_of, store_version
from matching.explanation import explain, versions
from matching.index.keys import Family
from matching.index.store import Index
from matching.look_ups.asked import Asked
from matching.look_ups.stored import Candidate, rows_of
from matching.model import FIELDS
from matching.normalising import normalise
from matching.scoring import Record, Score, posterior, score
from matching.validity import is_withdrawn, lapse, local_day

Kind = Literal["list", "database"]
MOST_WEIGHED: Final = 500  # candidates of one side; of more, those that most keys found
_OF_PERSONS: Final[frozenset[Family]] = frozenset(
    (
        *("id_number", "document_number", "pinyin_birth_date", "name_birth_year", "name", "birth_date"),
        *("part_birth_date", "part"),
    )
)
_OF_VEHICLES: Final[frozenset[Family]] = frozenset(("plate", "vin"))
# By which keys a database's records can be found at all: without one of them nothing was compared.
_KEYS_OF: Final[Mapping[DatabaseName, frozenset[Family]]] = {
    "wanted_persons": _OF_PERSONS | {"phone"},
    "missing_unidentified": _OF_PERSONS | {"phone", "sex_height_place"},
    "stolen_vehicles": _OF_VEHICLES,
    "lost_documents": _OF_PERSONS,
}


@dataclass(frozen=True, slots=True)
class Collection:
    kind: Kind
    name: str
    is_comparable: bool


@dataclass(frozen=True, slots=True)
class LookedUp:
    candidates: Sequence[Candidate]
    found: int  # of which the candidates are the likeliest
    collections: Sequence[Collection]
    crowded: Sequence[Family]  # keys that so many records bear that not all were weighed
    is_current: bool  # False: what an import brought is not in the indexes yet


@dataclass(frozen=True, slots=True)
class _Weighed:
    side: Side
    row: Row[Any]
    record: Record
    keys: Sequence[Family]
    score: Score


class RecordLookUps:
    """For any number of threads at once; each index is opened when it is there, and follows what is added to it."""

    def __init__(self, folder: Path, catalogue: Catalogue, clock: Clock) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._clock = clock
        self._open: dict[Side, Index] = {}
        self._lock = Lock()

    def look_up(self, rows: Connection, scope: Scope, asked: Asked, most: int) -> LookedUp:
        """Raises `Unavailable` until the process *matching* of this machine has built the indexes."""
        day = local_day(self._clock.now_us(), self._catalogue.utc_offset_minutes)
        weighed: list[_Weighed] = []
        crowded: dict[Family, None] = {}
        is_current = True
        for side in SIDES:
            with self._lock:  # an index takes in what was added as it is asked
                index = self._index(side)
                found, of_side = _candidates(index, asked, day)
                frequencies = IndexFrequencies([index], own=1)
            is_current = is_current and index.reached == store_version(rows, side)
            crowded |= dict.fromkeys(of_side)
            weighed += _weigh(rows, scope, side, asked, found, frequencies, day)
        weighed.sort(key=lambda it: (-it.score.weight_mbits, it.row.id))
        told = [self._told(asked, it, weighed) for it in weighed[:most]]
        return LookedUp(told, len(weighed), _collections(asked), tuple(crowded), is_current)

    def _index(self, side: Side) -> Index:
        try:
            if side not in self._open:
                self._open[side] = Index(index_path(self._folder, side))
            self._open[side].refresh()
        except (FileMissing, InvalidInput) as error:
            self._open.pop(side, None)
            raise Unavailable(
                "the records are being indexed.", where=side, mend="Try again in a minute; after long, see the log."
            ) from error
        return self._open[side]

    def _told(self, asked: Asked, it: _Weighed, weighed: Sequence[_Weighed]) -> Candidate:
        chance = self._catalogue.look_up
        prior_mbits, weight = to_mbits(chance.prior), it.score.weight_mbits
        runner_up = next((other for other in weighed if other is not it), None)
        explanation = explain(
            it.score,
            asked.record,
            it.record,
            prior_mbits=prior_mbits,
            keys=it.keys,
            versions=versions(self._catalogue.version),
            runner_up=None if runner_up is None else _summary(runner_up, prior_mbits),
        )
        return Candidate(
            side=it.side,
            row=it.row,
            weight_mbits=weight,
            probability=posterior(prior_mbits, weight),
            is_lead=prior_mbits + weight >= to_mbits(chance.threshold),
            explanation=explanation,
        )


def _candidates(index: Index, asked: Asked, day: str) -> tuple[dict[str, Sequence[Family]], Sequence[Family]]:
    """Identifiers of rows with the keys that found each, and the keys that found too many."""
    looked_up = index.look_up(asked.raw, day)
    found, crowded = looked_up.candidates, dict.fromkeys(looked_up.crowded)
    if len(found) > MOST_WEIGHED:
        ranked = sorted(found, key=lambda it: (-len(it.keys), it.reference))
        found = tuple(ranked[:MOST_WEIGHED])
        crowded |= dict.fromkeys(key for it in ranked[MOST_WEIGHED:] for key in it.keys)
    return {it.record_id: it.keys for it in found}, tuple(crowded)


def _weigh(
    rows: Connection,
    scope: Scope,
    side: Side,
    asked: Asked,
    found: Mapping[str, Sequence[Family]],
    frequencies: IndexFrequencies,
    day: str,
) -> Iterator[_Weighed]:
    for row in rows_of(rows, scope, side, found.keys()):
        if not _is_in_force(row, side, day):
            continue
        raw = raw_of(row)
        record = Record(row.id, row.source_record, raw, normalise(raw))
        yield _Weighed(side, row, record, found[row.id], score(asked.normal, record.normal, FIELDS, frequencies))


def _is_in_force(row: Row[Any], side: Side, day: str) -> bool:
    return not is_withdrawn(row.withdrawn_on, day) if side == "references" else lapse(row, day) is None


def _summary(runner_up: _Weighed, prior_mbits: int) -> dict[str, Any]:
    weight = runner_up.score.weight_mbits
    return {"reference_id": runner_up.row.id, "weight_mbits": weight, "probability": posterior(prior_mbits, weight)}


def _collections(asked: Asked) -> list[Collection]:
    families = asked.families
    of_lists = bool(families & (_OF_PERSONS | _OF_VEHICLES | {"phone", "sex_height_place"}))
    return [
        *(Collection("list", name, of_lists) for name in LISTS),
        *(Collection("database", name, bool(families & _KEYS_OF[name])) for name in DATABASES),
    ]

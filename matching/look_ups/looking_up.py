"""A single record against all lists and reference databases: weighed, explained, the likeliest first.

The indexes say which rows may be the same, and which of these are likely. What is shown is weighed once more as the
store has it, within the caller's scope and in force today.
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
from matching.center_index.sides import SIDES, Side, index_path
from matching.explanation import explain, versions
from matching.index.keys import Family
from matching.index.ranking import ranked, score_found
from matching.index.store import Candidate as Found
from matching.index.store import Index
from matching.loading import raw_of, record_versions
from matching.look_ups.asked import Asked
from matching.look_ups.stored import Candidate, ids_in_force, rows_of
from matching.model import FIELDS
from matching.normalising import normalise
from matching.scoring import Record, posterior, score
from matching.validity import local_day

Kind = Literal["list", "database"]
MOST_WEIGHED: Final = 300  # candidates of one side; of more, those that most keys found
# What is less likely shares a key and little else; unless little was entered, when an identical record is no likelier.
FLOOR_MBITS: Final = to_mbits(0.01)
SHARE_OF_IDENTICAL: Final = 0.75  # of its weight
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
    record_id: str
    keys: Sequence[Family]
    weight_mbits: int
    frequencies: IndexFrequencies


class RecordLookUps:
    """For any number of threads at once; each index is opened when it is there, and follows what is added to it."""

    def __init__(self, folder: Path, catalogue: Catalogue, clock: Clock) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._clock = clock
        self._open: dict[Side, Index] = {}
        self._lock = Lock()
        chance = catalogue.look_up
        self._prior_mbits, self._threshold_mbits = to_mbits(chance.prior), to_mbits(chance.threshold)
        self._versions = versions(catalogue.version)

    def look_up(self, rows: Connection, scope: Scope, asked: Asked, most: int) -> LookedUp:
        """The likeliest, `most` at most, and none that is much less likely than what was entered allows.

        Raises `Unavailable` until the process *matching* of this machine has built the indexes.
        """
        day = local_day(self._clock.now_us(), self._catalogue.utc_offset_minutes)
        weighed: list[_Weighed] = []
        crowded: dict[Family, None] = {}
        is_current, stored = True, record_versions(rows)
        for side in SIDES:
            index, candidates, of_side = self._candidates(side, asked, day)
            is_current = is_current and index.reached == stored.get(side, 0)
            crowded |= dict.fromkeys(of_side)
            likely = list(self._likeliest(side, index, asked, candidates))
            in_force = ids_in_force(rows, scope, side, [it.record_id for it in likely], day)
            weighed += [it for it in likely if it.record_id in in_force]
        weighed.sort(key=lambda it: (-it.weight_mbits, it.record_id))
        told = self._told(rows, scope, asked, weighed, most)
        return LookedUp(told, len(weighed), _collections(asked), tuple(crowded), is_current)

    def _candidates(self, side: Side, asked: Asked, day: str) -> tuple[Index, Sequence[Found], Sequence[Family]]:
        """With the keys that found more than are weighed."""
        with self._lock:  # an index takes in what was added as it is asked
            index = self._index(side)
            looked_up = index.look_up(asked.raw, day, asked.keys)
        found, crowded = looked_up.candidates, dict.fromkeys(looked_up.crowded)
        if len(found) > MOST_WEIGHED:
            ordered = sorted(found, key=lambda it: (-len(it.keys), it.reference))
            found = tuple(ordered[:MOST_WEIGHED])
            crowded |= dict.fromkeys(key for it in ordered[MOST_WEIGHED:] for key in it.keys)
        return index, found, tuple(crowded)

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

    def _likeliest(self, side: Side, index: Index, asked: Asked, candidates: Sequence[Found]) -> Iterator[_Weighed]:
        frequencies = IndexFrequencies([index], own=1)
        identical = score(asked.normal, asked.normal, FIELDS, frequencies).weight_mbits
        floor_mbits = min(FLOOR_MBITS - self._prior_mbits, round(SHARE_OF_IDENTICAL * identical))
        found = ranked(
            asked.raw, candidates, most=0, floor_mbits=floor_mbits, frequencies=frequencies, wanted=asked.normal
        )
        for it in found:
            yield _Weighed(side, it.candidate.record_id, it.candidate.keys, it.score.weight_mbits, frequencies)

    def _told(
        self, rows: Connection, scope: Scope, asked: Asked, weighed: Sequence[_Weighed], most: int
    ) -> list[Candidate]:
        """As the store has them now."""
        shown = weighed[:most]
        stored = {row.id: row for it in SIDES for row in rows_of(rows, scope, it, _ids(shown, it))}
        told = []
        for it in shown:
            if it.record_id in stored:
                runner_up = next((other for other in weighed[:2] if other is not it), None)
                told.append(self._explained(asked, it, stored[it.record_id], runner_up))
        return sorted(told, key=lambda it: -it.weight_mbits)  # a row may have changed since it was indexed

    def _explained(self, asked: Asked, it: _Weighed, row: Row[Any], runner_up: _Weighed | None) -> Candidate:
        raw = raw_of(row)
        record = Record(row.id, row.source_record, raw, normalise(raw))
        scored = score_found(asked.normal, record.normal, it.keys, frequencies=it.frequencies)
        explanation = explain(
            scored,
            asked.record,
            record,
            prior_mbits=self._prior_mbits,
            keys=it.keys,
            versions=self._versions,
            runner_up=None if runner_up is None else self._summary(runner_up),
        )
        weight = scored.weight_mbits
        is_lead = self._prior_mbits + weight >= self._threshold_mbits
        return Candidate(it.side, row, weight, posterior(self._prior_mbits, weight), is_lead, explanation)

    def _summary(self, it: _Weighed) -> dict[str, Any]:
        probability = posterior(self._prior_mbits, it.weight_mbits)
        return {"reference_id": it.record_id, "weight_mbits": it.weight_mbits, "probability": probability}


def _ids(weighed: Sequence[_Weighed], side: Side) -> list[str]:
    return [it.record_id for it in weighed if it.side == side]


def _collections(asked: Asked) -> list[Collection]:
    families = asked.families
    of_lists = bool(families & (_OF_PERSONS | _OF_VEHICLES | {"phone", "sex_height_place"}))
    return [
        *(Collection("list", name, of_lists) for name in LISTS),
        *(Collection("database", name, bool(families & _KEYS_OF[name])) for name in DATABASES),
    ]

"""Plate reads against stolen vehicles and the vehicles of key persons, the moment they are read.

Only an identical plate is a hit: one character off is another vehicle. A look-up shows the others, the likeliest first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from foundation.clock import Clock
from foundation.database import reading
from foundation.scope import Scope
from matching import loading
from matching.catalogue import Catalogue, to_mbits
from matching.explanation import explain, versions
from matching.hits import Finding
from matching.plates import evidence, hot_list
from matching.plates.hot_list import Vehicle
from matching.plates.index import PlateIndex
from matching.scoring import Record, Score, posterior
from matching.validity import local_day

OnlineHit = Finding
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vehicle on record that a plate read may be; only what would be a hit is one."""

    vehicle: Vehicle
    found: Finding
    is_hit: bool


class OnlineMatcher:
    """Holds the plates on record in memory, and takes them anew after an import by whatever process."""

    def __init__(self, engine: Engine, catalogue: Catalogue, clock: Clock, scope: Scope | None = None) -> None:
        """Of the centers of the scope; without one, of all that the store holds."""
        self._engine = engine
        self._catalogue = catalogue
        self._clock = clock
        self._scope = scope
        self._prior_mbits = to_mbits(catalogue.online.prior)
        self._threshold_mbits = to_mbits(catalogue.online.threshold)
        self._versions: dict[str, int] | None = None
        self._day = ""
        self._vehicles: dict[str, list[Vehicle]] = {}
        self._plates: list[str] = []  # of which there is an index once somebody has looked one up
        self._index: PlateIndex | None = None

    def plate(self, plate: str, colour: str | None, at_us: int, make: str | None = None) -> list[OnlineHit]:
        """The records in force, today and when it was seen, whose plate this is; store one with `hits.store`."""
        self.refresh()
        seen = evidence.seen(plate, colour, make)
        if seen.normal.plate is None:
            return []
        days = {self._day, self._local_day(at_us)}
        candidates = [self._identical(seen, it) for it in self._of(seen.normal.plate.text, days)]
        return sorted((it.found for it in candidates if it.is_hit), key=lambda hit: -hit.weight_mbits)

    def look_up(self, plate: str, colour: str | None = None, make: str | None = None) -> list[Candidate]:
        """The records in force whose plate this is, or may be if it was misread, the likeliest first."""
        self.refresh()
        seen = evidence.seen(plate, colour, make)
        if seen.normal.plate is None:
            return []
        text, days = seen.normal.plate.text, {self._day}
        found = [self._identical(seen, it) for it in self._of(text, days)]
        if self._index is None:
            self._plates = list(self._vehicles)
            self._index = PlateIndex(self._plates)
        for other in self._index.others(text):
            for vehicle in self._of(self._plates[other.plate], days):
                scored = evidence.score_other(seen.normal, vehicle.record.normal, other)
                told = self._finding(seen, vehicle, scored, other.difference)
                found.append(Candidate(vehicle, told, is_hit=False))
        return sorted(found, key=lambda it: (-it.found.weight_mbits, it.vehicle.plate, it.vehicle.record.id))

    def refresh(self) -> None:
        """Read the store again if an import has written since, or a new day has begun."""
        day = self._local_day(self._clock.now_us())
        with reading(self._engine) as session:
            current = loading.record_versions(session)
            if current == self._versions and day == self._day:
                return
            vehicles: dict[str, list[Vehicle]] = defaultdict(list)
            for vehicle in hot_list.vehicles(session, day, self._scope):
                vehicles[vehicle.plate].append(vehicle)
        self._vehicles, self._versions, self._day = dict(vehicles), current, day
        self._index = None
        _log.info("plates_loaded", plates=len(self._vehicles))

    def _local_day(self, at_us: int) -> str:
        return local_day(at_us, self._catalogue.utc_offset_minutes)

    def _of(self, plate: str, days: set[str]) -> list[Vehicle]:
        return [vehicle for vehicle in self._vehicles.get(plate, ()) if vehicle.in_force(days)]

    def _identical(self, seen: Record, vehicle: Vehicle) -> Candidate:
        scored = evidence.score_identical(seen.normal, vehicle.record.normal)
        is_hit = self._prior_mbits + evidence.deciding_mbits(scored) >= self._threshold_mbits
        return Candidate(vehicle, self._finding(seen, vehicle, scored, "plate"), is_hit)

    def _finding(self, seen: Record, vehicle: Vehicle, scored: Score, key: str) -> Finding:
        person = vehicle.listing is not None
        told = explain(
            scored,
            seen,
            vehicle.record,
            prior_mbits=self._prior_mbits,
            keys=[key],
            versions=versions(self._catalogue.version),
        )
        return Finding(
            list_name=vehicle.list_name,
            database=None if person else "stolen_vehicles",
            key_person_id=vehicle.record.id if person else None,
            reference_id=None if person else vehicle.record.id,
            weight_mbits=scored.weight_mbits,
            probability=posterior(self._prior_mbits, scored.weight_mbits),
            explanation=told | {"suspected_clone": evidence.suspected_clone(scored)},
        )

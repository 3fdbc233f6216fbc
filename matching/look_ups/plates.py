"""A single plate among the vehicles on record, those that it may be a misreading of included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row

from foundation.clock import Clock
from foundation.scope import Scope
from matching.catalogue import Catalogue
from matching.center_index.sides import SIDES, Side
from matching.look_ups.stored import Candidate, rows_of
from matching.online import Candidate as Vehicle
from matching.online import OnlineMatcher

MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class PlatesFound:
    candidates: Sequence[Candidate]
    found: int  # of which the candidates are the likeliest


class PlateLookUps:
    """For any number of threads at once; the plates on record are held in memory once somebody has asked."""

    def __init__(self, engine: Engine, catalogue: Catalogue, clock: Clock) -> None:
        self._matcher = OnlineMatcher(engine, catalogue, clock)
        self._lock = Lock()

    def look_up(self, rows: Connection, scope: Scope, plate: str, colour: str | None, make: str | None) -> PlatesFound:
        """Vehicles in force in the scope, the likeliest first; only one with this very plate may be a lead."""
        with self._lock:
            vehicles = self._matcher.look_up(plate, colour, make)
        in_scope = {row.id: (side, row) for side in SIDES for row in rows_of(rows, scope, side, _ids(vehicles, side))}
        told = [_told(it, *in_scope[it.vehicle.record.id]) for it in vehicles if it.vehicle.record.id in in_scope]
        return PlatesFound(told[:MOST_SHOWN], len(told))


def _ids(vehicles: Sequence[Vehicle], side: Side) -> list[str]:
    return [it.vehicle.record.id for it in vehicles if (it.vehicle.listing is None) == (side == "references")]


def _told(it: Vehicle, side: Side, row: Row[Any]) -> Candidate:
    found = it.found
    return Candidate(side, row, found.weight_mbits, found.probability, it.is_hit, found.explanation)

"""Plate reads against stolen vehicles and the vehicles of key persons, the moment they are read.

Only an identical plate is a hit: one character off is another vehicle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import reading
from matching import loading
from matching.catalogue import LISTS, Catalogue, to_mbits
from matching.explanation import explain, versions
from matching.hits import Finding
from matching.loading import Listed
from matching.model import FieldName
from matching.normalising import NormalRecord
from matching.normalising.plates import Plate, normalise_colour, normalise_plate
from matching.scoring import Record, posterior, score
from matching.validity import lapse, local_day

OnlineHit = Finding
_FIELDS: tuple[FieldName, ...] = ("plate", "plate_colour")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Vehicle:
    """A plate on record: a stolen vehicle's, or a key person's with the dates of the listing."""

    record: Record
    list_name: str | None
    listing: Listed | None


class OnlineMatcher:
    """Holds the plates on record in memory, and takes them anew after an import by whatever process."""

    def __init__(self, engine: Engine, catalogue: Catalogue, clock: Clock) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._clock = clock
        self._versions: Sequence[tuple[str, int]] | None = None
        self._day = ""
        self._vehicles: dict[str, list[_Vehicle]] = {}

    def plate(self, plate: str, colour: str | None, at_us: int) -> list[OnlineHit]:
        """The records in force, today and when it was seen, whose plate this is; store one with `hits.store`."""
        self.refresh()
        normal = normalise_plate(plate)
        if normal is None:
            return []
        seen = _seen(plate, colour, normal)
        days = {self._day, self._local_day(at_us)}
        found = [
            hit
            for vehicle in self._vehicles.get(normal.text, ())
            if _in_force(vehicle, days) and (hit := self._compare(seen, vehicle)) is not None
        ]
        return sorted(found, key=lambda hit: -hit.weight_mbits)

    def refresh(self) -> None:
        """Read the store again if an import has written since, or a new day has begun."""
        day = self._local_day(self._clock.now_us())
        with reading(self._engine) as session:
            current = loading.record_versions(session)
            if current == self._versions and day == self._day:
                return
            vehicles: dict[str, list[_Vehicle]] = defaultdict(list)
            for vehicle in _vehicles(session, day):
                if vehicle.record.normal.plate is not None:
                    vehicles[vehicle.record.normal.plate.text].append(vehicle)
        self._vehicles, self._versions, self._day = dict(vehicles), current, day
        _log.info("plates_loaded", plates=len(self._vehicles))

    def _local_day(self, at_us: int) -> str:
        return local_day(at_us, self._catalogue.utc_offset_minutes)

    def _compare(self, seen: Record, vehicle: _Vehicle) -> OnlineHit | None:
        scored = score(_as_read(seen.normal, vehicle.record.normal), vehicle.record.normal, _FIELDS)
        prior_mbits = to_mbits(self._catalogue.online.prior)
        if prior_mbits + scored.weight_mbits < to_mbits(self._catalogue.online.threshold):
            return None
        person = vehicle.listing is not None
        return OnlineHit(
            list_name=vehicle.list_name,
            database=None if person else "stolen_vehicles",
            key_person_id=vehicle.record.id if person else None,
            reference_id=None if person else vehicle.record.id,
            weight_mbits=scored.weight_mbits,
            probability=posterior(prior_mbits, scored.weight_mbits),
            explanation=explain(
                scored,
                seen,
                vehicle.record,
                prior_mbits=prior_mbits,
                keys=["plate"],
                versions=versions(self._catalogue.version),
            ),
        )


def _seen(plate: str, colour: str | None, normal: Plate) -> Record:
    raw = {"plate": plate, "plate_colour": colour}
    return Record("", "", raw, NormalRecord(plate=normal, plate_colour=normalise_colour(colour)))


def _as_read(seen: NormalRecord, recorded: NormalRecord) -> NormalRecord:
    """Without its colour where the form of the plate already says it: there a camera's colour can only be wrong."""
    telling = seen.plate is not None and seen.plate.ground is not None
    return replace(seen, plate_colour=None) if telling and seen.plate_colour != recorded.plate_colour else seen


def _vehicles(session: Session, day: str) -> Iterator[_Vehicle]:
    for record in loading.references(session, "stolen_vehicles", day).records:
        yield _Vehicle(record, None, None)
    for list_name in LISTS:
        for entry in loading.listed(session, list_name):
            yield _Vehicle(entry.record, list_name, entry)


def _in_force(vehicle: _Vehicle, days: set[str]) -> bool:
    return vehicle.listing is None or all(lapse(vehicle.listing, day) is None for day in days)

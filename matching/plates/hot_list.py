"""The vehicles on record: stolen ones, and those of key persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.scope import Scope
from matching import loading
from matching.catalogue import LISTS
from matching.loading import Listed
from matching.models import KeyPerson, ReferenceRecord
from matching.scoring import Record
from matching.validity import lapse


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A plate on record: a stolen vehicle's, or a key person's with the dates of the listing."""

    record: Record
    list_name: str | None
    listing: Listed | None

    @property
    def plate(self) -> str:
        return self.record.normal.plate.text if self.record.normal.plate else ""

    def in_force(self, days: set[str]) -> bool:
        return self.listing is None or all(lapse(self.listing, day) is None for day in days)


def vehicles(session: Session, day: str, scope: Scope | None = None) -> Iterator[Vehicle]:
    """Those with a plate, of the centers of the scope; without one, of all centers that the store holds."""
    stolen = [] if scope is None else [scope.covers(ReferenceRecord.center_id)]
    listed = [] if scope is None else [scope.covers(KeyPerson.center_id)]
    found = [Vehicle(it, None, None) for it in loading.references(session, "stolen_vehicles", day, *stolen)]
    for name in LISTS:
        found += [Vehicle(entry.record, name, entry) for entry in loading.listed(session, name, *listed)]
    return (vehicle for vehicle in found if vehicle.plate)

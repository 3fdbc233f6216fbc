"""Fills the lists and databases: pairs that must be found, decoys that must not, and everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random
from typing import Any, Literal

from simulator.records.listing import Row, Standing, listing
from simulator.records.people import PLACES, Person, Population, Vehicle
from simulator.records.rows import (
    SHORT_NUMBERS_UNTIL,
    Event,
    Why,
    list_row,
    reference_row,
    vehicle_row,
    whys_for,
)
from simulator.records.schema import DATABASES, LISTS, DatabaseName, ListName

DecoyKind = Literal["twin", "namesake", "lookalike", "expired", "withdrawn", "overdue"]
_LAPSED: tuple[Literal["expired", "withdrawn", "overdue"], ...] = ("expired", "withdrawn", "overdue")
_LIST_CODES = {
    "wanted": "WA",
    "absconded": "AB",
    "missing": "MI",
    "endangered": "EN",
    "protection_order": "PO",
    "judicial": "JU",
}
_DATABASE_CODES = {
    "wanted_persons": "RW",
    "missing_unidentified": "RM",
    "stolen_vehicles": "RV",
    "lost_documents": "RD",
}


@dataclass(frozen=True, slots=True)
class Pair:
    list: ListName
    list_record_id: str
    database: DatabaseName
    reference_id: str
    why: Why

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Decoy:
    list: ListName
    list_record_id: str
    database: DatabaseName
    reference_id: str
    kind: DecoyKind

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Register:
    """The lists and databases as they grow; every record gets the next number of its file."""

    def __init__(self, random: Random, population: Population, today: date) -> None:
        self.random, self.population, self._today = random, population, today
        self.lists: dict[ListName, list[Row]] = {name: [] for name in LISTS}
        self.references: dict[DatabaseName, list[Row]] = {name: [] for name in DATABASES}
        self.persons = 0

    def person(self, list_name: ListName | None = None, why: Why | None = None) -> Person:
        """Somebody of whom the evidence can be given."""
        child = list_name == "endangered" and self.random.random() < 0.5
        chinese = True if why in ("id_number", "short_id_number", "pinyin_birth_date") else None
        person = self.population.person(chinese=chinese, child=child and why != "short_id_number")
        while why == "short_id_number" and person.born.year >= SHORT_NUMBERS_UNTIL:
            person = self.population.person(chinese=True)
        self.persons += 1
        return person

    def event(self) -> Event:
        days = self.random.randint(30, 400)
        return Event(self._today - timedelta(days=days), self.random.choice(PLACES))

    def put_on_list(
        self,
        list_name: ListName,
        person: Person,
        event: Event,
        *,
        standing: Standing = "active",
        with_vehicle: bool = False,
    ) -> str:
        number = len(self.lists[list_name]) + 1
        record_id = f"{_LIST_CODES[list_name]}-{number:06}"
        child = self._today - person.born < timedelta(days=18 * 365)
        row = list_row(self.random, list_name, person, event, with_vehicle=with_vehicle)
        row |= listing(self.random, list_name, self._today, number, standing, event.on, child=child)
        self.lists[list_name].append(row | {"record_id": record_id})
        return record_id

    def put_in_database(self, database: DatabaseName, person: Person, event: Event, why: Why | None = None) -> str:
        return self._add_reference(database, reference_row(self.random, database, person, event, why))

    def put_stolen(self, vehicle: Vehicle, *, withdrawn: bool = False) -> str:
        row = vehicle_row(vehicle, self.event())
        if withdrawn:
            row["withdrawn_on"] = (self._today - timedelta(days=self.random.randint(2, 20))).isoformat()
        return self._add_reference("stolen_vehicles", row)

    def _add_reference(self, database: DatabaseName, row: Row) -> str:
        rows = self.references[database]
        record_id = f"{_DATABASE_CODES[database]}-{len(rows) + 1:06}"
        rows.append({"withdrawn_on": "", **row, "record_id": record_id})
        return record_id


def plant_pairs(register: Register, per_cell: int) -> Iterator[Pair]:
    for list_name, database in _cells():
        whys = whys_for(list_name, database)
        start = register.random.randrange(len(whys))
        for number in range(per_cell):
            why = whys[(start + number) % len(whys)]
            person, event = register.person(list_name, why), register.event()
            left = register.put_on_list(list_name, person, event, with_vehicle=database == "stolen_vehicles")
            _settle_document(register, list_name, person, why)
            yield Pair(list_name, left, database, register.put_in_database(database, person, event, why), why)


def plant_decoys(register: Register, per_cell: int) -> Iterator[Decoy]:
    lapses = cycle(_LAPSED)
    for list_name, database in _cells():
        for _ in range(per_cell):
            if database == "stolen_vehicles":
                yield _lookalike(register, list_name)
            else:
                yield _other_person(register, list_name, database, "twin")
                yield _other_person(register, list_name, database, "namesake")
            yield _lapsed(register, list_name, database, next(lapses))


def fill(register: Register, persons: int) -> None:
    """Everybody else, in turn over the lists and, more of them, over the databases."""
    lists, databases = cycle(LISTS), cycle(DATABASES)
    while register.persons < persons:
        if register.persons % 3 == 0:
            list_name = next(lists)
            register.put_on_list(list_name, register.person(list_name), register.event())
        else:
            register.put_in_database(next(databases), register.person(), register.event())


def _cells() -> Iterator[tuple[ListName, DatabaseName]]:
    return ((list_name, database) for list_name in LISTS for database in DATABASES)


def _settle_document(register: Register, list_name: ListName, person: Person, why: Why) -> None:
    """A pair that is found by its document has it on the list as well; one found by name and birth date has not."""
    row = register.lists[list_name][-1]
    if why == "document_number":
        row |= {"document_number": person.document_number, "document_type": person.document_type}
    elif why == "name_birth_date":
        row |= {"document_number": "", "document_type": ""}


def _other_person(
    register: Register, list_name: ListName, database: DatabaseName, kind: Literal["twin", "namesake"]
) -> Decoy:
    """Somebody else with a valid resident number of their own: the evidence that tells the two apart."""
    person, event = register.person(list_name, "id_number"), register.event()
    other = register.population.twin(person) if kind == "twin" else register.population.namesake(person)
    register.persons += 1
    left = register.put_on_list(list_name, person, event)
    row_id = register.put_in_database(database, other, register.event())
    row = register.references[database][-1]
    row |= {"id_number": other.id_number, "phone": other.phone}
    return Decoy(list_name, left, database, row_id, kind)


def _lookalike(register: Register, list_name: ListName) -> Decoy:
    person = register.person(list_name)
    left = register.put_on_list(list_name, person, register.event(), with_vehicle=True)
    right = register.put_stolen(register.population.lookalike(person.vehicle))
    return Decoy(list_name, left, "stolen_vehicles", right, "lookalike")


def _lapsed(
    register: Register, list_name: ListName, database: DatabaseName, kind: Literal["expired", "withdrawn", "overdue"]
) -> Decoy:
    """The right person, but nothing to hold them to any more."""
    person, event = register.person(list_name, "id_number"), register.event()
    vehicle = database == "stolen_vehicles"
    left = register.put_on_list(list_name, person, event, standing=kind, with_vehicle=vehicle)
    why: Why = "plate_and_vin" if vehicle else "id_number"
    return Decoy(list_name, left, database, register.put_in_database(database, person, event, why), kind)

"""How a person or a vehicle is written down, on a list and in each reference database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from simulator.records.listing import Row
from simulator.records.names import Name
from simulator.records.numbers import short_resident_number
from simulator.records.people import Person, Vehicle
from simulator.records.schema import RECORD_COLUMNS, DatabaseName, ListName

# What a planted pair has in common; one of them is enough to find it.
Why = Literal[
    "id_number",
    "short_id_number",
    "document_number",
    "name_birth_date",
    "pinyin_birth_date",
    "phone",
    "unidentified",
    "plate",
    "vin",
    "plate_and_vin",
]
_PERSON_WHYS: tuple[Why, ...] = (
    *("id_number", "document_number", "name_birth_date", "pinyin_birth_date", "phone", "short_id_number"),
)
WHYS: dict[DatabaseName, tuple[Why, ...]] = {
    "wanted_persons": _PERSON_WHYS,
    "missing_unidentified": _PERSON_WHYS,
    "stolen_vehicles": ("plate_and_vin", "plate", "vin"),
    "lost_documents": ("document_number", "id_number", "name_birth_date"),
}
SHORT_NUMBERS_UNTIL = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """When and where somebody was last seen, was found, or lost something."""

    on: date
    place: str


def whys_for(list_name: ListName, database: DatabaseName) -> tuple[Why, ...]:
    """Only of the missing is it told what they wore and where they were last seen."""
    if database == "missing_unidentified" and list_name in ("missing", "endangered"):
        return ("unidentified", *WHYS[database])
    return WHYS[database]


def list_row(random: Random, list_name: ListName, person: Person, event: Event, *, with_vehicle: bool) -> Row:
    row = _blank() | _name(person.name) | _body(person)
    row["id_number"], row["phone"] = person.id_number, person.phone
    if person.id_number == "" or random.random() < 0.6:
        row["document_number"], row["document_type"] = person.document_number, person.document_type
    if with_vehicle or random.random() < 0.35:
        row |= vehicle_columns(person.vehicle)
    if list_name in ("missing", "endangered"):
        row |= {"place": event.place, "happened_on": event.on.isoformat(), "belongings": person.belongings}
    return row


def reference_row(random: Random, database: DatabaseName, person: Person, event: Event, why: Why | None) -> Row:
    """With `why`, only so much in common as that; without, whatever the database usually holds."""
    if database == "stolen_vehicles":
        return vehicle_row(person.vehicle, event, why)
    if why == "unidentified":
        return _unidentified(random, person, event)
    row = _blank() | _name(person.name) | _body(person) | {"place": event.place, "happened_on": event.on.isoformat()}
    if database == "lost_documents":
        row["height_cm"] = ""
    return row | _evidence(random, database, person, why)


def vehicle_row(vehicle: Vehicle, event: Event, why: Why | None = None) -> Row:
    row = _blank() | vehicle_columns(vehicle) | {"place": event.place, "happened_on": event.on.isoformat()}
    if why == "plate":
        row["vin"] = ""
    if why == "vin":
        row |= {"plate": "", "plate_colour": ""}
    return row


def vehicle_columns(vehicle: Vehicle) -> Row:
    return {
        "plate": vehicle.plate.text,
        "plate_colour": vehicle.plate.colour,
        "vin": vehicle.vin,
        "make": vehicle.make,
        "colour": vehicle.colour,
    }


def _evidence(random: Random, database: DatabaseName, person: Person, why: Why | None) -> Row:
    year = str(person.born.year)
    document = {"document_number": person.document_number, "document_type": person.document_type}
    match why:
        case "id_number" if database == "lost_documents":
            return {"document_number": person.id_number, "id_number": person.id_number, "document_type": "id_card"}
        case "id_number":
            return {"id_number": person.id_number}
        case "short_id_number":
            return {"id_number": short_resident_number(person.id_number)}
        case "document_number":
            return {"date_of_birth": year, **document}
        case "phone":
            return {"date_of_birth": year, "phone": person.phone}
        case "pinyin_birth_date":
            return _name(person.name.in_pinyin())
        case "name_birth_date" if database == "lost_documents":
            return document
        case None:
            number = {"id_number": person.id_number} if random.random() < 0.8 else {}
            return {**number, **(document if database == "lost_documents" or not person.id_number else {})}
    return {}


def _unidentified(random: Random, person: Person, event: Event) -> Row:
    """Found without papers: sex, height as measured, age as estimated, what was worn, in another order."""
    belongings = person.belongings.split("; ")
    return _blank() | {
        "sex": person.sex,
        "date_of_birth": str(person.born.year),
        "height_cm": str(person.height_cm + random.choice((-1, 0, 1))),
        "place": event.place,
        "happened_on": (event.on + timedelta(days=random.choice((0, 1)))).isoformat(),
        "belongings": "; ".join(random.sample(belongings, len(belongings))),
    }


def _blank() -> Row:
    return dict.fromkeys(RECORD_COLUMNS, "")


def _name(name: Name) -> Row:
    return {"surname": name.surname, "given_name": name.given_name, "name": name.full}


def _body(person: Person) -> Row:
    return {"date_of_birth": person.born.isoformat(), "sex": person.sex, "height_cm": str(person.height_cm)}

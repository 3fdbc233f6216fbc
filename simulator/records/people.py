"""Persons, vehicles and documents who never were, each distinct in every number that identifies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from foundation.plates import DIGITS
from simulator.plates import PlateSeries, PlateSpec, random_plate
from simulator.records import numbers
from simulator.records.names import Name, random_chinese_name, random_latin_name, sibling_name

PLACES = (
    *("河滨街道", "古塔广场", "东站", "北桥", "南湖公园", "西门市场", "中山路", "大学城", "工业园", "港口区"),
    *("Riverside", "Old Tower Square", "East Station", "North Bridge", "South Lake Park", "West Gate Market"),
)
MAKES = (
    "星驰 S3",
    "星驰 X7",
    "远岭 A5",
    "远岭 Pro",
    "Aurelia 2",
    "Aurelia GT",
    "Nordvik C",
    "Nordvik Van",
    "Tamaro 500",
)
COLOURS = ("white", "black", "silver", "grey", "red", "blue", "green", "yellow")
_ITEMS = (
    *("red scarf", "black rucksack", "silver watch", "blue umbrella", "brown wallet", "green cap", "white headphones"),
    *("grey gloves", "yellow raincoat", "leather belt", "reading glasses", "walking stick", "canvas bag", "key ring"),
    *("wool hat", "checked shirt", "denim jacket", "rubber boots", "gold ring", "purple notebook"),
)
_MISREAD = {"0": "6", "1": "7", "2": "7", "3": "8", "4": "1", "5": "6", "6": "8", "7": "1", "8": "3", "9": "8"}
_VEHICLE_SERIES: tuple[PlateSeries, ...] = ("cn_standard", "cn_standard", "cn_new_energy", "cn_large")


@dataclass(frozen=True, slots=True)
class Vehicle:
    plate: PlateSpec
    vin: str
    make: str
    colour: str


@dataclass(frozen=True, slots=True)
class Person:
    name: Name
    born: date
    sex: str  # M or F
    id_number: str  # empty for foreigners
    document_number: str
    document_type: str
    phone: str
    height_cm: int
    place: str
    belongings: str
    vehicle: Vehicle

    @property
    def is_chinese(self) -> bool:
        return self.name.romanised is not None


class Population:
    """Makes persons and vehicles; no number and no plate comes twice, nor one of the reserved plates."""

    def __init__(self, random: Random, today: date, reserved: Iterable[PlateSpec]) -> None:
        self._random, self._today = random, today
        self._taken: set[str] = {plate.text for plate in reserved}
        self._persons: set[tuple[str, date]] = set()

    def person(self, *, chinese: bool | None = None, child: bool = False) -> Person:
        random = self._random
        native = random.random() < 0.72 if chinese is None else chinese
        sex, born = random.choice("MF"), self._birth_date(child)
        name = self._distinct_name(random_chinese_name if native else random_latin_name, born)
        low, high = (95, 150) if child else (150, 190)
        return Person(
            name=name,
            born=born,
            sex=sex,
            id_number=self._distinct(lambda: numbers.resident_number(random, born, sex)) if native else "",
            document_number=self._distinct(lambda: numbers.passport_number(random)),
            document_type="passport",
            phone=self._distinct(lambda: numbers.phone_number(random, chinese=native)),
            height_cm=random.randint(low, high),
            place=random.choice(PLACES),
            belongings="; ".join(random.sample(_ITEMS, 3)),
            vehicle=self.vehicle(),
        )

    def twin(self, person: Person) -> Person:
        """Born on the same day into the same household: another name and other numbers, the same phone and place."""
        other = self._alike(person)
        name = sibling_name(self._random, person.name)
        return replace(other, name=name, phone=person.phone, place=person.place)

    def namesake(self, person: Person) -> Person:
        """The same name and birth date by chance, all else different."""
        return self._alike(person)

    def vehicle(self, plate: PlateSpec | None = None) -> Vehicle:
        random = self._random
        chosen = plate or self._distinct_plate()
        vin = self._distinct(lambda: numbers.vehicle_number(random))
        return Vehicle(chosen, vin, random.choice(MAKES), random.choice(COLOURS))

    def lookalike(self, vehicle: Vehicle) -> Vehicle:
        """Another vehicle whose plate differs in one character, one that is easily misread."""
        text = vehicle.plate.text
        for last in (*_MISREAD.get(text[-1], ""), *DIGITS):
            other = text[:-1] + last
            if other not in self._taken:
                self._taken.add(other)
                return self.vehicle(replace(vehicle.plate, text=other))
        return self.lookalike(self.vehicle())

    def _alike(self, person: Person) -> Person:
        random, born, sex = self._random, person.born, person.sex
        other = self.person(chinese=person.is_chinese)
        number = self._distinct(lambda: numbers.resident_number(random, born, sex)) if person.is_chinese else ""
        return replace(other, name=person.name, born=born, sex=sex, id_number=number)

    def _birth_date(self, child: bool) -> date:
        youngest, oldest = (4, 13) if child else (19, 78)
        return self._today - timedelta(days=self._random.randint(youngest * 365, oldest * 365))

    def _distinct_name(self, draw: Callable[[Random], Name], born: date) -> Name:
        """Nobody shares surname and birth date by accident: that is left to twins and namesakes."""
        while True:
            name = draw(self._random)
            key = (name.romanised[0] if name.romanised else name.surname, born)
            if key not in self._persons:
                self._persons.add(key)
                return name

    def _distinct(self, draw: Callable[[], str]) -> str:
        while (number := draw()) in self._taken:
            pass
        self._taken.add(number)
        return number

    def _distinct_plate(self) -> PlateSpec:
        while (plate := random_plate(self._random, self._random.choice(_VEHICLE_SERIES))).text in self._taken:
            pass
        self._taken.add(plate.text)
        return plate

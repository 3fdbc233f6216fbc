"""Synthetic records and references with the truth, for the linkage benchmarks; the same seed gives the same bytes.

People who never were. Names are borne unevenly, so that there are namesakes by chance as well as planted ones; twins
share surname, birth date, telephone and address. A record is about somebody of the references, altered as clerks alter,
or about nobody of them. Which fields a record has does not depend on its script.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Literal

from stdnum.cn import ric

from benchmarks._linkage_names import Bearing, Script, random_name, sibling_name
from benchmarks._linkage_slips import Raw, alter, in_letters
from simulator.records import numbers

TODAY = date(2026, 11, 26)
COLUMNS = (
    *("record_id", "name", "date_of_birth", "sex", "id_number", "document_number", "phone"),
    *("street_number", "address", "suburb", "postcode"),
)
TRUTH_COLUMNS = ("record_id", "reference_id", "kind", "script", "frequency", "fields", "altered")
Kind = Literal["alone", "namesake", "twin", "unrelated"]
Frequency = Literal["common", "usual", "rare"]

# (kind, whether the person stands among the references) and how many in a hundred.
_KINDS: dict[tuple[Kind, bool], int] = {
    ("alone", True): 40,
    ("namesake", True): 6,
    ("namesake", False): 6,
    ("twin", True): 6,
    ("twin", False): 6,
    ("unrelated", False): 36,
}
_SCRIPTS: dict[Script, int] = {"hanzi": 40, "pinyin": 20, "latin": 20, "transliterated": 20}
_ADDRESS = ("street_number", "address", "suburb", "postcode")
_FIELDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "number, birth date": (25, ("date_of_birth", "sex", "id_number")),
    "birth date": (20, ("date_of_birth", "sex")),
    "phone, birth date": (12, ("date_of_birth", "phone")),
    "address, birth date": (12, ("date_of_birth", "sex", *_ADDRESS)),
    "phone, year": (8, ("year", "sex", "phone")),
    "document, birth date": (8, ("date_of_birth", "document_number")),
    "number alone": (5, ("id_number",)),
    "everything": (10, ("date_of_birth", "sex", "id_number", "document_number", "phone", *_ADDRESS)),
}
_KEPT = {"date_of_birth": 0.97, "sex": 0.95, "id_number": 0.85, "document_number": 0.5, "phone": 0.75, "address": 0.7}
_SUBURBS = tuple((f"{name}区", f"{100_100 + 7 * at}") for at, name in enumerate("东西南北朝丰海河古新临平"))
_STREETS = tuple(
    f"{first}{second}{way}" for way in "路街" for first in "中新建人和平长青" for second in "山华设民园安春云"
)


@dataclass(frozen=True, slots=True)
class Person:
    name: Bearing
    born: date
    sex: str
    id_number: str
    document_number: str
    phone: str
    street_number: str
    address: str
    suburb: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Planted:
    record: Raw
    truth: Raw


def write(folder: Path, records: int, references: int, seed: int) -> tuple[Path, Path, Path]:
    """`records.csv`, `references.csv` and `truth.csv`: for each record its reference, or none, and its groups."""
    if references < 2 * records:
        raise ValueError("at least two references a record")
    paths = folder / "records.csv", folder / "references.csv", folder / "truth.csv"
    with (
        paths[0].open("w", newline="", encoding="utf-8") as asked,
        paths[1].open("w", newline="", encoding="utf-8") as known,
        paths[2].open("w", newline="", encoding="utf-8") as true,
    ):
        of_records, of_references = csv.DictWriter(asked, COLUMNS), csv.DictWriter(known, COLUMNS)
        of_truth = csv.DictWriter(true, TRUTH_COLUMNS)
        for writer in (of_records, of_references, of_truth):
            writer.writeheader()
        world = World(Random(seed), references)
        for number in range(records):
            planted = world.plant(f"Q-{number}")
            of_records.writerow(planted.record)
            of_truth.writerow(planted.truth)
            of_references.writerows(world.filled(references * (number + 1) // records))
    return paths


class World:
    """Makes people; no identity or document number comes twice."""

    def __init__(self, random: Random, references: int) -> None:
        self._random, self._references = random, references
        self._taken: set[str] = set()
        self._waiting: list[Raw] = []
        self._numbered = 0
        self._last: Person | None = None

    def plant(self, record_id: str) -> Planted:
        """A record; the references that belong to it wait to be written."""
        random = self._random
        kind, known = random.choices(list(_KINDS), list(_KINDS.values()))[0]
        person = self.person()
        other = {"namesake": self._namesake, "twin": self._twin}.get(kind)
        if other:
            self._refer(other(person))
        reference = self._refer(person) if known else ""
        fields = random.choices(list(_FIELDS), [share for share, _ in _FIELDS.values()])[0]
        record, altered = self._record(person, fields)
        truth = {
            "record_id": record_id,
            "reference_id": reference,
            "kind": kind,
            "script": person.name.script,
            "frequency": self._frequency(person.name),
            "fields": fields,
            "altered": "; ".join(altered),
        }
        return Planted({"record_id": record_id, **record}, truth)

    def filled(self, up_to: int) -> Iterator[Raw]:
        """What waits, and other people until so many references are there."""
        while self._numbered < up_to:
            self._refer(self.person())
        yield from self._waiting
        self._waiting.clear()

    def person(self) -> Person:
        random = self._random
        script = random.choices(list(_SCRIPTS), list(_SCRIPTS.values()))[0]
        sex, born = random.choice("MF"), TODAY - timedelta(days=random.randint(19 * 365, 78 * 365))
        suburb, postcode = random.choice(_SUBURBS)
        person = Person(
            name=random_name(random, script),
            born=born,
            sex=sex,
            id_number=self._distinct_number(script, born, sex),
            document_number=self._distinct_document(),
            phone=numbers.phone_number(random, chinese=True),
            street_number=str(random.randint(1, 400)),
            address=random.choice(_STREETS),
            suburb=suburb,
            postcode=postcode,
        )
        if self._last and random.random() < 0.2:  # of one household
            person = replace(person, **{name: getattr(self._last, name) for name in _ADDRESS})
        self._last = person
        return person

    def _twin(self, person: Person) -> Person:
        """Another name and other numbers; surname, birth date, telephone and address are shared."""
        sex = self._random.choice("MF")
        return replace(
            person,
            name=sibling_name(self._random, person.name),
            sex=sex,
            id_number=self._distinct_number(person.name.script, person.born, sex),
            document_number=self._distinct_document(),
        )

    def _namesake(self, person: Person) -> Person:
        """The same name and sex by chance, born in the same year; one in four on the same day."""
        other = self.person()
        born = person.born
        if self._random.random() < 0.75:
            born = date(born.year, 1, 1) + timedelta(days=self._random.randrange(365))
        number = self._distinct_number(person.name.script, born, person.sex)
        return replace(other, name=person.name, born=born, sex=person.sex, id_number=number)

    def _refer(self, person: Person) -> str:
        random = self._random
        raw = self._written(person)
        for field, share in _KEPT.items():
            if random.random() >= share:
                raw.update(dict.fromkeys(_ADDRESS if field == "address" else (field,), ""))
        if person.name.script == "pinyin" and random.random() < 0.5:
            raw["name"] = in_letters(random, person.name)
        record_id = f"R-{self._numbered}"
        self._numbered += 1
        self._waiting.append({"record_id": record_id, **raw})
        return record_id

    def _record(self, person: Person, fields: str) -> tuple[Raw, list[str]]:
        random = self._random
        kept = _FIELDS[fields][1]
        whole = self._written(person)
        raw = {name: whole[name] for name in ("name", *kept) if name != "year"}
        if "year" in kept:
            raw["date_of_birth"] = str(person.born.year)
        if person.name.script == "pinyin":
            raw["name"] = in_letters(random, person.name)
        return raw, alter(random, person.name, raw)

    def _written(self, person: Person) -> Raw:
        raw = {name: getattr(person, name) for name in COLUMNS if name not in ("record_id", "name", "date_of_birth")}
        return {"name": person.name.written, "date_of_birth": person.born.isoformat(), **raw}

    def _frequency(self, name: Bearing) -> Frequency:
        """By how many of the references are expected to bear the name."""
        shares = sum(_SCRIPTS[it] for it in _SCRIPTS if (it in ("hanzi", "pinyin")) == (name.pinyin is not None))
        if name.pinyin is None:
            shares = _SCRIPTS[name.script]
        bearers = name.share * self._references * shares / 100
        return "common" if bearers >= 3 else "rare" if bearers < 0.2 else "usual"

    def _distinct_number(self, script: Script, born: date, sex: str) -> str:
        """A resident number, or of a foreigner the number of a permanent residence card (form of 2023)."""
        random = self._random
        if script in ("hanzi", "pinyin"):
            return self._distinct(lambda: numbers.resident_number(random, born, sex))

        def card() -> str:
            body = f"9{random.choice(('11', '31', '44'))}{random.randint(900, 999)}{born:%Y%m%d}"
            body += f"{random.randrange(900, 1000, 2) + (sex == 'M'):03}"
            return body + str(ric.calc_check_digit(body + "0"))

        return self._distinct(card)

    def _distinct_document(self) -> str:
        return self._distinct(lambda: f"Q{self._random.choice('XYZ')}{self._random.randrange(10**7):07}")

    def _distinct(self, draw: Callable[[], str]) -> str:
        while (number := draw()) in self._taken:
            pass
        self._taken.add(number)
        return number

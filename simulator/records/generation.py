"""The whole of the generated records with their truth, and their files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import InvalidInput, NotWritable
from simulator.plates import PlateSpec
from simulator.records.listing import Row
from simulator.records.people import Population
from simulator.records.planting import Register, fill, plant_decoys, plant_pairs
from simulator.records.schema import LIST_COLUMNS, LISTS, REFERENCE_COLUMNS, DatabaseName, ListName

LEAST_PERSONS = 150  # so many are needed for one pair and the decoys of every cell
_PERSONS_PER_PAIR = 200


@dataclass(frozen=True, slots=True)
class RecordSet:
    lists: dict[ListName, list[Row]]
    references: dict[DatabaseName, list[Row]]
    truth: dict[str, Any]

    def write(self, folder: Path) -> None:
        """`lists/NAME.csv`, `references/NAME.csv` and `truth.json`."""
        try:
            _write_all(folder / "lists", self.lists, LIST_COLUMNS)
            _write_all(folder / "references", self.references, REFERENCE_COLUMNS)
            text = json.dumps(self.truth, ensure_ascii=False, indent=1) + "\n"
            (folder / "truth.json").write_text(text, encoding="utf-8")
        except OSError as error:
            raise NotWritable(
                f"cannot be written: {(error.strerror or str(error)).lower()}.",
                where=str(error.filename or folder),
                mend="Name a folder you may write to, with space left.",
            ) from error


def generate(
    seed: int,
    persons: int,
    *,
    plates_stolen: Sequence[PlateSpec] = (),
    plates_expired: Sequence[PlateSpec] = (),
    plates_absent: Sequence[PlateSpec] = (),
    clock: Clock = SYSTEM_CLOCK,
) -> RecordSet:
    """The same records for the same seed on the same day.

    Stolen plates stand in stolen_vehicles; expired ones on a lapsed list record or a withdrawn reference alone; absent
    ones nowhere.
    """
    if persons < LEAST_PERSONS:
        raise InvalidInput(
            f"{persons} persons are too few for a pair in every cell.",
            where="--persons",
            mend=f"Ask for at least {LEAST_PERSONS}.",
        )
    random, today = Random(seed), _today(clock)
    population = Population(random, today, (*plates_stolen, *plates_expired, *plates_absent))
    register = Register(random, population, today)
    per_cell = max(1, persons // _PERSONS_PER_PAIR)
    pairs = list(plant_pairs(register, per_cell))
    decoys = list(plant_decoys(register, max(1, per_cell // 4)))
    plates = {
        "stolen": [_stolen(register, plate) for plate in plates_stolen],
        "expired": [_expired(register, plate, place) for place, plate in enumerate(plates_expired)],
        "absent": [{"plate": plate.text} for plate in plates_absent],
    }
    fill(register, persons)
    for rows in (*register.lists.values(), *register.references.values()):
        random.shuffle(rows)
    truth = {
        "seed": seed,
        "persons": register.persons,
        "generated_on": today.isoformat(),
        "pairs": [pair.as_json() for pair in pairs],
        "decoys": [decoy.as_json() for decoy in decoys],
        "plates": plates,
    }
    return RecordSet(register.lists, register.references, truth)


def _today(clock: Clock) -> date:
    return datetime.fromtimestamp(clock.now_us() / US_PER_S, UTC).date()


def _stolen(register: Register, plate: PlateSpec) -> dict[str, str]:
    reference = register.put_stolen(register.population.vehicle(plate))
    return {"plate": plate.text, "plate_colour": plate.colour, "reference_id": reference}


def _expired(register: Register, plate: PlateSpec, place: int) -> dict[str, str]:
    """In turn on an expired list record and in a withdrawn reference."""
    known = {"plate": plate.text, "plate_colour": plate.colour}
    vehicle = register.population.vehicle(plate)
    if place % 2:
        return {**known, "reference_id": register.put_stolen(vehicle, withdrawn=True)}
    list_name = LISTS[place // 2 % len(LISTS)]
    person = replace(register.person(list_name), vehicle=vehicle)
    left = register.put_on_list(list_name, person, register.event(), standing="expired", with_vehicle=True)
    return {**known, "list": list_name, "list_record_id": left}


def _write_all(folder: Path, files: Mapping[Any, list[Row]], columns: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)

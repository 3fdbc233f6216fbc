"""The generated records with their truth: every planted pair is found, no decoy is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from foundation.database import reading
from matching.models import Hit, KeyPerson, ReferenceRecord
from simulator.plates import random_plates
from simulator.records import generate

Kit = Any
Quadruple = tuple[str, str, str, str]


def import_all(kit: Kit, made: Any) -> None:
    made.write(kit.folder)
    for name in made.lists:
        assert kit.list_file(kit.folder / "lists" / f"{name}.csv", name=name).refused == []
    for database in made.references:
        assert kit.refer_file(kit.folder / "references" / f"{database}.csv", database=database).refused == []


def found(kit: Kit) -> set[Quadruple]:
    with reading(kit.core) as session:
        rows = session.execute(
            select(Hit.list_name, KeyPerson.source_record, Hit.database, ReferenceRecord.source_record)
            .join(KeyPerson, KeyPerson.id == Hit.key_person_id)
            .join(ReferenceRecord, ReferenceRecord.id == Hit.reference_id)
            .where(Hit.recalled_us.is_(None))
        )
        return {tuple(row) for row in rows}


def quadruples(told: list[dict[str, str]]) -> set[Quadruple]:
    return {(it["list"], it["list_record_id"], it["database"], it["reference_id"]) for it in told}


@pytest.mark.parametrize("seed", [1, 20261])
def test_all_planted_pairs_are_found_and_no_decoy(kit: Kit, seed: int) -> None:
    made = generate(seed, 600, clock=kit.clock)
    import_all(kit, made)
    runs = kit.compare()
    hits, pairs, decoys = found(kit), quadruples(made.truth["pairs"]), quadruples(made.truth["decoys"])
    assert pairs - hits == set()
    assert decoys & hits == set()
    assert hits - pairs == set()
    assert all(run.compared > 0 for run in runs.values())


def test_plates_of_the_scene(kit: Kit) -> None:
    from random import Random

    plates = random_plates(Random(5), ("cn_standard", "cn_new_energy", "eu_latin", "cn_police", "cn_large"), 15)
    stolen, expired, absent = plates[:5], plates[5:10], plates[10:]
    import_all(
        kit, generate(3, 200, plates_stolen=stolen, plates_expired=expired, plates_absent=absent, clock=kit.clock)
    )
    matcher = kit.online()
    for plate in stolen:
        hits = matcher.plate(plate.text, plate.colour, kit.clock.now_us())
        assert [hit.database for hit in hits] == ["stolen_vehicles"], plate
    for plate in (*expired, *absent):
        assert matcher.plate(plate.text, plate.colour, kit.clock.now_us()) == [], plate

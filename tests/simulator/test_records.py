from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pypinyin import lazy_pinyin
from stdnum.cn import ric

from foundation.clock import US_PER_S, ManualClock
from foundation.errors import InvalidInput, NotWritable
from matching.normalising.vins import normalise_vin
from simulator.plates import random_plates
from simulator.records import LEAST_PERSONS, RecordSet, generate
from simulator.records.names import GIVEN, SURNAMES
from simulator.records.schema import DATABASES, GROUNDS, LIST_COLUMNS, LISTS, REFERENCE_COLUMNS

CLOCK = ManualClock(1_795_000_000 * US_PER_S)
TODAY = "2026-11-18"
PLATES = random_plates(Random(7), ("cn_standard", "cn_new_energy", "eu_latin"), 9)
STOLEN, EXPIRED, ABSENT = PLATES[:3], PLATES[3:6], PLATES[6:]


@pytest.fixture(scope="module")
def made() -> RecordSet:
    return generate(11, 600, plates_stolen=STOLEN, plates_expired=EXPIRED, plates_absent=ABSENT, clock=CLOCK)


def _by_id(made: RecordSet) -> dict[str, dict[str, str]]:
    return {row["record_id"]: row for rows in (*made.lists.values(), *made.references.values()) for row in rows}


def _all_rows(made: RecordSet) -> list[dict[str, str]]:
    return [row for rows in (*made.lists.values(), *made.references.values()) for row in rows]


def test_the_same_seed_gives_the_same_records(made: RecordSet) -> None:
    again = generate(11, 600, plates_stolen=STOLEN, plates_expired=EXPIRED, plates_absent=ABSENT, clock=CLOCK)
    assert again == made
    assert generate(12, 600, clock=CLOCK) != made


def test_numbers_pass_their_checks(made: RecordSet) -> None:
    for row in _all_rows(made):
        if len(row["id_number"]) == 18:
            assert ric.is_valid(row["id_number"])
            assert ric.get_birth_date(row["id_number"]).isoformat()[:4] == row["date_of_birth"][:4]
            assert int(row["id_number"][16]) % 2 == (row["sex"] == "M")
        if row["vin"]:
            number = normalise_vin(row["vin"])
            assert number is not None
            assert number.valid
        assert set(row) <= {*LIST_COLUMNS, *REFERENCE_COLUMNS}


def test_every_list_record_has_a_legal_basis_within_its_dates(made: RecordSet) -> None:
    lapsed = {decoy["list_record_id"] for decoy in made.truth["decoys"] if decoy["kind"] in _LAPSED}
    lapsed |= {plate["list_record_id"] for plate in made.truth["plates"]["expired"] if "list" in plate}
    for list_name, rows in made.lists.items():
        for row in rows:
            assert row["ground"] in GROUNDS[list_name]
            assert row["issuer"]
            assert row["instrument"]
            assert row["action"]
            assert row["issued_on"] <= row["review_on"] <= row["expires_on"]
            assert row["issued_on"] <= TODAY
            assert _in_force(row) == (row["record_id"] not in lapsed)
            days = (date.fromisoformat(row["expires_on"]) - date.fromisoformat(row["issued_on"])).days
            assert days <= {"protection_order": 366, "absconded": 1096, "judicial": 1096}.get(list_name, 1827)


_LAPSED = ("expired", "withdrawn", "overdue")


def _in_force(row: dict[str, str]) -> bool:
    return not row["withdrawn_on"] and row["expires_on"] >= TODAY and row["review_on"] >= TODAY


def test_every_cell_has_pairs_that_share_what_is_said(made: RecordSet) -> None:
    rows = _by_id(made)
    pairs = made.truth["pairs"]
    cells = Counter((pair["list"], pair["database"]) for pair in pairs)
    assert set(cells) == {(list_name, database) for list_name in LISTS for database in DATABASES}
    for pair in pairs:
        left, right = rows[pair["list_record_id"]], rows[pair["reference_id"]]
        assert _shares(pair["why"], left, right), pair


def _shares(why: str, left: dict[str, str], right: dict[str, str]) -> bool:
    def same(*columns: str) -> bool:
        return all(left[column] and left[column] == right[column] for column in columns)

    match why:
        case "short_id_number":
            number = left["id_number"]
            return right["id_number"] == number[:6] + number[8:17]
        case "name_birth_date":
            return same("name", "date_of_birth", "sex")
        case "pinyin_birth_date":
            return (
                same("date_of_birth", "sex")
                and "".join(lazy_pinyin(left["name"])).lower() == (right["surname"] + right["given_name"]).lower()
            )
        case "unidentified":
            return same("sex", "place") and sorted(left["belongings"].split("; ")) == sorted(
                right["belongings"].split("; ")
            )
        case "plate_and_vin":
            return same("plate", "plate_colour", "vin")
        case column:
            return same(column)


def test_decoys_are_decoys(made: RecordSet) -> None:
    rows = _by_id(made)
    kinds = Counter(decoy["kind"] for decoy in made.truth["decoys"])
    assert set(kinds) == {"twin", "namesake", "lookalike", *_LAPSED}
    for decoy in made.truth["decoys"]:
        left, right = rows[decoy["list_record_id"]], rows[decoy["reference_id"]]
        match decoy["kind"]:
            case "twin":
                assert left["date_of_birth"] == right["date_of_birth"]
                assert left["surname"] == right["surname"]
                assert left["name"] != right["name"]
                assert _two_valid(left, right)
            case "namesake":
                assert (left["name"], left["date_of_birth"]) == (right["name"], right["date_of_birth"])
                assert _two_valid(left, right)
            case "lookalike":
                assert sum(a != b for a, b in zip(left["plate"], right["plate"], strict=True)) == 1
                assert left["vin"] != right["vin"]
            case _:
                assert not _in_force(left)


def _two_valid(left: dict[str, str], right: dict[str, str]) -> bool:
    numbers = left["id_number"], right["id_number"]
    return numbers[0] != numbers[1] and all(ric.is_valid(number) for number in numbers)


def test_pairs_and_decoys_do_not_overlap(made: RecordSet) -> None:
    def keys(entries: list[dict[str, Any]]) -> list[str]:
        return [entry[side] for entry in entries for side in ("list_record_id", "reference_id")]

    used = keys(made.truth["pairs"]) + keys(made.truth["decoys"])
    assert len(used) == len(set(used))


def test_plates_stand_where_they_were_asked_for(made: RecordSet) -> None:
    on_lists = {row["plate"]: row for rows in made.lists.values() for row in rows}
    stolen = {row["plate"]: row for row in made.references["stolen_vehicles"]}
    for plate in STOLEN:
        assert stolen[plate.text]["withdrawn_on"] == ""
        assert stolen[plate.text]["plate_colour"] == plate.colour
        assert plate.text not in on_lists
    for plate in EXPIRED:
        if plate.text in on_lists:
            assert not _in_force(on_lists[plate.text])
        else:
            assert stolen[plate.text]["withdrawn_on"]
    assert not {plate.text for plate in ABSENT} & (set(on_lists) | set(stolen))


def test_nobody_else_shares_an_identifying_number(made: RecordSet) -> None:
    planted = {pair["reference_id"] for pair in made.truth["pairs"]}
    planted |= {decoy["reference_id"] for decoy in made.truth["decoys"]}
    listed = {row[column] for rows in made.lists.values() for row in rows for column in _IDENTIFYING if row[column]}
    for rows in made.references.values():
        for row in rows:
            if row["record_id"] not in planted:
                assert not {row[column] for column in _IDENTIFYING} & listed


_IDENTIFYING = ("id_number", "document_number", "phone", "plate", "vin")


def test_files_carry_the_columns_and_the_truth(made: RecordSet, tmp_path: Path) -> None:
    made.write(tmp_path)
    for folder, names, columns in (("lists", LISTS, LIST_COLUMNS), ("references", DATABASES, REFERENCE_COLUMNS)):
        for name in names:
            with (tmp_path / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                assert tuple(reader.fieldnames or ()) == columns
                assert len(list(reader)) == len((made.lists | made.references)[name])
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == made.truth


def test_name_parts_are_read_as_the_dictionary_reads_them() -> None:
    for character, reading in (*SURNAMES, *GIVEN):
        assert lazy_pinyin(character) == [reading.lower()], character


def test_too_few_persons_are_refused() -> None:
    with pytest.raises(InvalidInput, match=f"at least {LEAST_PERSONS}"):
        generate(1, LEAST_PERSONS - 1)


def test_the_least_number_of_persons_is_kept() -> None:
    assert generate(1, LEAST_PERSONS, clock=CLOCK).truth["persons"] == LEAST_PERSONS


def test_a_folder_that_cannot_be_written_is_named(made: RecordSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="file"):
        made.write(tmp_path / "file")

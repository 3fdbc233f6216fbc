from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.database import reading_rows
from foundation.errors import InvalidFields, Unavailable
from foundation.scope import Scope
from matching.center_index.keeping import IndexKeeper
from matching.look_ups import looking_up, plates
from matching.look_ups.asked import asked
from matching.look_ups.looking_up import LookedUp, RecordLookUps
from matching.look_ups.plates import PlateLookUps
from tests.matching.conftest import Kit

HERE = Scope(["center-a"])


class Desk:
    """Look-ups at the kit's center, its indexes brought up to date before each."""

    def __init__(self, kit: Kit, folder: Path) -> None:
        self._kit, self._folder = kit, folder
        self.keeper = IndexKeeper(kit.core, folder)
        self.look_ups = RecordLookUps(folder, kit.catalogue, kit.clock)
        self.plates = PlateLookUps(kit.core, kit.catalogue, kit.clock)

    def look_up(self, scope: Scope = HERE, most: int = 20, **given: Any) -> LookedUp:
        self.keeper.refresh()
        return self.look_up_now(scope, most, **given)

    def look_up_now(self, scope: Scope = HERE, most: int = 20, **given: Any) -> LookedUp:
        with reading_rows(self._kit.core) as rows:
            return self.look_ups.look_up(rows, scope, asked(given), most)

    def plate(self, plate: str, scope: Scope = HERE, colour: str | None = None) -> list[tuple[str, bool]]:
        with reading_rows(self._kit.core) as rows:
            found = self.plates.look_up(rows, scope, plate, colour, None)
        assert found.found == len(found.candidates)
        return [(it.row.source_record, it.is_lead) for it in found.candidates]


@pytest.fixture
def desk(kit: Kit, tmp_path: Path) -> Desk:
    return Desk(kit, tmp_path / "indexes")


def sources(found: LookedUp) -> list[str]:
    return [it.row.source_record for it in found.candidates]


def test_both_sides_are_searched_and_the_likeliest_comes_first(kit: Kit, desk: Desk) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere, {"record_id": "R-2", "name": "李小明", "date_of_birth": "1984-03-05"})
    kit.refer({"record_id": "S-1", "plate": "京A12345"}, database="stolen_vehicles")
    found = desk.look_up(name="李晓明", date_of_birth="1984-3-5", id_number=kit.li["id_number"])
    assert sources(found) == ["W-1", "R-1", "R-2"]
    first, last = found.candidates[0], found.candidates[-1]
    assert (first.side, first.row.collection, first.row.ground) == ("lists", "wanted", "arrest_warrant")
    assert [it.is_lead for it in found.candidates] == [True, True, False]
    assert first.probability > 0.999 > last.probability
    assert found.found == 3
    assert found.is_current
    assert found.crowded == ()


def test_each_candidate_is_explained(kit: Kit, desk: Desk) -> None:
    kit.refer(kit.li_elsewhere, {"record_id": "R-2", "name": "李晓明", "date_of_birth": "1984-03-05"})
    told = desk.look_up(name="李晓明", date_of_birth="1984-03-05", sex="女").candidates[0].explanation
    assert [entry["field"] for entry in told["fields"]] == ["name", "birth_date"]
    assert told["fields"][0]["left"] == {"raw": "李晓明", "normalised": "李晓明 (li xiaoming)"}
    assert {"pinyin_birth_date", "name"} <= set(told["keys"])
    assert told["runner_up"]["probability"] < told["posterior"]
    assert told["versions"]["model"]


def test_a_common_value_weighs_less_than_a_rare_one(kit: Kit, desk: Desk) -> None:
    people = [{"record_id": f"R-{n}", "name": "王伟", "date_of_birth": f"19{n:02}-01-01"} for n in range(50)]
    kit.refer(*people, {"record_id": "R-X", "name": "令狐冲", "date_of_birth": "1949-01-01"})
    common = desk.look_up(name="王伟", date_of_birth="1949-01-01").candidates[0]
    rare = desk.look_up(name="令狐冲", date_of_birth="1949-01-01").candidates[0]
    assert common.row.source_record == "R-49"
    assert common.weight_mbits < rare.weight_mbits
    assert [it["others"] for it in common.explanation["fields"] if it["field"] == "name"] == [49]


def test_of_too_many_plates_it_is_told_how_many_there_are(
    kit: Kit, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.refer(*({"record_id": f"S-{n}", "plate": f"京A1234{n}"} for n in range(6)), database="stolen_vehicles")
    monkeypatch.setattr(plates, "MOST_SHOWN", 2)
    with reading_rows(kit.core) as rows:
        found = desk.plates.look_up(rows, HERE, "京A12345", None, None)
    assert (len(found.candidates), found.found) == (2, 6)


def test_only_what_lies_in_scope_and_is_in_force_is_found(kit: Kit, desk: Desk) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    given = {"id_number": kit.li["id_number"]}
    assert len(desk.look_up(**given).candidates) == 2
    assert desk.look_up(Scope(["center-b"]), **given).found == 0
    assert desk.look_up(Scope(), **given).found == 0
    kit.refer({**kit.li_elsewhere, "withdrawn_on": "2026-11-22"})
    assert sources(desk.look_up_now(**given)) == ["W-1"], "withdrawn at once, indexed or not"
    kit.pass_days(400)
    assert desk.look_up(**given).found == 0


def test_what_an_import_brought_is_said_to_be_missing_until_it_is_indexed(kit: Kit, desk: Desk) -> None:
    assert desk.look_up(name="李晓明").is_current
    kit.refer(kit.li_elsewhere)
    before = desk.look_up_now(name="李晓明")
    assert (before.found, before.is_current) == (0, False)
    after = desk.look_up(name="李晓明")
    assert (after.found, after.is_current) == (1, True)


def test_without_an_index_one_is_asked_to_wait(kit: Kit, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="being indexed"):
        desk.look_up_now(name="李晓明")
    desk.look_up(name="李晓明")
    (tmp_path / "indexes" / "damaged").write_bytes(b"damaged")
    (tmp_path / "indexes" / "damaged").rename(tmp_path / "indexes" / "lists.index")
    with pytest.raises(Unavailable):
        desk.look_up_now(name="李晓明")


@pytest.mark.parametrize(
    ("given", "comparable"),
    [
        ({"plate": "京A12345"}, {"stolen_vehicles"}),
        ({"vin": "LSVAM4187C2184841"}, {"stolen_vehicles"}),
        ({"phone": "13900001234"}, {"wanted_persons", "missing_unidentified"}),
        ({"name": "李晓明"}, {"wanted_persons", "missing_unidentified", "lost_documents"}),
        ({"sex": "F", "height_cm": 168, "place": "西湖"}, {"missing_unidentified"}),
    ],
    ids=["plate", "vin", "phone", "name", "body"],
)
def test_what_could_not_be_compared_is_told_apart(desk: Desk, given: dict[str, Any], comparable: set[str]) -> None:
    collections = desk.look_up(**given).collections
    assert {it.name for it in collections if it.kind == "database" and it.is_comparable} == comparable
    assert [it.kind for it in collections].count("list") == 6


def test_somebody_found_is_looked_up_by_sex_height_and_place(kit: Kit, desk: Desk) -> None:
    missing = {"record_id": "M-1", "name": "不详", "sex": "F", "height_cm": "166", "place": "西湖"}
    kit.refer(missing, {**missing, "record_id": "M-2", "sex": "M"}, database="missing_unidentified")
    assert sources(desk.look_up(sex="女", height_cm=168, place="西湖")) == ["M-1"]


def test_the_likeliest_are_shown_and_what_is_left_out_is_told(
    kit: Kit, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "MOST_WEIGHED", 5)
    kit.refer(*({"record_id": f"R-{n}", "name": "王伟", "date_of_birth": f"19{n + 10}-01-01"} for n in range(10)))
    few = desk.look_up(most=3, name="王伟", date_of_birth="1915-01-01")
    assert (sources(few)[0], len(few.candidates), few.found) == ("R-5", 3, 5)
    assert "name" in few.crowded


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        ({}, ["name"]),
        ({"name": "  "}, ["name"]),
        ({"sex": "F"}, ["name"]),
        ({"name": "---"}, ["name"]),
        ({"surname": "!", "given_name": "?"}, ["surname"]),
        ({"name": "李晓明", "date_of_birth": "1984-02-30"}, ["date_of_birth"]),
        ({"name": "李晓明", "sex": "x"}, ["sex"]),
        ({"plate": "京A12345", "plate_colour": "pink"}, ["plate_colour"]),
        ({"id_number": "1", "phone": "abc", "vin": "?"}, ["id_number", "phone", "vin"]),
    ],
    ids=["nothing", "blank", "sex", "dashes", "signs", "no-day", "no-sex", "no-colour", "three"],
)
def test_what_is_not_understood_is_told_field_by_field(given: dict[str, Any], columns: list[str]) -> None:
    with pytest.raises(InvalidFields) as refused:
        asked(given)
    assert [it.column for it in refused.value.problems] == columns
    assert all(it.what.endswith(".") and it.mend for it in refused.value.problems)


def test_a_record_is_read_back_as_it_is_compared(kit: Kit) -> None:
    read = {it["field"]: it for it in asked({"name": "李晓明", "id_number": f" {kit.li['id_number']} "}).read_as}
    assert read["name"]["normalised"] == "李晓明 (li xiaoming)"
    assert read["birth_date"] == {"field": "birth_date", "raw": None, "normalised": "1984-03-05"}
    assert read["sex"]["normalised"] == "M"


def test_a_plate_finds_its_vehicle_and_those_it_may_be_a_misreading_of(kit: Kit, desk: Desk) -> None:
    kit.refer(
        {"record_id": "S-1", "plate": "京A12B45"}, {"record_id": "S-2", "plate": "沪B77777"}, database="stolen_vehicles"
    )
    kit.list({**kit.li, "plate": "京A12845"})
    assert desk.plate("京A12B45") == [("S-1", True), ("W-1", False)]
    assert desk.plate("京A12845") == [("W-1", True), ("S-1", False)]
    assert desk.plate("京A12B45", Scope(["center-b"])) == []
    kit.refer({"record_id": "S-3", "plate": "京A12B46"}, database="stolen_vehicles")
    assert ("S-3", False) in desk.plate("京A12B45"), "taken in without a restart"
    kit.refer({"record_id": "S-1", "plate": "京A12B45", "withdrawn_on": "2026-11-20"}, database="stolen_vehicles")
    assert ("S-1", True) not in desk.plate("京A12B45")


def test_numbers_that_may_be_misread_are_found_by_themselves(kit: Kit, desk: Desk) -> None:
    kit.list({**kit.li, "document_number": "E41827755"})
    kit.refer(
        {"record_id": "R-1", "name": "赵六", "document_number": "E4182775S"},
        {"record_id": "R-2", "name": "钱七", "document_number": "E4182T755"},
        {"record_id": "R-3", "name": "孙八", "document_number": "E41827745"},
        database="lost_documents",
    )
    kit.refer({"record_id": "S-1", "plate": "京A12345", "vin": "LSVAM4187C2184B41"}, database="stolen_vehicles")
    found = desk.look_up(document_number="E41827755")
    assert sources(found) == ["W-1", "R-1", "R-2"], "the likelier first, and 4 does not look like 5"
    assert [it.explanation["keys"] for it in found.candidates] == [
        ["document_number"],
        ["confusable_number"],
        ["confusable_number"],
    ]
    assert not any(it.is_lead for it in found.candidates[1:])
    told = found.candidates[1].explanation["fields"][0]
    assert (told["level"], told["right"]["raw"]) == ("confusable", "E4182775S")
    assert sources(desk.look_up(vin="LSVAM4187C2184841")) == ["S-1"]
    misread = kit.li["id_number"].replace("8", "B", 1)
    assert sources(desk.look_up(id_number=misread))[0] == "W-1"


def test_a_misread_number_is_a_lead_where_all_else_agrees(kit: Kit, desk: Desk) -> None:
    kit.list({**kit.li, "document_number": "E41827755"})
    given = {"name": "李晓明", "date_of_birth": "1984-03-05"}
    (alone,) = desk.look_up(**given).candidates
    (misread,) = desk.look_up(document_number="E41B27755", **given).candidates
    (slip,) = desk.look_up(document_number="E41427755", **given).candidates
    assert alone.weight_mbits < slip.weight_mbits < misread.weight_mbits
    assert misread.is_lead
    assert sum(entry["weight_mbits"] for entry in misread.explanation["fields"]) == misread.weight_mbits
    assert {"pinyin_birth_date", "confusable_number"} <= set(misread.explanation["keys"])

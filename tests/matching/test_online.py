from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.models import Hit

Kit = Any
PLATE = "京A12345"
DRIVER = {"record_id": "W-1", "name": "李晓明", "plate": "京A·12345", "plate_colour": "blue"}
STOLEN = {"record_id": "V-1", "plate": PLATE, "plate_colour": "蓝"}


def look_up(kit: Kit, plate: str, colour: str | None = "blue") -> list[Any]:
    return kit.online().plate(plate, colour, kit.clock.now_us())


def test_a_stolen_vehicle_and_a_key_persons_vehicle_are_found(kit: Kit) -> None:
    kit.list(DRIVER)
    kit.refer(STOLEN, database="stolen_vehicles")
    hits = look_up(kit, "京A 12345")
    assert {(hit.list_name, hit.database) for hit in hits} == {("wanted", None), (None, "stolen_vehicles")}
    for hit in hits:
        assert (hit.key_person_id is None) != (hit.reference_id is None)
        assert hit.probability > 0.9
        assert sum(field["weight_mbits"] for field in hit.explanation["fields"]) == hit.weight_mbits
        assert hit.explanation["keys"] == ["plate"]


@pytest.mark.parametrize("plate", ["京A12346", "京A1234", "京A123456", "津A12345", "京A1234S", "", "京"])
def test_one_character_off_is_another_vehicle(kit: Kit, plate: str) -> None:
    kit.list(DRIVER)
    kit.refer(STOLEN, database="stolen_vehicles")
    assert look_up(kit, plate) == []


def test_the_colour_tells_two_vehicles_of_one_text_apart(kit: Kit) -> None:
    kit.refer(STOLEN, database="stolen_vehicles")
    (same,), (unknown,) = look_up(kit, PLATE, "blue"), look_up(kit, PLATE, None)
    (misread,) = look_up(kit, PLATE, "green")
    assert same.weight_mbits > unknown.weight_mbits > misread.weight_mbits
    assert look_up(kit, PLATE, "yellow") == []


def test_the_form_of_a_plate_outweighs_a_misread_colour(kit: Kit) -> None:
    kit.refer({"record_id": "V-2", "plate": "粤BD12345", "plate_colour": "green"}, database="stolen_vehicles")
    assert len(look_up(kit, "粤BD12345", "blue")) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_on": "2026-11-21", "review_on": "2026-11-01"},
        {"withdrawn_on": "2026-11-01"},
        {"review_on": "2026-11-21"},
    ],
)
def test_a_record_out_of_force_is_no_hit(kit: Kit, changes: dict[str, str]) -> None:
    kit.list({**kit.listing, **DRIVER, **changes})
    assert look_up(kit, PLATE) == []


def test_a_read_from_before_the_issue_is_no_hit(kit: Kit) -> None:
    kit.list({**kit.listing, **DRIVER, "issued_on": "2026-11-20"})
    matcher = kit.online()
    now_us = kit.clock.now_us()
    assert matcher.plate(PLATE, "blue", now_us - 3 * 86_400_000_000) == []
    assert len(matcher.plate(PLATE, "blue", now_us)) == 1


def test_the_matcher_follows_imports_and_the_days(kit: Kit) -> None:
    matcher = kit.online()

    def found() -> int:
        return len(matcher.plate(PLATE, "blue", kit.clock.now_us()))

    assert found() == 0
    kit.refer(STOLEN, database="stolen_vehicles")
    assert found() == 1
    kit.list({**kit.listing, **DRIVER, "expires_on": "2026-11-23", "review_on": "2026-11-23"})
    assert found() == 2
    kit.pass_days(2)
    assert found() == 1
    kit.refer({**STOLEN, "withdrawn_on": "2026-11-24"}, database="stolen_vehicles")
    assert found() == 0


def test_a_plate_hit_is_recalled_with_its_record(kit: Kit) -> None:
    from foundation.database import transaction

    kit.list(DRIVER)
    (found,) = look_up(kit, PLATE)
    with transaction(kit.core) as session:
        session.add(
            Hit(
                id="h-1",
                center_id="center-b",
                node="node-7",
                list_name=found.list_name,
                key_person_id=found.key_person_id,
                observation_id="o-1",
                weight_mbits=found.weight_mbits,
                probability=found.probability,
                explanation=found.explanation,
                created_us=kit.clock.now_us(),
            )
        )
    assert kit.list({**DRIVER, "withdrawn_on": "2026-11-22"}).recalled == 1
    assert kit.hits() == []


def test_a_vehicle_of_another_colour_or_make_bears_a_suspected_clone(kit: Kit) -> None:
    kit.refer({**STOLEN, "make": "Aurelia GT"}, database="stolen_vehicles")
    (other_ground,) = look_up(kit, PLATE, "white")
    assert other_ground.explanation["suspected_clone"] == ["plate_colour"]
    (other_make,) = kit.online().plate(PLATE, "blue", kit.clock.now_us(), make="Nordvik")
    assert other_make.explanation["suspected_clone"] == ["make"]
    assert "make:different" in other_make.explanation["against"]
    (both,) = kit.online().plate(PLATE, "white", kit.clock.now_us(), make="Nordvik")
    assert both.explanation["suspected_clone"] == ["plate_colour", "make"]
    assert both.probability < kit.catalogue.online.threshold
    (same,) = kit.online().plate(PLATE, "blue", kit.clock.now_us(), make="AURELIA")
    assert same.explanation["suspected_clone"] == []
    assert same.weight_mbits > look_up(kit, PLATE)[0].weight_mbits > other_make.weight_mbits


def test_a_make_in_another_script_says_nothing(kit: Kit) -> None:
    kit.refer({**STOLEN, "make": "星驰 S3"}, database="stolen_vehicles")
    (hit,) = kit.online().plate(PLATE, "blue", kit.clock.now_us(), make="Xingchi")
    assert [entry["field"] for entry in hit.explanation["fields"]] == ["plate", "plate_colour"]


def test_a_look_up_shows_what_was_misread_and_calls_only_the_very_plate_a_hit(kit: Kit) -> None:
    plates = {"京A12345": "V-1", "京A1234S": "V-2", "京A12347": "V-3", "京A1234": "V-4", "津A99999": "V-5"}
    kit.refer(*({"record_id": record, "plate": plate} for plate, record in plates.items()), database="stolen_vehicles")
    kit.list({**DRIVER, "plate": "京A1234S"})
    found = kit.online().look_up("京A·12345")
    told = [(it.vehicle.plate, it.is_hit, it.found.explanation["keys"]) for it in found]
    assert told == [
        ("京A12345", True, ["plate"]),
        ("京A1234S", False, ["confusable"]),
        ("京A1234S", False, ["confusable"]),
        ("京A12347", False, ["one_edit"]),
        ("京A1234", False, ["one_edit"]),
    ]
    for it in found:
        explained = it.found.explanation
        assert sum(field["weight_mbits"] for field in explained["fields"]) == it.found.weight_mbits
        assert explained["posterior"] == it.found.probability
        assert explained["suspected_clone"] == []
    assert [hit.reference_id for hit in look_up(kit, PLATE)] == [found[0].found.reference_id]


def test_the_ground_tells_which_of_two_series_was_misread(kit: Kit) -> None:
    kit.refer(
        {"record_id": "V-1", "plate": "京A12345"},
        {"record_id": "V-2", "plate": "京AD12345"},
        database="stolen_vehicles",
    )
    matcher = kit.online()
    (green,) = (it for it in matcher.look_up("京A12345", "green") if not it.is_hit)
    (blue,) = (it for it in matcher.look_up("京A12345", "blue") if not it.is_hit)
    assert green.vehicle.plate == blue.vehicle.plate == "京AD12345"
    assert green.found.weight_mbits > blue.found.weight_mbits


def test_whatever_is_read_is_answered(kit: Kit) -> None:
    kit.refer({**STOLEN, "make": "Aurelia"}, {"record_id": "V-2", "plate": "AB 123"}, database="stolen_vehicles")
    matcher = kit.online()
    words = st.text(max_size=60)

    @given(words, st.none() | words, st.none() | words)
    def look(plate: str, colour: str | None, make: str | None) -> None:
        found = matcher.look_up(plate, colour, make)
        hits = [it.found for it in found if it.is_hit]
        assert hits == matcher.plate(plate, colour, kit.clock.now_us(), make=make)

    look()

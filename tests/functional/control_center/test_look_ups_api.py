"""Looking up over the API: who may, what is asked, what the answer says, and what the trail and the report keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from control_center.identity.roles import Role
from foundation.audit import AuditEntry
from foundation.database import reading
from foundation.identifiers import Origin
from matching.catalogue import load_catalogue
from matching.center_index.keeping import IndexKeeper
from matching.lists import import_list
from matching.references import import_references

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
API = "/api/v1"
LISTED = (
    "record_id,name,date_of_birth,ground,issuer,instrument,issued_on,action,review_on,expires_on,plate\n"
    "L-1,李晓明,1984-03-05,missing_person_report,示范市公安局,M-1,2023-10-01,核实身份,2026-10-01,2026-10-01,京A12845\n"
)
WANTED = "record_id,name,date_of_birth\nR-1,LI Xiaoming,1984-03-05\nR-2,王伟,1990-01-01\n"
STOLEN = "record_id,plate,plate_colour\nS-1,京A12B45,blue\n"
WHY = {"reason": "a report from the street", "case_number": "A1101-2023"}


@pytest.fixture
def stocked(web_center, tmp_path: Path):
    """A listed person at the city, references at station-1, indexed."""
    core, clock, catalogue = web_center.stores.core, web_center.clock, load_catalogue()

    def file(content: str) -> Path:
        path = tmp_path / f"{abs(hash(content))}.csv"
        path.write_text(content)
        return path

    named: dict[str, Any] = {"clock": clock, "actor": "cli:test"}
    city: Origin = web_center.origins["city"]
    assert import_list(core, catalogue, "missing", file(LISTED), origin=city, **named).written
    station: Origin = web_center.origins["station-1"]
    for database, content in (("wanted_persons", WANTED), ("stolen_vehicles", STOLEN)):
        assert import_references(core, catalogue, database, file(content), origin=station, **named).written
    IndexKeeper(core, web_center.settings.index_dir).refresh()
    return web_center


def entries(web_center) -> list[AuditEntry]:
    with reading(web_center.stores.core) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == "api:look_up:read")))


def test_a_record_is_looked_up_explained_and_audited(stocked) -> None:
    record = {"name": "李晓明", "date_of_birth": "1984年3月5日"}
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        answer = client.post(f"{API}/look-ups", json={"record": record, **WHY})
        assert answer.status_code == 200, answer.text
        told = answer.json()
    assert [(it["record_id"], it["kind"], it["collection"], it["center_name"]) for it in told["candidates"]] == [
        ("L-1", "list", "missing", stocked.settings.center.name),
        ("R-1", "database", "wanted_persons", "station-1"),
    ]
    listed, referred = told["candidates"]
    assert listed["listing"]["ground"] == "missing_person_report"
    assert referred["listing"] is None
    assert listed["record"]["name"] == "李晓明"
    assert [it["field"] for it in listed["explanation"]["fields"]] == ["name", "birth_date"]
    assert told["read_as"][1] == {"field": "birth_date", "raw": "1984年3月5日", "normalised": "1984-03-05"}
    assert (told["found"], told["crowded"], told["is_current"]) == (2, [], True)
    comparable = {it["name"]: it["is_comparable"] for it in told["collections"]}
    assert comparable["wanted_persons"]
    assert not comparable["stolen_vehicles"]

    (entry,) = entries(stocked)
    assert (entry.subject, entry.actor, entry.reason, entry.case_number) == (told["id"], "li", *WHY.values())
    assert entry.detail["entered"] == record
    assert entry.detail["leads"] == [it["id"] for it in told["candidates"] if it["is_lead"]]


def test_a_plate_is_looked_up_with_what_it_may_be_a_misreading_of(stocked) -> None:
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        told = client.post(f"{API}/look-ups/plates", json={"plate": "京a·12b45", "plate_colour": "蓝", **WHY}).json()
    assert [(it["record_id"], it["is_lead"]) for it in told["candidates"]] == [("S-1", True), ("L-1", False)]
    assert told["read_as"] == [{"field": "plate", "raw": "京a·12b45", "normalised": "京A12B45"}]
    assert told["candidates"][0]["explanation"]["suspected_clone"] == []
    assert entries(stocked)[0].detail["entered"] == {"plate": "京a·12b45", "plate_colour": "蓝"}


def test_only_who_may_look_up_does_and_sees_what_lies_in_reach(stocked) -> None:
    body = {"record": {"name": "LI Xiaoming", "date_of_birth": "1984-03-05"}, **WHY}
    plate = {"plate": "京A12B45", **WHY}
    with stocked.signed_in("operator") as client:
        assert client.post(f"{API}/look-ups", json=body).status_code == 403
        assert client.post(f"{API}/look-ups/plates", json=plate).status_code == 403
    with stocked.signed_in("here", center="station-1", role=Role.SUPERVISOR) as client:
        assert [it["record_id"] for it in client.post(f"{API}/look-ups", json=body).json()["candidates"]] == ["R-1"]
        assert [it["record_id"] for it in client.post(f"{API}/look-ups/plates", json=plate).json()["candidates"]] == [
            "S-1"
        ]
    with stocked.signed_in("elsewhere", center="station-2", role=Role.SUPERVISOR) as client:
        assert client.post(f"{API}/look-ups", json=body).json()["candidates"] == []
        assert client.post(f"{API}/look-ups/plates", json=plate).json()["candidates"] == []


def test_a_program_looks_nobody_up(stocked) -> None:
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        wanted = {"name": "scan", "rights": ["look_up"], "days": 1, "password": "four words of mine"}
        assert client.post(f"{API}/tokens", json=wanted).status_code == 403


def test_why_is_asked_as_the_policy_has_it_and_nothing_is_read_before(stocked) -> None:
    body = {"record": {"name": "李晓明"}}
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        for path, wanted in (("look-ups", body), ("look-ups/plates", {"plate": "京A12B45"})):
            refused = client.post(f"{API}/{path}", json=wanted)
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
            malformed = client.post(f"{API}/{path}", json={**wanted, "reason": "x", "case_number": "?"})
            assert malformed.json()["type"] == "urn:vedette:problem:case_malformed"
    assert entries(stocked) == []


def test_what_is_not_understood_is_told_at_its_field(stocked) -> None:
    record = {"name": "李晓明", "date_of_birth": "1984-02-30", "phone": "abc"}
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        refused = client.post(f"{API}/look-ups", json={"record": record, **WHY})
        assert refused.status_code == 422
        assert [it["field"] for it in refused.json()["errors"]] == ["date_of_birth", "phone"]
        assert "1984-02-30" not in refused.text, "what was sent is not repeated"
        nothing = client.post(f"{API}/look-ups", json={"record": {"sex": "F"}, **WHY})
        assert [it["field"] for it in nothing.json()["errors"]] == ["name"]
        assert client.post(f"{API}/look-ups", json={"record": {"name": "x" * 257}, **WHY}).status_code == 422
        plate = client.post(f"{API}/look-ups/plates", json={"plate": "?", "plate_colour": "pink", **WHY})
        assert [it["field"] for it in plate.json()["errors"]] == ["plate", "plate_colour"]
    assert entries(stocked) == []


def test_until_the_records_are_indexed_one_is_asked_to_wait(web_center) -> None:
    with web_center.signed_in("li", role=Role.ANALYST) as client:
        answer = client.post(f"{API}/look-ups", json={"record": {"name": "李晓明"}, **WHY})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:vedette:problem:unavailable"
    assert "again" in answer.json()["mend"]


def test_the_report_tells_who_looked_somebody_up(stocked) -> None:
    with stocked.signed_in("li", role=Role.ANALYST) as client:
        client.post(f"{API}/look-ups", json={"record": {"name": "李晓明"}, **WHY})
    with stocked.signed_in("audit", role=Role.AUDITOR) as client:
        period = {"from_us": 0, "to_us": stocked.clock.now_us() + 1}
        report = client.post(f"{API}/audit/reports", json=period)
        assert report.status_code == 200, report.text
        looks = [it for it in report.json()["items"] if it["what"] == "look_up"]
    assert [(it["actor"], it["reason"]) for it in looks] == [("li", WHY["reason"])]

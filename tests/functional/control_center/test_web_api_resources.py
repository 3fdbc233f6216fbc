"""What the API shows and does, and that nobody sees beyond their own center."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import select

from control_center.identity.roles import Role
from control_center.web_api import live_events as live_events_module
from device_registry.health import records
from device_registry.health.verdict import Verdict
from foundation import outbox
from foundation.audit import AuditEntry
from foundation.database import reading, transaction

pytestmark = pytest.mark.functional


def _ids(answer: httpx.Response) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def test_a_station_sees_its_own_and_the_city_sees_all(web_center) -> None:
    ours, theirs = web_center.alert("station-1"), web_center.alert("station-2")
    with web_center.signed_in("city") as city, web_center.signed_in("one", "station-1") as station:
        assert _ids(city.get("/api/v1/alerts")) == [theirs, ours]
        assert _ids(station.get("/api/v1/alerts")) == [ours]
        assert len(_ids(city.get("/api/v1/centers"))) == 4
        [center] = station.get("/api/v1/centers").json()["items"]
        assert (center["id"], center["parent_id"]) == (web_center.origins["station-1"].center_id, None)
        assert len(_ids(city.get("/api/v1/cameras"))) == 2
        assert _ids(station.get("/api/v1/cameras")) == [web_center.cameras["station-1"]]
        assert station.get(f"/api/v1/alerts/{ours}").status_code == 200
        assert station.get(f"/api/v1/alerts/{theirs}").status_code == 404
        step = {"to": "acknowledged", "note": "", "version": 1}
        assert station.post(f"/api/v1/alerts/{theirs}/transitions", json=step).status_code == 404
        assert station.get("/api/v1/overview").json()["alerts"] == {"new": 1}
        assert city.get("/api/v1/overview").json()["alerts"] == {"new": 2}


def test_the_overview_has_the_contracts_shape(web_center) -> None:
    with web_center.signed_in("li", "county") as client:
        overview = client.get("/api/v1/overview").json()
    assert overview.pop("version")
    assert overview == {
        "center": {
            "id": web_center.origins["county"].center_id,
            "code": "110100000000",
            "name": "county",
            "level": "county",
        },
        "cameras": {"total": 1, "recording": 0, "health": {"unknown": 1}},
        "alerts": {"new": 0},
        "storage": None,
        "time_us": web_center.clock.now_us(),
    }


def test_the_overview_counts_the_health_of_the_cameras_in_sight(web_center) -> None:
    with transaction(web_center.stores.core) as session:
        records.note(
            session,
            web_center.clock,
            web_center.cameras["station-1"],
            Verdict("unreachable", "Nothing answers.", "Check its power."),
            web_center.clock.now_us(),
        )
    with web_center.signed_in("city") as city, web_center.signed_in("two", "station-2") as station:
        assert city.get("/api/v1/overview").json()["cameras"]["health"] == {"unreachable": 1, "unknown": 1}
        assert station.get("/api/v1/overview").json()["cameras"]["health"] == {"unknown": 1}


def test_alerts_come_in_pages_and_by_filter(web_center) -> None:
    made = [web_center.alert() for _ in range(5)]
    with web_center.signed_in("li") as client:
        first = client.get("/api/v1/alerts", params={"limit": 3}).json()
        rest = client.get("/api/v1/alerts", params={"limit": 3, "cursor": first["next_cursor"]}).json()
        assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
        assert rest["next_cursor"] is None
        step = {"to": "acknowledged", "note": "", "version": 1}
        assert client.post(f"/api/v1/alerts/{made[2]}/transitions", json=step).status_code == 200
        assert _ids(client.get("/api/v1/alerts", params={"state": "acknowledged"})) == [made[2]]
        assert _ids(client.get("/api/v1/alerts", params={"kind": "record_hit"})) == []
        for wrong in ({"state": "lost"}, {"kind": "x"}, {"limit": 0}, {"limit": 201}, {"cursor": "x" * 37}):
            assert client.get("/api/v1/alerts", params=wrong).status_code == 422


def test_reading_an_alert_shows_its_hit_and_is_audited(web_center) -> None:
    alert = web_center.alert()
    with web_center.signed_in("li") as client:
        detail = client.get(f"/api/v1/alerts/{alert}").json()
    assert detail["hit"]["record"]["name"] == "张三"
    assert detail["hit"]["instrument"] == "M-1"
    assert detail["clip"]["camera_id"] == web_center.cameras["station-1"]
    assert detail["camera"] == {"id": web_center.cameras["station-1"], "name": "Gate of station-1"}
    with reading(web_center.stores.core) as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:alert:read")).all()
    assert (entry.actor, entry.subject) == ("li", alert)


def test_an_old_version_and_a_step_out_of_order_are_conflicts(web_center) -> None:
    alert = web_center.alert()
    with web_center.signed_in("li") as client:

        def step(to: str, version: int, note: str = "") -> httpx.Response:
            web_center.clock.advance(1)
            body = {"to": to, "note": note, "version": version}
            return client.post(f"/api/v1/alerts/{alert}/transitions", json=body)

        assert step("closed", 1).status_code == 409
        assert step("acknowledged", 1).json()["state"] == "acknowledged"
        assert step("dismissed", 1, "not the car").status_code == 409
        assert step("dismissed", 2).status_code == 422
        answer = step("dismissed", 2, "not the car").json()
        assert (answer["state"], answer["version"]) == ("dismissed", 3)
        assert [(entry["account"], entry["from"], entry["to"], entry["note"]) for entry in answer["history"]] == [
            ("li", "new", "acknowledged", ""),
            ("li", "acknowledged", "dismissed", "not the car"),
        ]


def test_a_note_no_database_can_hold_is_no_fault_of_ours(web_center) -> None:
    alert = web_center.alert()
    with web_center.signed_in("li") as client:
        body = {"to": "acknowledged", "note": "nul\0", "version": 1}
        assert client.post(f"/api/v1/alerts/{alert}/transitions", json=body).status_code in (200, 422)
        assert client.get("/api/v1/alerts/nul%00").status_code == 422


def test_an_arrest_needs_two_people(web_center) -> None:
    alert = web_center.alert(list_name="wanted")
    with web_center.signed_in("li") as li, web_center.signed_in("wang") as wang:
        first = li.post(f"/api/v1/alerts/{alert}/transitions", json={"to": "verified", "version": 1}).json()
        assert (first["state"], first["verifications"], first["verifications_needed"]) == ("acknowledged", 1, 2)
        again = li.post(f"/api/v1/alerts/{alert}/transitions", json={"to": "verified", "version": 2})
        assert again.status_code == 409
        second = wang.post(f"/api/v1/alerts/{alert}/transitions", json={"to": "verified", "version": 2}).json()
        assert (second["state"], second["verifications"]) == ("verified", 2)


def test_an_analyst_reads_but_does_not_decide(web_center) -> None:
    alert = web_center.alert()
    with web_center.signed_in("bo", role=Role.ANALYST) as client:
        assert client.get(f"/api/v1/alerts/{alert}").status_code == 200
        answer = client.post(f"/api/v1/alerts/{alert}/transitions", json={"to": "acknowledged", "version": 1})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:vedette:problem:forbidden")


def test_the_board_has_all_24_cells(web_center) -> None:
    with web_center.signed_in("li") as client:
        board = client.get("/api/v1/board").json()
    assert [len(board[part]) for part in ("lists", "databases", "cells")] == [6, 4, 24]
    assert set(board["cells"][0]) == {
        "list",
        "database",
        "purpose",
        "keys",
        "meaning",
        "action",
        "compared",
        "not_comparable",
        "hits",
        "open_alerts",
        "finished_us",
    }
    assert set(board["cells"][0]["purpose"]) == {"zh", "en"}


def _events(response: httpx.Response) -> Iterator[dict[str, str]]:
    """The server-sent events of an answer, as they come; comments are left out."""
    event: dict[str, str] = {}
    for line in response.iter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def test_events_arrive_and_resume_where_they_broke_off(web_center) -> None:
    with web_center.signed_in("one", "station-1") as client:
        with client.stream("GET", "/api/v1/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            arriving = _events(response)
            assert next(arriving)["retry"]
            web_center.alert("station-2")
            first = web_center.alert("station-1")
            event = next(arriving)
            assert event["event"] == "alert.created"
            assert json.loads(event["data"])["id"] == first
        missed = [web_center.alert("station-1"), web_center.alert("station-1")]
        web_center.alert("station-2")
        with client.stream("GET", "/api/v1/events", headers={"Last-Event-ID": event["id"]}) as response:
            arriving = _events(response)
            next(arriving)
            assert [json.loads(next(arriving)["data"])["id"] for _ in missed] == missed


@pytest.mark.parametrize("last", ["-1", "x", ""])
def test_an_event_id_that_is_none_starts_at_now(web_center, last: str) -> None:
    web_center.alert("station-1")
    with (
        web_center.signed_in("one", "station-1") as client,
        client.stream("GET", "/api/v1/events", headers={"Last-Event-ID": last}) as response,
    ):
        arriving = _events(response)
        next(arriving)
        alert = web_center.alert("station-1")
        assert json.loads(next(arriving)["data"])["id"] == alert


def test_the_event_stream_ends_with_the_session(web_center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_events_module, "CHECK_S", 0.1)
    with web_center.signed_in("li") as client, client.stream("GET", "/api/v1/events") as response:
        arriving = _events(response)
        next(arriving)
        client.delete("/api/v1/session")
        assert list(arriving) == []


def test_the_event_stream_ends_with_the_session_in_a_busy_center_too(
    web_center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_events_module, "CHECK_S", 0.5)
    over = threading.Event()

    def keep_busy() -> None:
        while not over.wait(0.1):
            with transaction(web_center.stores.core) as session:
                origin = web_center.origins["city"].center_id
                outbox.append(session, origin, outbox.CONSOLE, outbox.Lane.URGENT, "board.changed", {})

    busy = threading.Thread(target=keep_busy)
    with web_center.signed_in("li") as client, client.stream("GET", "/api/v1/events") as response:
        arriving = _events(response)
        next(arriving)
        busy.start()
        try:
            client.delete("/api/v1/session")
            for seen, _ in enumerate(arriving):
                assert seen < 200, "the stream goes on without a session"
        finally:
            over.set()
            busy.join()


def test_an_account_has_so_many_event_streams_and_no_more(web_center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_events_module, "MOST_STREAMS", 2)
    with web_center.signed_in("li") as client, ExitStack() as streams:
        arriving = [_events(streams.enter_context(client.stream("GET", "/api/v1/events"))) for _ in range(2)]
        for events in arriving:
            next(events)
        refused = streams.enter_context(client.stream("GET", "/api/v1/events"))
        assert refused.status_code == 429


def test_a_long_backlog_arrives_whole_and_in_order(web_center) -> None:
    origin = web_center.origins["city"].center_id
    with transaction(web_center.stores.core) as session:
        start = outbox.newest_position(session.connection())
        for n in range(450):
            outbox.append(session, origin, outbox.CONSOLE, outbox.Lane.URGENT, "board.changed", {"n": n})
    with (
        web_center.signed_in("li") as client,
        client.stream("GET", "/api/v1/events", headers={"Last-Event-ID": str(start)}) as response,
    ):
        arriving = _events(response)
        next(arriving)
        assert [json.loads(next(arriving)["data"])["n"] for _ in range(450)] == list(range(450))

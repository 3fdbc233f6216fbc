"""Locking footage over the API: who may, what is asked, what the answer says of it, and what the trail keeps."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import ingest.footage
from control_center.identity.roles import Role
from control_center.processes.holds import Holds
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
API = "/api/v1"
MINUTE = 60 * US_PER_S
SCHEMA = Path(ingest.footage.__file__).with_name("schema.sql")


def wanted(web_center, center: str = "station-1", **changes: Any) -> dict[str, Any]:
    """An hour ago, for ten minutes."""
    start_us = web_center.clock.now_us() - 60 * MINUTE
    body = {"camera_id": web_center.cameras[center], "start_us": start_us, "end_us": start_us + 10 * MINUTE}
    return body | {"reason": "a theft at the gate", "case_number": "A1101-2023"} | changes


def placed(client, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{API}/evidence-locks", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"v1"'
    return answer.json()


def recording(web_center, start_us: int, minutes: int, *, stream: str = "main", gap: tuple[int, int] | None = None):
    """Rows of the footage index, a segment a minute of 1,000 bytes."""
    disk = web_center.settings.footage_disks[0]
    disk.mkdir(parents=True, exist_ok=True)
    is_new = not (disk / "footage.sqlite3").exists()
    with sqlite3.connect(disk / "footage.sqlite3") as connection:
        if is_new:
            connection.executescript(SCHEMA.read_text())
            connection.execute(
                "INSERT INTO codec (id, codec, rfc6381, width, height, init) VALUES (1,'h264','a',1,1,x'00')"
            )
        for n in range(minutes):
            at_us = start_us + n * MINUTE
            connection.execute(
                "INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
                " media_duration_90k, bytes, fragments, keyframes, sha256, complete)"
                " VALUES (?, ?, 1, ?, 1, ?, ?, ?, 0, 1000, 1, '[]', x'00', 1)",
                (web_center.cameras["station-1"], stream, at_us, f"{stream}/{at_us}", at_us, MINUTE),
            )
        if gap:
            connection.execute(
                "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, 'packet_loss')",
                (web_center.cameras["station-1"], stream, *gap),
            )
    connection.close()


def entries(web_center) -> list[AuditEntry]:
    with reading(web_center.stores.core) as session:
        query = select(AuditEntry).where(AuditEntry.action.like("%:evidence:%"))
        return list(session.scalars(query.order_by(AuditEntry.seq)))


def test_a_lock_is_requested_then_held_and_says_what_there_is(web_center) -> None:
    body = wanted(web_center)
    start_us = body["start_us"]
    recording(web_center, start_us + 2 * MINUTE, 4, gap=(start_us + 3 * MINUTE, start_us + 4 * MINUTE))
    recording(web_center, start_us - MINUTE, 2, stream="sub")
    holds = Holds(web_center.settings, web_center.stores, web_center.clock)
    with web_center.signed_in("li") as client:
        lock = placed(client, body)
        assert (lock["state"], lock["held_us"], lock["locked_by"]) == ("requested", None, "li")
        assert lock["recorded"] == {
            "bytes": 5_000,
            "covered_us": 3 * MINUTE,
            "spans": [[start_us + 2 * MINUTE, start_us + 3 * MINUTE], [start_us + 4 * MINUTE, start_us + 6 * MINUTE]],
            "is_whole": True,
        }
        holds.refresh()
        run_dir = web_center.settings.run_dir
        (run_dir / "recorder-0.status.json").write_text('{"holds_version": 9000000000000000000, "streams": []}')
        holds.refresh()
        held = client.get(f"{API}/evidence-locks/{lock['id']}").json()
        assert (held["state"], held["held_us"]) == ("held", web_center.clock.now_us())
        footage = client.get(f"{API}/cameras/{body['camera_id']}/footage").json()
        assert [(one["id"], one["state"]) for one in footage["locks"]] == [(lock["id"], "held")]
        assert footage["recorded"]["covered_us"] == 3 * MINUTE
    assert [entry.action for entry in entries(web_center)] == ["api:evidence:lock", "supervisor:evidence:hold"]
    entry = entries(web_center)[0]
    assert (entry.actor, entry.subject, entry.reason, entry.case_number) == (
        "li",
        lock["id"],
        body["reason"],
        body["case_number"],
    )
    assert entry.center_id == web_center.origins["station-1"].center_id


def test_nobody_is_made_believe_in_footage_that_is_not_there(web_center) -> None:
    with web_center.signed_in("li") as client:
        assert placed(client, wanted(web_center))["recorded"]["covered_us"] == 0
        disk = web_center.settings.footage_disks[0]
        disk.mkdir(parents=True)
        (disk / "footage.sqlite3").write_bytes(b"no database" * 100)
        assert placed(client, wanted(web_center))["recorded"] == {
            "bytes": 0,
            "covered_us": 0,
            "spans": [],
            "is_whole": False,
        }


def test_a_lock_needs_a_reason_and_where_the_policy_says_so_a_case_number(web_center) -> None:
    with web_center.signed_in("li") as client:
        for reason in (None, "", "  "):
            refused = client.post(f"{API}/evidence-locks", json=wanted(web_center, reason=reason))
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
        assert placed(client, wanted(web_center, case_number=None))["case_number"] is None
        web_center.settings.audit.case_for = ["evidence"]
        refused = client.post(f"{API}/evidence-locks", json=wanted(web_center, case_number=None))
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:case_required")


@pytest.mark.parametrize(
    ("start_min", "end_min", "words"),
    [
        (10, 10, "ends before"),
        (10, 9, "ends before"),
        (0, 32 * 1440, "longer than 31"),
        (1440, 1441 + 60, "a day from"),
    ],
)
def test_a_span_that_is_none_is_refused(web_center, start_min: int, end_min: int, words: str) -> None:
    start_us = wanted(web_center)["start_us"]
    body = wanted(web_center, start_us=start_us + start_min * MINUTE, end_us=start_us + end_min * MINUTE)
    with web_center.signed_in("li") as client:
        refused = client.post(f"{API}/evidence-locks", json=body)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert refused.json()["mend"]


def test_a_lock_is_widened_never_narrowed(web_center) -> None:
    body = wanted(web_center)
    wider = {"start_us": body["start_us"] - MINUTE, "end_us": body["end_us"], "reason": "he came earlier"}
    with web_center.signed_in("li") as client:
        path = f"{API}/evidence-locks/{placed(client, body)['id']}"
        assert client.patch(path, json=wider).status_code == 428
        for change in (
            {"start_us": body["start_us"] + 1},
            {"end_us": body["end_us"] - 1},
            {"start_us": body["start_us"]},
        ):
            assert client.patch(path, json=wider | change, headers={"If-Match": '"v1"'}).status_code == 422
        changed = client.patch(path, json=wider, headers={"If-Match": '"v1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
        assert (changed.json()["start_us"], changed.json()["state"]) == (wider["start_us"], "requested")
        assert client.patch(path, json=wider, headers={"If-Match": '"v1"'}).status_code == 412
    last = entries(web_center)[-1]
    assert (last.action, last.reason, last.detail["before"]["from_us"]) == (
        "api:evidence:extend",
        "he came earlier",
        body["start_us"],
    )


def test_a_supervisor_releases_with_a_reason_and_the_lock_stays_on_record(web_center) -> None:
    match = {"If-Match": '"v1"'}
    with (
        web_center.signed_in("li") as operator,
        web_center.signed_in("zhao", role=Role.SUPERVISOR) as supervisor,
    ):
        lock = placed(operator, wanted(web_center))
        path = f"{API}/evidence-locks/{lock['id']}"
        assert operator.post(f"{path}/release", json={"reason": "r"}, headers=match).status_code == 403
        assert supervisor.post(f"{path}/release", json={}, headers=match).status_code == 422
        assert supervisor.post(f"{path}/release", json={"reason": "r"}).status_code == 428
        answer = supervisor.post(f"{path}/release", json={"reason": "the case is closed"}, headers=match)
        assert answer.status_code == 200
        released = answer.json()
        assert (released["state"], released["released_by"]) == ("released", "zhao")
        again = supervisor.post(f"{path}/release", json={"reason": "r"}, headers={"If-Match": '"v2"'})
        assert again.status_code == 409
        wider = wanted(web_center, end_us=lock["end_us"] + 1)
        del wider["camera_id"]
        assert operator.patch(path, json=wider, headers={"If-Match": '"v2"'}).status_code == 409
        assert operator.get(path).json()["release_reason"] == "the case is closed"
    assert [entry.action for entry in entries(web_center)] == ["api:evidence:lock", "api:evidence:release"]


def test_locks_are_listed_by_state_camera_and_case_page_by_page(web_center) -> None:
    with web_center.signed_in("zhao", role=Role.SUPERVISOR) as client:
        ids = []
        for n in range(5):
            web_center.clock.advance(1)
            ids.append(
                placed(client, wanted(web_center, ("station-1", "station-2")[n % 2], case_number=f"CASE-{n}"))["id"]
            )
        client.post(f"{API}/evidence-locks/{ids[0]}/release", json={"reason": "r"}, headers={"If-Match": '"v1"'})

        def listed(**asked: Any) -> list[str]:
            return [one["id"] for one in client.get(f"{API}/evidence-locks", params=asked).json()["items"]]

        assert listed() == ids[::-1]
        assert listed(state="released") == ids[:1]
        assert listed(state="in_force") == listed(state="requested") == ids[:0:-1]
        assert listed(state="held") == []
        assert listed(camera_id=web_center.cameras["station-2"]) == [ids[3], ids[1]]
        assert listed(case_number="CASE-3") == [ids[3]]
        page = client.get(f"{API}/evidence-locks", params={"limit": 2}).json()
        assert listed(limit=2, cursor=page["next_cursor"]) == [ids[2], ids[1]]


def test_a_lock_with_an_idempotency_key_is_placed_once(web_center) -> None:
    body = wanted(web_center)
    with web_center.signed_in("li") as client:
        answers = [
            client.post(f"{API}/evidence-locks", json=body, headers={"Idempotency-Key": "one"}).json()["id"]
            for _ in range(2)
        ]
        assert answers[0] == answers[1]
        assert len(client.get(f"{API}/evidence-locks").json()["items"]) == 1


def test_footage_of_another_machine_is_not_said_to_be_missing(web_center) -> None:
    web_center.settings.center.node = "node-1"
    with web_center.signed_in("li") as client:
        assert placed(client, wanted(web_center))["recorded"] is not None
    web_center.settings.center.node = "node-9"
    with web_center.serving() as url, web_center.signed_in("wang") as client:
        client.base_url = url
        assert client.get(f"{API}/evidence-locks").json()["items"][0]["recorded"] is None

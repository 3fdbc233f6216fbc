"""The audit trail over HTTP: one sees what is one's own, looking leaves a trace, and files can be checked elsewhere."""

from __future__ import annotations

import csv
import io
import json
import threading

import pytest
from sqlalchemy import func, select, text

from control_center.identity.roles import Role
from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.audit.check import verify
from foundation.audit.file import check_file
from foundation.database import reading, transaction
from foundation.identifiers import new_id
from foundation.signing import Signing

pytestmark = pytest.mark.functional

PASSWORD = "four words of mine"
DAY_US = 24 * 3600 * 1_000_000


@pytest.fixture
def auditor(web_center):
    """Signed in at the city: all centers are in sight."""
    with web_center.signed_in("audit-li", role=Role.AUDITOR) as client:
        yield client


def note(web_center, action, center="station-1", actor="wang", subject="somewhere", **facts):
    with transaction(web_center.stores.core) as session:
        return audit.record(
            session,
            action,
            origin=web_center.origins[center],
            actor=actor,
            subject=subject,
            clock=web_center.clock,
            **facts,
        )


def search(client, **query):
    answer = client.get("/api/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def entries(web_center, action):
    with reading(web_center.stores.core) as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)).all()


def test_a_search_finds_by_each_field_newest_first(web_center, auditor):
    for n in range(3):
        note(web_center, AuditAction.API_ALERT_READ, subject=f"alert-{n}", detail={"n": n, "plate": "京A1"})
        web_center.clock.advance(10)
    odd = note(
        web_center, AuditAction.API_CLIP_LEAVE, "station-2", "zhao", "camera-1", reason="盗窃", case_number="A1101"
    )
    found = search(auditor, actor="wang")["items"]
    assert [row["subject"] for row in found] == ["alert-2", "alert-1", "alert-0"]
    assert found[0]["detail"] == {"n": 2, "plate": "京A1"}
    assert found[0]["center_name"] == "station-1"
    for query in (
        {"action": "api:clip:leave"},
        {"action": "api:clip:"},
        {"subject": "camera-1"},
        {"case_number": "A1101"},
        {"actor": "zhao"},
        {"center_id": web_center.origins["station-2"].center_id, "action": "api:clip:leave"},
        {"from_us": odd.at_us, "to_us": odd.at_us + 1, "actor": "zhao"},
        {"text": "盗", "actor": "zhao"},
    ):
        [row] = search(auditor, **query)["items"]
        assert (row["seq"], row["hash"], row["reason"]) == (odd.seq, odd.hash, "盗窃")
    assert [row["subject"] for row in search(auditor, text="京a1", action="api:alert:")["items"]][-1] == "alert-0"
    assert search(auditor, text="100%")["items"] == []
    assert search(auditor, from_us=odd.at_us, to_us=odd.at_us)["items"] == []


def test_pages_join_without_a_hole_and_a_search_is_one_entry(web_center, auditor):
    for n in range(7):
        note(web_center, AuditAction.API_ALERT_READ, subject=f"alert-{n}")
    seen, cursor = [], None
    while True:
        page = search(auditor, actor="wang", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [row["subject"] for row in page["items"]]
        note(web_center, AuditAction.API_ALERT_READ, subject="meanwhile")
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"alert-{n}" for n in reversed(range(7))]
    [told] = entries(web_center, "api:audit:search")
    assert (told.actor, told.detail) == ("audit-li", {"actor": "wang"})


def test_a_cursor_serves_nobody_else_and_no_other_search(web_center, auditor):
    for _ in range(4):
        note(web_center, AuditAction.API_ALERT_READ)
    cursor = search(auditor, actor="wang", limit=2)["next_cursor"]
    assert auditor.get("/api/v1/audit", params={"actor": "zhao", "cursor": cursor}).status_code == 422
    assert auditor.get("/api/v1/audit", params={"cursor": cursor}).status_code == 422
    for nonsense in ("x", "WyIxIl0", "WyItMSIsIjEiXQ", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5IiwiMSJd"):
        assert auditor.get("/api/v1/audit", params={"actor": "wang", "cursor": nonsense}).status_code == 422
    with web_center.signed_in("audit-wu", role=Role.AUDITOR) as other:
        assert other.get("/api/v1/audit", params={"actor": "wang", "cursor": cursor}).status_code == 422
    web_center.clock.advance(13 * 3600)
    assert len(entries(web_center, "api:audit:search")) == 1


def test_an_auditor_sees_their_own_center_and_below(web_center):
    for center in ("city", "county", "station-1", "station-2"):
        note(web_center, AuditAction.API_ALERT_READ, center, subject=f"of {center}")
    with web_center.signed_in("county-li", "county", Role.AUDITOR) as client:
        assert {row["subject"] for row in search(client, actor="wang")["items"]} == {"of county", "of station-1"}
        other = web_center.origins["station-2"].center_id
        assert search(client, center_id=other)["items"] == []
        exported = client.post("/api/v1/audit/exports", json={"actor": "wang", "reason": "check"}).text
        assert {line["subject"] for line in map(json.loads, exported.splitlines()[:-1])} == {
            "of county",
            "of station-1",
        }
        report = make_report(web_center, client)
        assert {row["subject"] for row in report["items"] if row["actor"] == "wang"} == {"of county", "of station-1"}
        assert report["totals"]["by_actor"]["wang"] == {"alert": 2}
        status = client.get("/api/v1/audit/status").json()
    with reading(web_center.stores.core) as session:
        scope = [web_center.origins[name].center_id for name in ("county", "station-1")]
        counted = select(func.count()).select_from(AuditEntry).where(AuditEntry.center_id.in_(scope))
        assert status["entries"] == session.scalar(counted)


def test_only_the_right_to_audit_opens_it(web_center):
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        with web_center.signed_in(role.value, role=role) as client:
            for method, path in (
                ("GET", "/audit"),
                ("GET", "/audit/actions"),
                ("GET", "/audit/status"),
                ("POST", "/audit/verifications"),
                ("POST", "/audit/exports"),
                ("POST", "/audit/reports"),
            ):
                assert client.request(method, f"/api/v1{path}", json={}).status_code == 403
            assert client.get("/api/v1/policy").status_code == 200


def test_a_locked_console_shows_no_trail(auditor):
    assert auditor.post("/api/v1/session/lock").status_code == 204
    assert auditor.get("/api/v1/audit").status_code == 423


def test_actions_are_those_that_there_are(auditor):
    assert auditor.get("/api/v1/audit/actions").json()["items"] == sorted(AuditAction)


def test_a_check_tells_what_it_found_and_the_status_keeps_it(web_center, auditor):
    before = auditor.get("/api/v1/audit/status").json()
    assert before["checked"] is None
    found = auditor.post("/api/v1/audit/verifications").json()
    assert (found["entries"], found["fault"], found["head"]) == (before["entries"], None, before["head"])
    with transaction(web_center.stores.core) as session:
        session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2"))
    web_center.clock.advance(1)
    found = auditor.post("/api/v1/audit/verifications").json()
    assert (found["entries"], found["fault"]["seq"]) == (1, 2)
    checked = auditor.get("/api/v1/audit/status").json()["checked"]
    assert checked == {"at_us": web_center.clock.now_us(), "entries": 1, "fault": found["fault"]}


def test_a_check_keeps_nobody_from_writing(web_center, auditor):
    """A check that waits in the middle of its walk; a deed goes through meanwhile."""
    note(web_center, AuditAction.API_ALERT_READ)
    walking, written = threading.Event(), threading.Event()
    from foundation.audit import check as audit_check

    hash_of = audit_check.row_hash

    def slow_hash(previous, row):
        walking.set()
        assert written.wait(20)
        return hash_of(previous, row)

    audit_check.row_hash = slow_hash
    try:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(auditor.post("/api/v1/audit/verifications")))
        thread.start()
        assert walking.wait(20)
        note(web_center, AuditAction.API_ALERT_READ)
        written.set()
        thread.join(20)
    finally:
        audit_check.row_hash = hash_of
        written.set()
    assert answers[0].json()["fault"] is None


def test_an_export_needs_a_reason_and_tells_of_itself(web_center, auditor, tmp_path):
    note(web_center, AuditAction.API_ALERT_READ, detail={"名": "张三"}, reason="why", case_number="A1")
    refused = auditor.post("/api/v1/audit/exports", json={})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
    answer = auditor.post("/api/v1/audit/exports", json={"reason": "asked by the court", "case_number": "A110101"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    [told] = entries(web_center, "api:audit:export")
    assert (told.reason, told.case_number, told.detail) == ("asked by the court", "A110101", {"format": "jsonl"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-2]["hash"] == told.hash
    assert lines[-1]["trailer"]["entries"] == len(lines) - 1 == told.seq
    file = tmp_path / "export.jsonl"
    file.write_bytes(answer.content)
    checked = check_file(file, Signing.open(web_center.settings.key_dir))
    assert (checked.fault, checked.entries, checked.gaps) == (None, told.seq, 0)
    assert checked.signed_by is not None
    assert verify(web_center.stores.core).fault is None


def test_an_export_holds_what_the_filter_asks_for(web_center, auditor):
    for n in range(5):
        note(web_center, AuditAction.API_ALERT_READ, actor=f"wang-{n % 2}", case_number=f"A{n}", subject=f"alert-{n}")
    body = {"actor": "wang-1", "filter_case_number": "A3", "reason": "check"}
    lines = auditor.post("/api/v1/audit/exports", json=body).text.splitlines()
    assert [json.loads(line)["subject"] for line in lines[:-1]] == ["alert-3"]
    assert json.loads(lines[-1])["trailer"]["filter"] == {"actor": "wang-1", "case_number": "A3"}


def test_a_spreadsheet_takes_nothing_for_a_formula(web_center, auditor):
    note(web_center, AuditAction.API_SESSION_REFUSED, actor="=cmd|'/c calc'!A1", subject="@SUM(1)", reason="+1")
    body = {"action": "api:session:refused", "format": "csv", "reason": "check"}
    answer = auditor.post("/api/v1/audit/exports", json=body)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (rows[0]["actor"], rows[0]["subject"], rows[0]["reason"]) == ("'=cmd|'/c calc'!A1", "'@SUM(1)", "'+1")
    assert rows[-1]["seq"].startswith('# {"signature":')


def test_the_policy_stands_as_the_settings_have_it(web_center, auditor):
    web_center.settings.audit.case_for = ["report"]
    web_center.settings.audit.case_pattern = "A[0-9]{3}"
    web_center.settings.audit.case_example = "A123"
    assert auditor.get("/api/v1/policy").json() == {
        "reason_for": ["footage", "export", "look_up"],
        "case_for": ["report"],
        "case_pattern": "A[0-9]{3}",
        "case_example": "A123",
    }
    period = {"from_us": 0, "to_us": 1}
    for body, kind in (({}, "case_required"), ({"case_number": "B1"}, "case_malformed")):
        refused = auditor.post("/api/v1/audit/reports", json=period | body)
        assert refused.status_code == 422
        assert refused.json()["type"] == f"urn:vedette:problem:{kind}"
        assert refused.json()["example"] == "A123"
    assert auditor.post("/api/v1/audit/reports", json=period | {"case_number": "A001"}).status_code == 200


def make_report(web_center, client, **facts):
    now_us = web_center.clock.now_us()
    answer = client.post("/api/v1/audit/reports", json={"from_us": now_us - DAY_US, "to_us": now_us + 1} | facts)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_report_tells_who_looked_at_what_when_and_why(web_center, auditor):
    camera, alert = web_center.cameras["station-1"], web_center.alert("station-1")
    web_center.account("wang", "county", Role.ANALYST)
    clock = web_center.clock
    clock.advance(60)
    watched_us = clock.now_us()
    begin = note(
        web_center,
        AuditAction.MEDIA_LIVE_WATCH,
        subject=camera,
        detail={"camera_id": camera, "from_us": watched_us, "to_us": None, "began": None},
    )
    clock.advance(60)
    end = {"camera_id": camera, "from_us": watched_us, "to_us": clock.now_us(), "began": begin.id}
    note(web_center, AuditAction.MEDIA_LIVE_WATCH, subject=camera, detail=end)
    for ticket in (new_id(clock), new_id(clock)):  # one is played, the other not
        clip = {"camera_id": camera, "from_us": 5, "to_us": 9, "ticket": ticket}
        note(web_center, AuditAction.API_CLIP_LEAVE, subject=camera, detail=clip, reason="theft", case_number="A1101")
    clock.advance(1)
    note(web_center, AuditAction.MEDIA_FOOTAGE_PLAY, subject=camera, detail=clip)
    note(web_center, AuditAction.API_ALERT_READ, subject=alert)
    note(web_center, AuditAction.MEDIA_READ_LOST, detail={"count": 3})
    report = make_report(web_center, auditor, actor="wang")
    told = [(row["what"], row["subject_name"], row["from_us"], row["to_us"], row["reason"]) for row in report["items"]]
    assert told == [
        ("alert", "missing", None, None, None),
        ("footage", "Gate of station-1", 5, 9, "theft"),
        ("footage", "Gate of station-1", 5, 9, "theft"),
        ("live", "Gate of station-1", watched_us, watched_us + 60_000_000, None),
    ]
    assert [row["action"] for row in report["items"]][1:3] == ["media:footage:play", "api:clip:leave"]
    assert {(row["display_name"], *row["roles"], row["center_name"]) for row in report["items"]} == {
        ("Wang", "analyst", "station-1")
    }
    totals = report["totals"]
    assert totals["by_actor"] == {"wang": {"live": 1, "footage": 1, "alert": 1}}
    assert (totals["people"], totals["live"], totals["footage"], totals["alert"], totals["lost"]) == (1, 1, 1, 1, 3)
    by_camera = make_report(web_center, auditor, camera_id=camera, actor="wang")
    assert [row["what"] for row in by_camera["items"]] == ["alert", "footage", "footage", "live"]
    assert make_report(web_center, auditor, subject=alert)["totals"]["alert"] == 1


def test_a_report_finds_whoever_was_still_watching(web_center, auditor):
    """It began before the period, and ended in it, after it, or not yet."""
    clock, camera = web_center.clock, web_center.cameras["station-1"]
    begun_us = clock.now_us()

    def watch(actor):
        detail = {"camera_id": camera, "from_us": begun_us, "to_us": None, "began": None}
        return note(web_center, AuditAction.MEDIA_LIVE_WATCH, actor=actor, subject=camera, detail=detail)

    def leave(actor, began):
        detail = {"camera_id": camera, "from_us": begun_us, "to_us": clock.now_us(), "began": began.id}
        note(web_center, AuditAction.MEDIA_LIVE_WATCH, actor=actor, subject=camera, detail=detail)

    within, beyond, before = watch("within"), watch("beyond"), watch("before")
    watch("still")
    clock.advance(3600)
    leave("before", before)
    clock.advance(3600)
    from_us = clock.now_us()
    clock.advance(3600)
    leave("within", within)
    clock.advance(3600)
    to_us = clock.now_us()
    clock.advance(3600)
    leave("beyond", beyond)
    assert auditor.post("/api/v1/session/unlock", json={"password": PASSWORD}).status_code == 204
    report = auditor.post("/api/v1/audit/reports", json={"from_us": from_us, "to_us": to_us}).json()
    seen = {row["actor"]: row for row in report["items"] if row["what"] == "live"}
    assert set(seen) == {"within", "beyond", "still"}
    assert all(row["at_us"] == begun_us for row in seen.values())
    assert seen["still"]["to_us"] is None
    assert report["totals"]["live"] == 3


def test_looking_at_the_trail_stands_in_the_report(web_center, auditor):
    search(auditor)
    auditor.post("/api/v1/audit/exports", json={"reason": "check"})
    make_report(web_center, auditor)
    web_center.clock.advance(1)
    rows = make_report(web_center, auditor, actor="audit-li")["items"]
    assert [row["what"] for row in rows] == ["report", "export", "search"]
    assert rows[1]["reason"] == "check"


def test_a_report_goes_on_page_by_page(web_center, auditor):
    for n in range(5):
        note(web_center, AuditAction.API_ALERT_READ, subject=f"alert-{n}")
    now_us = web_center.clock.now_us()
    body = {"from_us": now_us - 1, "to_us": now_us + 1, "actor": "wang", "limit": 2}
    first = auditor.post("/api/v1/audit/reports", json=body).json()
    second = auditor.post("/api/v1/audit/reports", json=body | {"cursor": first["next_cursor"]}).json()
    assert [row["subject"] for row in first["items"] + second["items"]] == ["alert-4", "alert-3", "alert-2", "alert-1"]
    assert (first["totals"]["alert"], second["totals"]) == (5, None)
    assert len(entries(web_center, "api:audit:report")) == 1


def test_a_damaged_entry_can_be_read_all_the_same(web_center, auditor):
    if web_center.stores.core.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its columns' types")
    note(web_center, AuditAction.API_ALERT_READ, subject="alert-1")
    with transaction(web_center.stores.core) as session:
        session.execute(text("UPDATE audit_entry SET detail = 'not JSON' WHERE subject = 'alert-1'"))
    assert search(auditor, subject="alert-1")["items"][0]["detail"] == {"unreadable": "not JSON"}
    exported = auditor.post("/api/v1/audit/exports", json={"subject": "alert-1", "reason": "check"})
    assert exported.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"from_us": -1},
        {"to_us": 1 << 70},
        {"actor": ""},
        {"actor": "x" * 129},
        {"text": "a\0b"},
        {"action": "api:;drop"},
        {"limit": 0},
        {"limit": 201},
    ],
)
def test_what_no_search_can_be_is_refused(auditor, query):
    assert auditor.get("/api/v1/audit", params=query).status_code == 422


def test_half_a_letter_is_refused(auditor):
    body = b'{"actor": "\\ud800", "reason": "check"}'
    answer = auditor.post("/api/v1/audit/exports", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    answer = auditor.post(
        "/api/v1/audit/exports", content=b'{"reason": "\\ud800"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422

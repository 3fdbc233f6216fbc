"""Who is given leave to see footage, for which cameras and windows, and what the audit trail says of it."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from control_center.alerts.models import Alert
from control_center.identity import accounts, grants
from control_center.identity.roles import Role
from control_center.web_api import media
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.identifiers import new_id
from ingest.live.ended import note_ended
from ingest.live.ended_watch import EndedWatch
from ingest.live.leaves import ClipLeave, Leave, LiveLeave, live_leave
from ingest.live.reads import FINISHED, FOLDER, LiveRead
from ingest.live.tickets import TicketOffice

pytestmark = pytest.mark.functional

HOUR_US = 3600 * US_PER_S
PASSWORD = "four words of mine"
ABSENT = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def office(web_center) -> TicketOffice:
    return TicketOffice(web_center.keyring, web_center.clock)


def _wanted(web_center, center: str = "station-1", **changes: Any) -> dict[str, Any]:
    """An hour ago, for a minute."""
    start_us = web_center.clock.now_us() - HOUR_US
    wanted = {"camera_id": web_center.cameras[center], "stream": "main", "reason": "a theft at the gate"}
    return wanted | {"start_us": start_us, "end_us": start_us + 60 * US_PER_S} | changes


def _ask(client: httpx.Client, body: dict[str, Any] | None) -> httpx.Response:
    """For live pictures, or for a clip."""
    return client.post("/api/v1/media-tickets" if body is None else "/api/v1/clip-tickets", json=body)


def _leave(office: TicketOffice, client: httpx.Client, body: dict[str, Any] | None = None) -> Leave:
    answer = _ask(client, body)
    assert answer.status_code == 200, answer.text
    return office.redeem(answer.json()["ticket"])


def _entries(web_center, action: str) -> list[AuditEntry]:
    with reading(web_center.stores.core) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))


def _clip_of(web_center, alert_id: str) -> dict[str, Any]:
    with reading(web_center.stores.core) as session:
        alert = session.get_one(Alert, alert_id)
        assert alert.clip_start_us is not None
        return {"start_us": alert.clip_start_us, "end_us": alert.clip_end_us, "alert_id": alert_id, "reason": None}


def test_a_media_ticket_is_for_live_pictures_of_the_cameras_in_scope(web_center, office: TicketOffice) -> None:
    with web_center.signed_in("one", "station-1") as client:
        answer = client.post("/api/v1/media-tickets", headers={"Host": "localhost:8760"}).json()
    leave = office.redeem(answer["ticket"])
    assert isinstance(leave, LiveLeave)
    assert (leave.holder.account, leave.cameras) == ("one", frozenset({web_center.cameras["station-1"]}))
    assert (answer["session_url"], answer["live_url"], answer["clip_url"]) == (
        "http://localhost:8761/media/session",
        "ws://localhost:8761/media/live",
        "http://localhost:8761/media/clips",
    )
    [entry] = _entries(web_center, "api:live:leave")
    assert (entry.actor, entry.detail["ticket"], entry.detail["cameras"]) == ("one", leave.id, 1)


def test_a_clip_ticket_is_for_one_window_of_one_camera(web_center, office: TicketOffice) -> None:
    wanted = _wanted(web_center, stream="sub", reason="  a theft  ", case_number="A1101-2023")
    with web_center.signed_in("li") as client:
        leave = _leave(office, client, wanted)
    assert isinstance(leave, ClipLeave)
    assert leave.covers(wanted["camera_id"], "sub", wanted["start_us"], wanted["end_us"])
    assert not leave.covers(wanted["camera_id"], "sub", wanted["start_us"] - 1, wanted["end_us"])
    [entry] = _entries(web_center, "api:clip:leave")
    assert (entry.actor, entry.subject, entry.reason) == ("li", wanted["camera_id"], "a theft")
    assert entry.case_number == "A1101-2023"
    assert entry.center_id == web_center.origins["station-1"].center_id
    assert entry.detail == {
        "camera_id": wanted["camera_id"],
        "stream": "sub",
        "from_us": wanted["start_us"],
        "to_us": wanted["end_us"],
        "ticket": leave.id,
        "alert_id": None,
        "session": leave.holder.session_id,
    }


def test_footage_needs_a_reason_and_where_the_policy_says_so_a_case_number(web_center, office: TicketOffice) -> None:
    with web_center.signed_in("li") as client:
        for reason in (None, "", "   "):
            refused = _ask(client, _wanted(web_center, reason=reason))
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
        web_center.settings.audit.case_for = ["footage"]
        refused = _ask(client, _wanted(web_center))
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:case_required")
        assert refused.json()["example"] == web_center.settings.audit.case_example
        assert _ask(client, _wanted(web_center, case_number="no such form!")).status_code == 422
        assert _leave(office, client, _wanted(web_center, case_number="A1101-2023"))
        web_center.settings.audit.case_for, web_center.settings.audit.reason_for = [], []
        assert _leave(office, client, _wanted(web_center, reason=None))
    assert len(_entries(web_center, "api:clip:leave")) == 2


def test_an_alerts_own_clip_needs_no_reason(web_center, office: TicketOffice) -> None:
    alert = web_center.alert()
    web_center.settings.audit.case_for = ["footage"]
    clip = _clip_of(web_center, alert)
    with web_center.signed_in("li") as client:
        leave = _leave(office, client, _wanted(web_center, **clip))
        assert isinstance(leave, ClipLeave)
        assert leave.alert_id == alert
        assert _leave(office, client, _wanted(web_center, **clip | {"start_us": clip["start_us"] + 1}))
        for beyond in ({"start_us": clip["start_us"] - 1}, {"end_us": clip["end_us"] + 1}, {"alert_id": None}):
            refused = _ask(client, _wanted(web_center, **clip | beyond))
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
        other_camera = _wanted(web_center, "station-2", **clip)
        assert _ask(client, other_camera).json()["type"] == "urn:vedette:problem:reason_required"
    entry = _entries(web_center, "api:clip:leave")[0]
    assert (entry.detail["alert_id"], entry.reason) == (alert, None)


def test_the_sound_beside_an_alert_is_not_its_clip(web_center, office: TicketOffice) -> None:
    alert = web_center.alert()
    with web_center.signed_in("li") as client:
        wanted = _wanted(web_center, **_clip_of(web_center, alert), stream="audio")
        refused = _ask(client, wanted)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:vedette:problem:reason_required")
        leave = _leave(office, client, wanted | {"reason": "what was shouted"})
    assert leave.covers(wanted["camera_id"], "audio", wanted["start_us"], wanted["end_us"])
    assert not leave.covers(wanted["camera_id"], "main", wanted["start_us"], wanted["end_us"])
    [entry] = _entries(web_center, "api:clip:leave")
    assert (entry.detail["stream"], entry.reason) == ("audio", "what was shouted")


def test_an_alert_out_of_sight_lends_no_leave(web_center, office: TicketOffice) -> None:
    alert = web_center.alert("station-2")
    with web_center.signed_in("one", "station-1") as client:
        for named in (alert, ABSENT):
            refused = _ask(client, _wanted(web_center, **_clip_of(web_center, alert) | {"alert_id": named}))
            assert refused.status_code == 404


def test_another_centers_camera_is_not_there(web_center) -> None:
    with web_center.signed_in("one", "station-1") as client:
        for camera in (web_center.cameras["station-2"], ABSENT):
            assert _ask(client, _wanted(web_center, camera_id=camera)).status_code == 404
    assert _entries(web_center, "api:clip:leave") == []


def test_each_right_reaches_as_far_as_its_own_grant(web_center, office: TicketOffice) -> None:
    """Who watches the city and plays back one station does just that."""
    with web_center.signed_in("mixed", "city", Role.TECHNICIAN) as client:
        with transaction(web_center.stores.core) as session:
            account = accounts.require(session, "mixed")
            station = web_center.origins["station-1"].center_id
            grants.grant(session, web_center.authority, web_center.clock, account, Role.ANALYST, station)
        live = _leave(office, client)
        assert isinstance(live, LiveLeave)
        assert live.cameras == set(web_center.cameras.values())
        assert _leave(office, client, _wanted(web_center))
        assert _ask(client, _wanted(web_center, "station-2")).status_code == 404


def test_watching_and_playing_back_are_two_rights(web_center) -> None:
    with web_center.signed_in("technician", role=Role.TECHNICIAN) as client:
        assert _ask(client, None).status_code == 200
        assert _ask(client, _wanted(web_center)).status_code == 403
    with web_center.signed_in("analyst", role=Role.ANALYST) as client:
        assert _ask(client, None).status_code == 403
        assert _ask(client, _wanted(web_center)).status_code == 200
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        with web_center.signed_in(str(role), role=role) as client:
            assert _ask(client, None).status_code == 403
            assert _ask(client, _wanted(web_center)).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"end_us": 5, "start_us": 5},
        {"start_us": 6, "end_us": 5},
        {"start_us": 0, "end_us": 24 * HOUR_US + 1},
        {"start_us": -1},
        {"end_us": 10**40},
        {"start_us": "soon"},
        {"stream": "third"},
        {"camera_id": "../../etc/passwd"},
        {"camera_id": "x" * 36},
        {"alert_id": "1 OR 1=1"},
        {"reason": "x" * 1001},
        {"reason": "nul\0"},
        {"case_number": "x" * 201},
    ],
)
def test_a_window_without_sense_is_refused(web_center, changes: dict[str, Any]) -> None:
    with web_center.signed_in("li") as client:
        assert _ask(client, _wanted(web_center, **changes)).status_code == 422
    assert _entries(web_center, "api:clip:leave") == []


def test_a_leave_ends_with_the_loan_that_it_rests_on(web_center, office: TicketOffice) -> None:
    until_us = web_center.clock.now_us() + 10 * 60 * US_PER_S
    with web_center.signed_in("guest", "station-1") as client:
        with transaction(web_center.stores.core) as session:
            grants.lend(
                session,
                web_center.authority,
                web_center.clock,
                accounts.require(session, "guest"),
                Role.OPERATOR,
                web_center.origins["station-2"].center_id,
                until_us=until_us,
                reason="a march",
            )
        live, clip = _leave(office, client), _leave(office, client, _wanted(web_center, "station-2"))
        assert isinstance(live, LiveLeave)
        assert len(live.cameras) == 2
        assert (live.expires_us, clip.expires_us) == (until_us, until_us)
        web_center.clock.advance(10 * 60)
        again = _leave(office, client)
        assert isinstance(again, LiveLeave)
        assert again.cameras == {web_center.cameras["station-1"]}
        assert _ask(client, _wanted(web_center, "station-2")).status_code == 404


def test_a_clips_leave_ends_when_an_idle_console_locks(web_center, office: TicketOffice) -> None:
    with web_center.signed_in("li") as client:
        leave = _leave(office, client, _wanted(web_center))
        assert leave.expires_us == web_center.clock.now_us() + 30 * 60 * US_PER_S
        web_center.clock.advance(30 * 60 + 1)
        assert _ask(client, _wanted(web_center)).status_code == 423
        assert _ask(client, None).status_code == 200  # a wall of pictures is never blanked


def _is_over(web_center, leave: Leave) -> bool:
    return EndedWatch(web_center.settings.run_dir, web_center.clock).is_over(leave)


def test_signing_out_ends_this_sessions_leaves_and_no_others(web_center, office: TicketOffice) -> None:
    with web_center.signed_in("li") as here, web_center.signed_in("wang") as other:
        web_center.clock.advance(1)  # a new password ended what was open before
        leaves = [_leave(office, here), _leave(office, here, _wanted(web_center))]
        theirs = _leave(office, other)
        web_center.clock.advance(1)
        assert here.delete("/api/v1/session").status_code == 204
    assert [_is_over(web_center, leave) for leave in [*leaves, theirs]] == [True, True, False]


def test_locking_the_console_ends_its_clips_and_not_its_wall(web_center, office: TicketOffice) -> None:
    with web_center.signed_in("li") as client:
        web_center.clock.advance(1)
        leaves = [_leave(office, client), _leave(office, client, _wanted(web_center))]
        web_center.clock.advance(1)
        assert client.post("/api/v1/session/lock").status_code == 204
        assert [_is_over(web_center, leave) for leave in leaves] == [False, True]
        assert _ask(client, _wanted(web_center)).status_code == 423
        assert client.post("/api/v1/session/unlock", json={"password": PASSWORD}).status_code == 204
        web_center.clock.advance(1)
        assert not _is_over(web_center, _leave(office, client, _wanted(web_center)))


def test_taking_a_role_back_ends_what_was_opened_under_it(web_center, office: TicketOffice) -> None:
    with (
        web_center.signed_in("li", "station-1") as client,
        web_center.signed_in("boss", role=Role.ADMINISTRATOR) as boss,
    ):
        leave = _leave(office, client)
        web_center.clock.advance(1)
        [row] = [row for row in boss.get("/api/v1/accounts").json()["items"] if row["username"] == "li"]
        answer = boss.delete(f"/api/v1/accounts/{row['id']}/roles/{row['roles'][0]['id']}")
        assert answer.is_success, answer.text
        assert _is_over(web_center, leave)
        assert _ask(client, None).status_code == 403


def test_a_ticket_under_way_while_rights_are_taken_is_over(
    web_center, office: TicketOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time of issue is from before the look-up of rights, so that a mark set in between is later."""

    def late(*arguments: Any, **options: Any) -> LiveLeave:
        web_center.clock.advance(1)
        with reading(web_center.stores.core) as session:
            account_id = accounts.require(session, "li").id
        note_ended(web_center.settings.run_dir, web_center.clock, account_ids=[account_id])
        web_center.clock.advance(1)
        return live_leave(*arguments, **options)

    with web_center.signed_in("li") as client:
        with monkeypatch.context() as slow:
            slow.setattr(media, "live_leave", late)
            assert _is_over(web_center, _leave(office, client))
        web_center.clock.advance(1)
        assert not _is_over(web_center, _leave(office, client))


def test_the_api_writes_viewings_into_the_trail(web_center) -> None:
    now_us = web_center.clock.now_us()
    read = LiveRead(
        id=new_id(web_center.clock),
        at_us=now_us,
        account="li",
        session_id="s",
        ticket=new_id(web_center.clock),
        camera_id=web_center.cameras["station-1"],
        stream="main",
        from_us=now_us,
    )
    folder = web_center.settings.run_dir / FOLDER
    folder.mkdir(parents=True)
    being_written = folder / f"{new_id(web_center.clock)}.part"
    being_written.write_text(read.model_dump_json() + "\n")
    finished = being_written.rename(being_written.with_suffix(FINISHED))
    for _ in range(200):
        if not finished.exists():
            break
        time.sleep(0.05)
    [entry] = _entries(web_center, "media:live:watch")
    assert (entry.id, entry.actor, entry.subject) == (read.id, "li", read.camera_id)
    assert entry.center_id == web_center.origins["station-1"].center_id

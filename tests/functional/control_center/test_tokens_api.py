"""API tokens over HTTP: a program works with some of a person's rights, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from control_center.identity.kept_answers import KeptAnswer
from control_center.identity.roles import Role
from foundation.audit import AuditEntry
from foundation.database import reading

pytestmark = pytest.mark.functional
PASSWORD = "four words of mine"
MINUTE_US = 60_000_000


def make(client: httpx.Client, *rights: str, **changed: object) -> httpx.Response:
    body = {"name": "lamp", "rights": rights or ("read",), "days": 30, "password": PASSWORD} | changed
    return client.post("/api/v1/tokens", json=body)


@contextmanager
def program(web_center, token: str) -> Iterator[httpx.Client]:
    """Neither a cookie nor the header that our own page sends."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=web_center.url, headers=headers, trust_env=False, timeout=20) as client:
        yield client


def test_a_program_reads_what_its_person_may_and_nothing_else(web_center) -> None:
    ours, beside = web_center.alert("station-1"), web_center.alert("station-2")
    with web_center.signed_in("li", "station-1") as li:
        made = make(li, "read", "see_cameras")
        assert made.status_code == 201, made.text
        token = made.json()["token"]
        [row] = li.get("/api/v1/tokens").json()["items"]
        assert made.json() == row | {"token": token}
        assert (row["name"], sorted(row["rights"]), row["used_us"]) == ("lamp", ["read", "see_cameras"], None)
        assert row["expires_us"] == row["created_us"] + 30 * 24 * 60 * MINUTE_US
        with program(web_center, token) as lamp:
            assert [alert["id"] for alert in lamp.get("/api/v1/alerts").json()["items"]] == [ours]
            assert lamp.get(f"/api/v1/alerts/{beside}").status_code == 404
            assert [camera["id"] for camera in lamp.get("/api/v1/cameras").json()["items"]] == [
                web_center.cameras["station-1"]
            ]
            step = {"to": "acknowledged", "version": 1}
            assert lamp.post(f"/api/v1/alerts/{ours}/transitions", json=step).status_code == 403
            assert lamp.post("/api/v1/media-tickets").status_code == 403
            account = lamp.get("/api/v1/session").json()["account"]
            assert (account["method"], account["session_id"]) == ("token", row["id"])
            assert sorted(account["rights"]) == ["read", "see_cameras"]
            assert not lamp.cookies
        assert li.get("/api/v1/tokens").json()["items"][0]["used_us"] == (
            web_center.clock.now_us() // MINUTE_US * MINUTE_US
        )
    with reading(web_center.stores.core) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert ("li", "api:token:create") in [(entry.actor, entry.action) for entry in entries]
    assert token not in repr([entry.content() for entry in entries])


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_a_program_changes_nothing_of_who_may_do_what(web_center) -> None:
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as chen:
        token = make(chen, "enter").json()["token"]
        session_id = chen.get("/api/v1/session").json()["account"]["session_id"]
        with program(web_center, token) as lamp:
            assert make(lamp, "enter").status_code == 403
            for method, path in (
                ("GET", "/tokens"),
                ("DELETE", f"/tokens/{session_id}"),
                ("DELETE", "/session"),
                ("POST", "/session/lock"),
                ("POST", "/session/activity"),
                ("GET", "/session/others"),
                ("DELETE", f"/session/others/{session_id}"),
                ("GET", "/accounts"),
                ("GET", "/sessions"),
                ("DELETE", f"/sessions/{session_id}"),
            ):
                assert lamp.request(method, f"/api/v1{path}").status_code == 403, path
            for path, body in (
                ("/session/password", {"new_password": "other words of mine", "current_password": PASSWORD}),
                ("/session/unlock", {"password": PASSWORD}),
                ("/session/second-factor", {"password": PASSWORD}),
            ):
                assert lamp.post(f"/api/v1{path}", json=body).status_code == 403, path
        assert chen.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "shown",
    ["Bearer", "bearer vdt_", "Bearer vdt_" + "A" * 43, "BEARER x y", "Bearer\tx", "Bearer " + "x" * 20_000],
)
def test_a_token_that_is_none_is_nobody_whatever_cookie_comes_along(web_center, shown: str) -> None:
    with web_center.signed_in("li") as li:
        assert li.get("/api/v1/session").status_code == 200
        answer = li.get("/api/v1/session", headers={"Authorization": shown})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:vedette:problem:not_authenticated")
        assert shown not in answer.text or len(shown) < 8
        # Without our header, a cookie changes nothing, however an `Authorization` looks.
        for scheme in (shown, "Basic bGk6eA==", "x", ""):
            lock = li.post("/api/v1/session/lock", headers={"Authorization": scheme, "X-Vedette": ""})
            assert lock.status_code in (401, 403)
        assert li.get("/api/v1/session").json()["account"]["locked"] is False


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_a_session_is_no_token_and_a_token_no_session(web_center) -> None:
    with web_center.signed_in("li") as li:
        token = make(li, "read").json()["token"]
        with program(web_center, li.cookies["vedette_session"]) as client:
            assert client.get("/api/v1/session").status_code == 401
        with web_center.client() as client:
            client.cookies.set("vedette_session", token)
            assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("how", ["owner", "administrator", "disabled", "expired"])
def test_a_token_is_dead_at_the_next_request(web_center, how: str) -> None:
    with (
        web_center.signed_in("chen", role=Role.ADMINISTRATOR) as chen,
        web_center.signed_in("li", "station-1") as li,
    ):
        account = li.get("/api/v1/session").json()["account"]["id"]
        made = make(li, "read", days=1).json()
        with program(web_center, made["token"]) as lamp:
            assert lamp.get("/api/v1/alerts").status_code == 200
            if how == "owner":
                assert li.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
                assert li.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
            elif how == "administrator":
                [row] = chen.get(f"/api/v1/accounts/{account}").json()["tokens"]
                assert chen.delete(f"/api/v1/accounts/{account}/tokens/{row['id']}").status_code == 204
            elif how == "disabled":
                assert chen.post(f"/api/v1/accounts/{account}/disable").status_code == 204
            else:
                web_center.clock.advance(24 * 3600)
            answer = lamp.get("/api/v1/alerts")
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:vedette:problem:not_authenticated")


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_nobody_sees_or_revokes_anothers_token(web_center) -> None:
    with (
        web_center.signed_in("li", "station-1") as li,
        web_center.signed_in("bo", "station-1") as bo,
        web_center.signed_in("hu", "station-2", Role.ADMINISTRATOR) as hu,
    ):
        account = li.get("/api/v1/session").json()["account"]["id"]
        made = make(li, "read").json()
        assert bo.get("/api/v1/tokens").json()["items"] == []
        assert bo.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
        assert bo.delete(f"/api/v1/accounts/{account}/tokens/{made['id']}").status_code == 403
        assert hu.delete(f"/api/v1/accounts/{account}/tokens/{made['id']}").status_code == 404
        with program(web_center, made["token"]) as lamp:
            assert lamp.get("/api/v1/alerts").status_code == 200


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"password": "my old pass phrase"}, 422),
        ({"name": ""}, 422),
        ({"name": "a\nb"}, 422),
        ({"name": "x" * 101}, 422),
        ({"days": 0}, 422),
        ({"days": 367}, 422),
        ({"rights": []}, 422),
        ({"rights": ["king"]}, 422),
        ({"rights": ["decide"]}, 403),
        ({"rights": ["audit"]}, 403),
    ],
)
def test_tokens_that_are_refused_leave_nothing(web_center, changed: dict[str, object], status: int) -> None:
    with web_center.signed_in("li") as li:
        answer = make(li, **changed)
        assert answer.status_code == status, answer.text
        assert "my old pass phrase" not in answer.text
        assert li.get("/api/v1/tokens").json()["items"] == []


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_a_program_sees_no_answer_that_its_person_got_under_a_key(web_center) -> None:
    key = {"Idempotency-Key": "one"}
    with web_center.signed_in("li") as li:
        token, other = (make(li, "enter", "watch").json()["token"], make(li, "enter").json()["token"])
        first = li.post("/api/v1/media-tickets", headers=key)
        assert li.post("/api/v1/media-tickets", headers=key).json() == first.json()
        with program(web_center, token) as lamp, program(web_center, other) as blind:
            shown = lamp.post("/api/v1/media-tickets", headers=key)
            assert shown.status_code == 200
            assert shown.json()["ticket"] != first.json()["ticket"]
            assert lamp.post("/api/v1/media-tickets", headers=key).json() == shown.json()
            assert blind.post("/api/v1/media-tickets", headers=key).status_code == 403


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_no_hash_of_a_password_and_no_token_is_kept_under_a_key(web_center) -> None:
    key = {"Idempotency-Key": "one"}
    with web_center.signed_in("li") as li:
        changed = {"new_password": "other words of mine", "current_password": PASSWORD}
        assert li.post("/api/v1/session/password", json=changed, headers=key).status_code == 204
        wanted = {"name": "x", "rights": ["read"], "days": 1, "password": changed["new_password"]}
        made = [li.post("/api/v1/tokens", json=wanted, headers=key).json()["id"] for _ in range(2)]
        assert len(set(made)) == 2
        assert li.post("/api/v1/session/lock", headers=key).status_code == 204
        proof = {"password": changed["new_password"]}
        assert li.post("/api/v1/session/unlock", json=proof, headers=key).status_code == 204
    with reading(web_center.stores.core) as session:
        assert session.scalars(select(KeptAnswer)).all() == []


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_a_program_follows_events_until_its_token_ends(web_center) -> None:
    with web_center.signed_in("li") as li:
        made = make(li, "enter", "read").json()
        blind = make(li, "see_cameras").json()["token"]
        url = web_center.url.replace("http", "ws") + "/api/v1/events/socket"
        for wrong in ("vdt_" + "A" * 43, blind):
            with pytest.raises(InvalidStatus), connect(url, additional_headers=_shown(wrong), proxy=None):
                pass
        with connect(url, additional_headers=_shown(made["token"]), proxy=None) as socket:
            alert = web_center.alert()
            assert json.loads(socket.recv(timeout=20))["data"]["id"] == alert
            assert li.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
            assert _close_code(socket) == 4401


def _close_code(socket: ClientConnection) -> int:
    """Of the server's, once it closes."""
    try:
        while True:
            socket.recv(timeout=30)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def _shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_a_locked_console_makes_no_token(web_center) -> None:
    with web_center.signed_in("li") as li:
        li.post("/api/v1/session/lock")
        assert make(li, "read").status_code == 423
        assert li.get("/api/v1/tokens").status_code == 423

"""Who gets in: sessions, and what is refused before a route sees it. Every route's right: test_every_route."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select, text

from control_center.identity.roles import Role
from control_center.web_api import measuring
from foundation.audit import AuditEntry
from foundation.audit.check import verify
from foundation.database import reading

# What the database is makes no difference here; the resources' tests run on both.
pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]

PASSWORD = "four words of mine"


def _enter(client: httpx.Client, username: str, password: str) -> httpx.Response:
    return client.post("/api/v1/session", json={"username": username, "password": password})


def test_a_one_time_password_opens_one_session_and_asks_for_an_own_one(web_center) -> None:
    once = web_center.account("li")
    with web_center.client() as client:
        answer = _enter(client, " LI ", once)
        account = answer.json()["account"]
        assert (account["username"], account["display_name"]) == ("li", "Li")
        assert [held["role"] for held in account["roles"]] == ["operator"]
        assert "decide" in account["rights"]
        assert account["must_change_password"] is True
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert client.post("/api/v1/session/password", json={"new_password": PASSWORD}).status_code == 204
        assert client.get("/api/v1/session").json()["account"]["must_change_password"] is False
        assert client.get("/api/v1/overview").status_code == 200
        assert client.delete("/api/v1/session").status_code == 204
        assert client.get("/api/v1/session").status_code == 401
        assert _enter(client, "li", once).status_code == 401
        assert _enter(client, "li", PASSWORD).status_code == 200


@pytest.mark.parametrize("new_password", ["tiny-pass-1", "x" * 2000])
def test_a_bad_password_is_refused_and_not_repeated(web_center, new_password: str) -> None:
    with web_center.signed_in("li") as client:
        answer = client.post("/api/v1/session/password", json={"new_password": new_password})
        assert answer.status_code == 422
        assert new_password not in answer.text


def test_setting_a_password_ends_the_other_sessions(web_center) -> None:
    with web_center.signed_in("li") as first, web_center.client() as second:
        assert _enter(second, "li", PASSWORD).status_code == 200
        for new, current, status in (
            (PASSWORD, PASSWORD, 422),
            ("other words of mine", None, 422),
            ("other words of mine", "guessed words of mine", 422),
            ("other words of mine", PASSWORD, 204),
        ):
            body = {"new_password": new, "current_password": current}
            assert second.post("/api/v1/session/password", json=body).status_code == status
        assert first.get("/api/v1/session").status_code == 401


def test_a_session_ends_after_twelve_hours(web_center) -> None:
    with web_center.signed_in("li") as client:
        web_center.clock.advance(12 * 3600 + 1)
        assert client.get("/api/v1/session").status_code == 401


def test_sessions_are_audited_and_the_trail_holds(web_center) -> None:
    with web_center.signed_in("li") as client:
        _enter(client, "nobody-of-this-name", "secret typed in the wrong place")
        client.delete("/api/v1/session")
    with reading(web_center.stores.core) as session:
        assert verify(session).fault is None
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    actions = [(entry.actor, entry.action) for entry in entries if entry.action.startswith("api:")]
    assert actions == [
        ("li", "api:session:open"),
        ("li", "api:password:set"),
        ("unknown", "api:session:refused"),
        ("li", "api:session:close"),
    ]
    assert "nobody-of-this-name" not in repr([entry.content() for entry in entries])


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_change_without_our_header_is_refused(web_center, method: str) -> None:
    with web_center.signed_in("li") as client:
        answer = client.request(method, "/api/v1/session", headers={"X-Vedette": ""})
        assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
        assert client.get("/api/v1/session").status_code == 200


def _chunks() -> Iterator[bytes]:
    for _ in range(80):
        yield b"x" * 1024


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_request_is_refused(web_center, chunked: bool) -> None:
    with web_center.client() as client:
        headers = {"Content-Type": "application/json"}
        content = _chunks() if chunked else b"x" * 70_000
        answer = client.post("/api/v1/session", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/session", "/api/v1/absent", "/../../etc/passwd"])
def test_every_answer_carries_the_headers(web_center, path: str) -> None:
    with web_center.client() as client:
        answer = client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers
        if path.startswith("/api"):
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "live"),
    [
        ("localhost:8760", "http://localhost:8761"),
        ("[::1]:8760", "http://[::1]:8761"),
        ("center.example", "http://center.example:8761"),
        ("evil; script-src *", "http://127.0.0.1:8761"),
    ],
)
def test_the_policy_names_the_media_server_on_the_same_host(web_center, host: str, live: str) -> None:
    with web_center.client() as client:
        policy = client.get("/healthz", headers={"Host": host}).headers["content-security-policy"]
        assert f"connect-src 'self' {live} {live.replace('http', 'ws')};" in policy
        assert "*" not in policy


def test_behind_a_web_server_the_set_address_of_the_media_server_counts(web_center) -> None:
    web_center.settings.live.public_url = "https://media.center.example"
    with web_center.signed_in("li") as client:
        policy = client.get("/healthz").headers["content-security-policy"]
        assert "connect-src 'self' https://media.center.example wss://media.center.example;" in policy
        ticket = client.post("/api/v1/media-tickets").json()
        assert ticket["live_url"] == "wss://media.center.example/media/live"


def test_what_is_no_route_is_a_problem(web_center) -> None:
    with web_center.client() as client:
        assert client.get("/api/v1/absent").json()["title"] == "Not Found"
        assert client.put("/api/v1/session").status_code == 405
        broken = client.post("/api/v1/session", content=b"{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 422


def test_readiness_tells_of_a_database_from_the_future(web_center) -> None:
    with web_center.client() as client:
        with web_center.stores.core.begin() as connection:
            connection.execute(text("UPDATE schema_version_core SET version_num = '9999'"))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:vedette:problem:newer_database")
        assert str(web_center.settings.data_dir) not in answer.text
        assert client.get("/healthz").status_code == 200


def test_a_database_that_breaks_is_a_problem_without_its_details(web_center) -> None:
    with web_center.signed_in("li") as client:
        with web_center.stores.core.begin() as connection:
            connection.execute(text("ALTER TABLE alert RENAME TO elsewhere"))
        answer = client.get("/api/v1/alerts")
        assert answer.status_code == 503
        assert "elsewhere" not in answer.text
        assert "SELECT" not in answer.text


def test_what_is_taken_back_is_gone_with_the_very_next_request(web_center) -> None:
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as admin, web_center.signed_in("li") as client:
        [row] = admin.get("/api/v1/accounts", params={"q": "li"}).json()["items"]
        for _ in range(3):
            assert client.get("/api/v1/alerts").status_code == 200
        grant_id = row["roles"][0]["id"]
        assert admin.delete(f"/api/v1/accounts/{row['id']}/roles/{grant_id}").status_code == 200
        assert client.get("/api/v1/alerts").status_code == 403
        place = {"role": "operator", "center_id": row["center_id"]}
        assert admin.post(f"/api/v1/accounts/{row['id']}/roles", json=place).status_code == 200
        assert client.get("/api/v1/alerts").status_code == 200
        session_id = client.get("/api/v1/session").json()["account"]["session_id"]
        assert admin.delete(f"/api/v1/sessions/{session_id}").status_code == 204
        assert client.get("/api/v1/alerts").status_code == 401


def test_lists_come_in_pages_that_neither_shift_nor_double(web_center) -> None:
    with web_center.signed_in("li") as client:
        for path, count in (("/api/v1/cameras", 2), ("/api/v1/centers", 4)):
            whole = client.get(path).json()
            assert whole["next_cursor"] is None
            seen, cursor = [], None
            while True:
                params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
                page = client.get(path, params=params).json()
                seen += page["items"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
                assert len(page["items"]) == 1
            assert seen == whole["items"]
            assert len(seen) == count
            for wrong in ({"cursor": "x"}, {"cursor": "WzFd"}, {"limit": 0}, {"limit": 1001}):
                assert client.get(path, params=wrong).status_code == 422


def test_requests_are_counted_by_route_and_never_by_address(web_center) -> None:
    with web_center.signed_in("li") as client:
        client.get("/api/v1/cameras")
        client.get("/api/v1/alerts/00000000-0000-7000-8000-000000000000")
        client.get("/api/v1/made-up-by-somebody")
        client.request("BREW", "/api/v1/cameras")
    found = {
        tuple(sample.labels.values())
        for metric in measuring._requests.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
    assert {
        ("GET", "/api/v1/cameras", "200"),
        ("GET", "/api/v1/alerts/{alert_id}", "404"),
        ("GET", "other", "404"),
    } <= found
    assert not [labels for labels in found if "made-up" in str(labels) or "00000000" in str(labels)]
    assert {method for method, _, _ in found} <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}

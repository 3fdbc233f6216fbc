"""Administrators look after people, each within their centers, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from control_center.identity.roles import LENDABLE, Role
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading

pytestmark = pytest.mark.functional
PASSWORD = "four words of mine"
LOAN_US = 20 * 60 * US_PER_S


@pytest.fixture
def admin(web_center):
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as client:
        yield client


def place(web_center, center: str) -> str:
    return web_center.origins[center].center_id


def make(web_center, admin: httpx.Client, username: str, role: str = "operator", center: str = "station-1") -> dict:
    body = {
        "username": username,
        "display_name": username.title(),
        "center_id": place(web_center, center),
        "roles": [{"role": role, "center_id": place(web_center, center)}],
    }
    answer = admin.post("/api/v1/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def enter(client: httpx.Client, username: str, password: str) -> httpx.Response:
    return client.post("/api/v1/session", json={"username": username, "password": password})


def test_a_new_person_signs_in_once_and_works_at_their_center(web_center, admin) -> None:
    made = make(web_center, admin, "li")
    assert made["account"]["state"] == "active"
    assert [(role["role"], role["center_name"]) for role in made["account"]["roles"]] == [("operator", "station-1")]
    with web_center.client() as li:
        assert enter(li, "li", made["one_time_password"]).status_code == 200
        assert li.post("/api/v1/session/password", json={"new_password": PASSWORD}).status_code == 204
        shown = li.get("/api/v1/cameras").json()["items"]
    assert [camera["id"] for camera in shown] == [web_center.cameras["station-1"]]
    with reading(web_center.stores.core) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor == "chen").order_by(AuditEntry.seq)).all()
    assert [entry.action for entry in entries][-3:] == [
        "api:account:create",
        "api:role:grant",
        "api:password:issue",
    ]
    assert entries[-1].center_id == place(web_center, "station-1")


def test_people_are_listed_by_page_text_center_and_state(web_center, admin) -> None:
    for name in ("ana", "bo", "cai"):
        make(web_center, admin, name)
    make(web_center, admin, "dan", center="station-2")
    first = admin.get("/api/v1/accounts", params={"limit": 3}).json()
    rest = admin.get("/api/v1/accounts", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    names = [row["username"] for row in first["items"] + rest["items"]]
    assert names == ["ana", "bo", "cai", "chen", "dan"]
    assert rest["next_cursor"] is None

    def found(**params: str) -> list[str]:
        return [row["username"] for row in admin.get("/api/v1/accounts", params=params).json()["items"]]

    assert found(q="CAI") == found(q="ai") == ["cai"]
    assert found(q="%") == []
    assert found(center_id=place(web_center, "station-2")) == ["dan"]
    assert found(state="disabled") == []


def test_a_county_administrator_sees_their_people_alone(web_center, admin) -> None:
    beside = make(web_center, admin, "dan", center="station-2")["account"]["id"]
    below = make(web_center, admin, "li")["account"]["id"]
    with web_center.signed_in("hu", "county", Role.ADMINISTRATOR) as hu:
        assert {row["username"] for row in hu.get("/api/v1/accounts").json()["items"]} == {"hu", "li"}
        assert hu.get(f"/api/v1/accounts/{below}").status_code == 200
        for method, path in (
            ("GET", ""),
            ("POST", "/password"),
            ("POST", "/disable"),
            ("POST", "/enable"),
        ):
            assert hu.request(method, f"/api/v1/accounts/{beside}{path}").status_code == 404
        role = {"role": "operator", "center_id": place(web_center, "station-2")}
        assert hu.post(f"/api/v1/accounts/{beside}/roles", json=role).status_code == 404
        assert hu.post(f"/api/v1/accounts/{below}/roles", json=role).status_code == 404


def test_a_change_names_the_version_it_was_made_from(web_center, admin) -> None:
    url = f"/api/v1/accounts/{make(web_center, admin, 'li')['account']['id']}"
    seen = admin.get(url).headers["etag"]
    assert admin.patch(url, json={"display_name": "Li Na"}).status_code == 428
    changed = admin.patch(url, json={"display_name": "Li Na"}, headers={"If-Match": seen})
    assert (changed.status_code, changed.json()["display_name"]) == (200, "Li Na")
    late = admin.patch(url, json={"display_name": "Other"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["type"]) == (412, "urn:vedette:problem:precondition_failed")
    again = admin.patch(url, json={"display_name": "Other"}, headers={"If-Match": changed.headers["etag"]})
    assert again.status_code == 200


def test_a_role_taken_back_counts_at_the_next_request(web_center, admin) -> None:
    with web_center.signed_in("li", "station-1") as li:
        account = li.get("/api/v1/session").json()["account"]["id"]
        assert li.get("/api/v1/alerts").status_code == 200
        [role] = admin.get(f"/api/v1/accounts/{account}").json()["roles"]
        assert admin.delete(f"/api/v1/accounts/{account}/roles/{role['id']}").json()["roles"] == []
        assert li.get("/api/v1/alerts").status_code == 403
        assert li.get("/api/v1/session").json()["account"]["rights"] == []
    detail = admin.get(f"/api/v1/accounts/{account}").json()
    assert [(past["role"], past["revoked_by"]) for past in detail["past_roles"]] == [("operator", "chen")]


@pytest.mark.parametrize("deed", ["disable", "password", "revoke"])
def test_a_session_ends_at_once(web_center, admin, deed: str) -> None:
    with web_center.signed_in("li", "station-1") as li:
        account = li.get("/api/v1/session").json()["account"]
        if deed == "revoke":
            [row] = admin.get("/api/v1/sessions", params={"account_id": account["id"]}).json()["items"]
            assert row["id"] == account["session_id"]
            assert admin.delete(f"/api/v1/sessions/{row['id']}").status_code == 204
            assert admin.delete(f"/api/v1/sessions/{row['id']}").status_code == 404
        else:
            assert admin.post(f"/api/v1/accounts/{account['id']}/{deed}").is_success
        assert li.get("/api/v1/session").status_code == 401
        assert enter(li, "li", PASSWORD).is_success == (deed == "revoke")


def test_disabled_and_enabled_again(web_center, admin) -> None:
    with web_center.signed_in("li", "station-1") as li:
        account = li.get("/api/v1/session").json()["account"]["id"]
        assert admin.post(f"/api/v1/accounts/{account}/disable").status_code == 204
        assert admin.get(f"/api/v1/accounts/{account}").json()["state"] == "disabled"
        assert admin.post(f"/api/v1/accounts/{account}/password").status_code == 409
        assert admin.post(f"/api/v1/accounts/{account}/enable").status_code == 204
        assert enter(li, "li", PASSWORD).status_code == 200


def test_nobody_raises_their_own_rights_and_an_administrator_stays(web_center, admin) -> None:
    own = admin.get("/api/v1/session").json()["account"]["id"]
    role = {"role": "auditor", "center_id": place(web_center, "city")}
    assert admin.post(f"/api/v1/accounts/{own}/roles", json=role).status_code == 403
    for deed in ("disable", "password"):
        assert admin.post(f"/api/v1/accounts/{own}/{deed}").status_code == 403
    with web_center.signed_in("wang", role=Role.ADMINISTRATOR) as wang:
        assert wang.post(f"/api/v1/accounts/{own}/disable").status_code == 204
        # The other one is the last now: nobody else is there to remove it, and it cannot remove itself.
        alone = wang.get("/api/v1/session").json()["account"]["id"]
        assert wang.post(f"/api/v1/accounts/{alone}/disable").status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"username": "a b"}, 422),
        ({"username": ""}, 422),
        ({"username": "x" * 65}, 422),
        ({"display_name": "tab\there"}, 422),
        ({"center_id": "elsewhere"}, 404),
        ({"roles": [{"role": "king", "center_id": "x"}]}, 422),
        ({"roles": [{"role": "operator", "center_id": "x"}]}, 404),
        ({"username": "chen"}, 409),
    ],
)
def test_accounts_that_are_refused_leave_nothing(web_center, admin, change, status) -> None:
    body = {"username": "new", "center_id": place(web_center, "city"), "roles": []} | change
    assert admin.post("/api/v1/accounts", json=body).status_code == status
    assert [row["username"] for row in admin.get("/api/v1/accounts").json()["items"]] == ["chen"]


def test_own_sessions_are_shown_and_ended(web_center) -> None:
    with web_center.signed_in("li") as here, web_center.client() as there:
        assert enter(there, "li", PASSWORD).status_code == 200
        rows = here.get("/api/v1/session/others").json()["items"]
        assert sorted(row["current"] for row in rows) == [False, True]
        [other] = [row["id"] for row in rows if not row["current"]]
        assert here.delete(f"/api/v1/session/others/{other}").status_code == 204
        assert there.get("/api/v1/session").status_code == 401
    with web_center.signed_in("bo") as bo, web_center.client() as li:
        assert enter(li, "li", PASSWORD).status_code == 200
        foreign = li.get("/api/v1/session").json()["account"]["session_id"]
        assert bo.delete(f"/api/v1/session/others/{foreign}").status_code == 404
        assert li.get("/api/v1/session").status_code == 200


def test_a_console_locks_and_unlocks(web_center) -> None:
    with web_center.signed_in("li") as li:
        assert li.post("/api/v1/session/lock").status_code == 204
        assert li.get("/api/v1/session").json()["account"]["locked"] is True
        answer = li.get("/api/v1/alerts")
        assert (answer.status_code, answer.json()["type"]) == (423, "urn:vedette:problem:session_locked")
        for method, path in (
            ("POST", "/session/activity"),
            ("POST", "/session/password"),
            ("GET", "/session/others"),
        ):
            body = {"new_password": PASSWORD} if path.endswith("password") else None
            assert li.request(method, f"/api/v1{path}", json=body).status_code == 423
        for path in ("/cameras", "/centers", "/overview"):
            assert li.get(f"/api/v1{path}").status_code == 200
        assert li.post("/api/v1/session/unlock", json={"password": "wrong"}).status_code == 401
        assert li.post("/api/v1/session/unlock", json={"password": PASSWORD}).status_code == 204
        assert li.get("/api/v1/alerts").status_code == 200
        web_center.clock.advance(30 * 60 + 1)
        assert li.get("/api/v1/alerts").status_code == 423


def test_a_supervisor_lends_a_person_and_ends_it(web_center) -> None:
    ours = web_center.alert("station-1")
    with (
        web_center.signed_in("bo", "station-2") as bo,
        web_center.signed_in("su", "station-1", Role.SUPERVISOR) as su,
        web_center.signed_in("wu", "station-2", Role.SUPERVISOR) as wu,
    ):
        assert bo.get(f"/api/v1/alerts/{ours}").status_code == 404
        body = {
            "username": "bo",
            "role": "operator",
            "center_id": place(web_center, "station-1"),
            "until_us": web_center.clock.now_us() + LOAN_US,
            "reason": "festival",
        }
        assert wu.post("/api/v1/loans", json=body).status_code == 404
        assert su.post("/api/v1/loans", json=body | {"username": "nobody"}).status_code == 404
        assert su.post("/api/v1/loans", json=body | {"role": "auditor"}).status_code == 403
        assert su.post("/api/v1/loans", json=body | {"username": "su"}).status_code == 403
        loan = su.post("/api/v1/loans", json=body)
        assert (loan.status_code, loan.json()["state"]) == (201, "in_force")
        assert bo.get(f"/api/v1/alerts/{ours}").status_code == 200
        assert wu.get("/api/v1/loans").json()["items"] == []
        assert wu.delete(f"/api/v1/loans/{loan.json()['id']}").status_code == 404
        assert su.delete(f"/api/v1/loans/{loan.json()['id']}").status_code == 204
        assert bo.get(f"/api/v1/alerts/{ours}").status_code == 404
        assert [row["state"] for row in su.get("/api/v1/loans").json()["items"]] == ["revoked"]
        web_center.clock.advance(1)
        su.post("/api/v1/loans", json=body)
        web_center.clock.advance(20 * 60)
        assert bo.get(f"/api/v1/alerts/{ours}").status_code == 404
        assert [row["state"] for row in su.get("/api/v1/loans").json()["items"]] == ["over", "revoked"]


def test_roles_are_told(web_center) -> None:
    with web_center.signed_in("li") as li:
        roles = li.get("/api/v1/roles").json()["items"]
    assert {row["role"] for row in roles} == set(Role)
    assert {row["role"] for row in roles if row["lendable"]} == set(LENDABLE)


def test_only_who_may_overrule_takes_back_a_colleagues_dismissal(web_center) -> None:
    alert = web_center.alert()
    url = f"/api/v1/alerts/{alert}/transitions"
    with (
        web_center.signed_in("li", "station-1") as li,
        web_center.signed_in("bo", "station-1") as bo,
        web_center.signed_in("su", "station-1", Role.SENIOR_OPERATOR) as su,
    ):
        assert li.post(url, json={"to": "dismissed", "note": "not it", "version": 1}).status_code == 200
        assert bo.post(url, json={"to": "acknowledged", "version": 2}).status_code == 403
        assert li.post(url, json={"to": "acknowledged", "version": 2}).status_code == 200
        assert li.post(url, json={"to": "dismissed", "note": "not it", "version": 3}).status_code == 200
        assert su.post(url, json={"to": "acknowledged", "version": 4}).status_code == 200

"""The second factor over HTTP: a person sets one up, signs in and unlocks with it; an administrator resets it."""

from __future__ import annotations

import base64
import inspect
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from control_center.identity.principal import Rules
from control_center.identity.roles import Role
from foundation.clock import US_PER_S

pytestmark = pytest.mark.functional
PASSWORD = "four words of mine"
FILES = {"/cameras/import": "text/csv", "/repair-pictures": "image/png"}  # take a file


def kind(answer: httpx.Response) -> str:
    return answer.json()["type"].rpartition(":")[2]


class Authenticator:
    """As on a person's telephone: it reads the URI of the QR code."""

    def __init__(self, web_center, uri: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}
        self._totp = TOTP(base64.b32decode(asked["secret"]), int(asked["digits"]), SHA1(), int(asked["period"]))
        self._clock = web_center.clock

    def shown(self) -> str:
        """The next code that was not used."""
        self._clock.advance(30)
        return self._totp.generate(self._clock.now_us() // US_PER_S).decode()


def enrol(web_center, client: httpx.Client) -> tuple[Authenticator, list[str]]:
    begun = client.post("/api/v1/session/second-factor", json={"password": PASSWORD})
    assert begun.status_code == 200, begun.text
    assert begun.headers["cache-control"] == "no-store"
    authenticator = Authenticator(web_center, begun.json()["uri"])
    assert begun.json()["secret"] in begun.json()["uri"]
    confirmed = client.post("/api/v1/session/second-factor/confirm", json={"code": authenticator.shown()})
    assert confirmed.status_code == 200, confirmed.text
    return authenticator, confirmed.json()["recovery_codes"]


def enter(client: httpx.Client, username: str = "li", **code: str) -> httpx.Response:
    return client.post("/api/v1/session", json={"username": username, "password": PASSWORD, **code})


def test_set_up_signed_in_unlocked_and_removed(web_center) -> None:
    with web_center.signed_in("li") as li, web_center.client() as other:
        assert not li.get("/api/v1/session").json()["account"]["has_second_factor"]
        authenticator, recovery_codes = enrol(web_center, li)
        assert len(set(recovery_codes)) == 10
        assert li.get("/api/v1/session").json()["account"]["has_second_factor"]
        assert (enter(other).status_code, kind(enter(other))) == (401, "second_factor")
        assert kind(enter(other, code="000000")) == "second_factor"
        code = authenticator.shown()
        assert enter(other, code=code).status_code == 200
        assert kind(enter(other, code=code)) == "second_factor"
        assert li.post("/api/v1/session/lock").status_code == 204
        locked = li.post("/api/v1/session/second-factor/remove", json={"password": PASSWORD, "code": "000000"})
        assert (locked.status_code, kind(locked)) == (423, "session_locked")
        asked = li.post("/api/v1/session/unlock", json={"password": PASSWORD})
        assert (asked.status_code, kind(asked)) == (401, "second_factor")
        unlocked = li.post("/api/v1/session/unlock", json={"password": PASSWORD, "code": authenticator.shown()})
        assert unlocked.status_code == 204
        wrong = li.post("/api/v1/session/second-factor/remove", json={"password": PASSWORD, "code": "no"})
        assert (wrong.status_code, wrong.json()["where"]) == (422, "code")
        body = {"password": PASSWORD, "code": recovery_codes[0].upper()}
        assert li.post("/api/v1/session/second-factor/remove", json=body).status_code == 204
        assert enter(other).status_code == 200


def test_nothing_of_it_without_the_password_or_twice(web_center) -> None:
    with web_center.signed_in("li") as li:
        wrong = li.post("/api/v1/session/second-factor", json={"password": "not the password"})
        assert (wrong.status_code, wrong.json()["where"]) == (422, "password")
        early = li.post("/api/v1/session/second-factor/confirm", json={"code": "123456"})
        assert early.status_code == 409
        enrol(web_center, li)
        again = li.post("/api/v1/session/second-factor", json={"password": PASSWORD})
        assert again.status_code == 409
    with web_center.client() as nobody:
        for path in ("", "/confirm", "/remove"):
            body = {"password": PASSWORD, "code": "123456"}
            assert nobody.post(f"/api/v1/session/second-factor{path}", json=body).status_code == 401


def test_an_administrator_resets_it_within_their_scope(web_center) -> None:
    with (
        web_center.signed_in("chen", role=Role.ADMINISTRATOR) as chen,
        web_center.signed_in("hu", "station-2", Role.ADMINISTRATOR) as hu,
        web_center.signed_in("li", "station-1") as li,
    ):
        account = li.get("/api/v1/session").json()["account"]["id"]
        url = f"/api/v1/accounts/{account}/second-factor"
        assert chen.delete(url).status_code == 409
        enrol(web_center, li)
        assert li.delete(url).status_code == 403
        assert hu.delete(url).status_code == 404
        before = chen.get(f"/api/v1/accounts/{account}").json()
        assert before["has_second_factor"]
        assert chen.delete(url).status_code == 204
        after = chen.get(f"/api/v1/accounts/{account}").json()
        assert (after["has_second_factor"], after["version"]) == (False, before["version"] + 1)
        assert li.get("/api/v1/session").status_code == 401
        assert enter(li).status_code == 200
        own = chen.get("/api/v1/session").json()["account"]["id"]
        enrol(web_center, chen)
        assert chen.delete(f"/api/v1/accounts/{own}/second-factor").status_code == 403


def test_no_secret_is_in_an_answer_that_was_not_asked_for_it(web_center) -> None:
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as chen:
        begun = chen.post("/api/v1/session/second-factor", json={"password": PASSWORD}).json()
        account = chen.get("/api/v1/session").json()["account"]["id"]
        answers = [
            chen.get(path).text for path in ("/api/v1/session", f"/api/v1/accounts/{account}", "/api/v1/accounts")
        ]
    assert not any(begun["secret"] in answer or "totp" in answer for answer in answers)


def test_a_session_planted_in_a_browser_is_never_taken_over(web_center) -> None:
    """Session fixation: neither a made-up token nor a stranger's own becomes somebody else's session."""
    with web_center.signed_in("bo") as stranger, web_center.signed_in("li") as li:
        authenticator, _ = enrol(web_center, li)
        for planted in ("A" * 43, stranger.cookies["vedette_session"]):
            cookie = {"Cookie": f"vedette_session={planted}"}
            with web_center.client() as browser, web_center.client() as watcher:
                browser.headers.update(cookie)
                halfway = enter(browser)  # the password alone
                assert (halfway.status_code, halfway.headers.get("set-cookie")) == (401, None)
                entered = enter(browser, code=authenticator.shown())
                assert entered.status_code == 200
                assert planted not in entered.headers["set-cookie"]
                seen = watcher.get("/api/v1/session", headers=cookie).json()
                assert seen.get("account", {}).get("username") != "li"


# What helps somebody who has to set up a second factor first, or lets them leave. All else is 403.
OPEN_BEFORE = {
    ("GET", "/session"),
    ("DELETE", "/session"),
    ("POST", "/session/password"),
    ("POST", "/session/activity"),
    ("POST", "/session/lock"),
    ("POST", "/session/unlock"),
    ("GET", "/session/others"),
    ("DELETE", "/session/others/{session_id}"),
    ("POST", "/session/second-factor"),
    ("POST", "/session/second-factor/confirm"),
    ("POST", "/session/second-factor/remove"),
    ("GET", "/tokens"),
    ("DELETE", "/tokens/{token_id}"),
}


def guarded_routes(app: FastAPI) -> list[tuple[str, str]]:
    """All that ask for a principal."""
    found = {
        (method, route.path.removeprefix("/api/v1"))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if any(name.endswith("principal") for name in inspect.get_annotations(route.endpoint))
    }
    assert len(found) > 30
    assert found >= OPEN_BEFORE
    return sorted(found - OPEN_BEFORE)


def test_a_role_that_asks_for_one_opens_nothing_before(web_center) -> None:
    strict = replace(web_center.app.state.context.entrance, rules=Rules(second_factor_roles=frozenset(Role)))
    web_center.app.state.context = replace(web_center.app.state.context, entrance=strict)
    token = {"name": "x", "rights": ["read"], "days": 1, "password": PASSWORD}
    with web_center.signed_in("li") as li:
        assert li.get("/api/v1/session").json()["account"]["must_enrol_second_factor"]
        for method, path in guarded_routes(web_center.app):
            url = re.sub(r"\{[a-z_]+\}", web_center.cameras["station-1"], f"/api/v1{path}")
            if path in FILES:
                answer = li.request(method, url, content=b"x", headers={"Content-Type": FILES[path]})
            else:
                answer = li.request(method, url, json=token if path == "/tokens" else {})
            assert (answer.status_code, answer.json()["detail"]) == (403, "your role needs a second factor."), path
        enrol(web_center, li)
        assert li.get("/api/v1/alerts").status_code == 200

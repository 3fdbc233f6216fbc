"""Guessing over HTTP: spread over accounts, over addresses, and at once; and who goes on working meanwhile.

The server is believed to stand behind a web server of this machine, which names its client in `X-Forwarded-For`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from pwdlib import PasswordHash
from sqlalchemy import select

from control_center.identity import passwords
from control_center.identity.models import Account
from control_center.identity.roles import Role
from control_center.identity.throttle import ADDRESS, KNOWN, STRANGERS
from foundation.audit import AuditEntry
from foundation.database import reading

pytestmark = pytest.mark.functional
on_sqlite = pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
PASSWORD = "four words of mine"


def enter(client: httpx.Client, username: str, password: str, address: str = "") -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    return client.post("/api/v1/session", json={"username": username, "password": password}, headers=headers)


@contextmanager
def person(web_center, username: str) -> Iterator[httpx.Client]:
    """Somebody with a password, in a browser that is known by now, signed out."""
    with web_center.signed_in(username) as client:
        assert client.delete("/api/v1/session").status_code == 204
        yield client


def test_guesses_spread_over_accounts_end_at_their_address(web_center) -> None:
    with person(web_center, "li") as li, web_center.client() as guesser, web_center.client() as newcomer:
        answers = [enter(guesser, f"user-{n}", "a password", "203.0.113.5") for n in range(ADDRESS.guesses + 3)]
        assert [answer.status_code for answer in answers] == [401] * ADDRESS.guesses + [429] * 3
        problem = answers[-1].json()
        assert (problem["type"], problem["status"]) == ("urn:vedette:problem:too_many", 429)
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
        # The right password is not even looked at; elsewhere, and in a browser that is known, it is.
        assert enter(newcomer, "li", PASSWORD, "203.0.113.5").status_code == 429
        assert enter(li, "li", PASSWORD, "203.0.113.5").status_code == 200
        assert enter(newcomer, "li", PASSWORD, "203.0.113.6").status_code == 200
        web_center.clock.advance(30)
        assert enter(guesser, "li", PASSWORD, "203.0.113.5").status_code == 200
    with reading(web_center.stores.core) as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:session:refused")).all()
    assert len(refused) == ADDRESS.guesses  # a flood does not fill the trail


@on_sqlite
def test_an_address_that_a_client_writes_itself_counts_for_nothing(web_center) -> None:
    with web_center.client() as guesser:
        for n in range(ADDRESS.guesses):
            assert enter(guesser, f"user-{n}", "x", f"198.51.100.{n}, 203.0.113.5").status_code == 401
        assert enter(guesser, "user", "x", "198.51.100.200, 203.0.113.5").status_code == 429
        assert enter(guesser, "user", "x", "127.0.0.1, 203.0.113.5, 127.0.0.1").status_code == 429
        assert enter(guesser, "user", "x", "203.0.113.5, 198.51.100.201").status_code == 401


@on_sqlite
def test_a_network_of_ipv6_is_one_address(web_center) -> None:
    with web_center.client() as guesser:
        for n in range(ADDRESS.guesses):
            assert enter(guesser, f"user-{n}", "x", f"2001:db8:0:7:{n:x}::1").status_code == 401
        assert enter(guesser, "user", "x", "2001:db8:0:7:ffff::").status_code == 429
        assert enter(guesser, "user", "x", "2001:db8:0:8::1").status_code == 401


def test_guesses_from_everywhere_stop_strangers_and_nobody_of_the_house(web_center) -> None:
    with (
        person(web_center, "li") as li,
        web_center.signed_in("bo") as bo,
        web_center.client() as guesser,
        web_center.client() as newcomer,
    ):
        bo.post("/api/v1/session/lock")
        answers = [enter(guesser, f"user-{n % 40}", "x", f"10.0.{n // 250}.{n % 250}") for n in range(210)]
        assert [answer.status_code for answer in answers] == [401] * STRANGERS.guesses + [429] * 10
        assert enter(newcomer, "li", PASSWORD, "192.0.2.1").status_code == 429
        assert enter(li, "li", PASSWORD, "192.0.2.1").status_code == 200
        assert bo.post("/api/v1/session/unlock", json={"password": PASSWORD}).status_code == 204
        web_center.clock.advance(2)
        assert enter(newcomer, "li", PASSWORD, "192.0.2.1").status_code == 200


def test_an_account_that_strangers_locked_out_opens_in_its_own_browser_alone(web_center) -> None:
    with person(web_center, "li") as li, person(web_center, "bo") as bo, web_center.client() as stranger:
        for _ in range(10):
            assert enter(stranger, "li", "x", "203.0.113.5").status_code == 401
        told = [enter(client, "li", PASSWORD, "192.0.2.1") for client in (stranger, bo)]
        told.append(enter(stranger, "nobody", PASSWORD, "192.0.2.1"))
        assert {answer.status_code for answer in told} == {401}
        assert len({answer.text for answer in told}) == 1
        assert enter(li, "li", PASSWORD, "192.0.2.1").status_code == 200
        assert enter(stranger, "li", PASSWORD, "192.0.2.1").status_code == 401
        web_center.clock.advance(5 * 60)
        assert enter(stranger, "li", PASSWORD, "192.0.2.1").status_code == 200


@on_sqlite
def test_a_known_browser_guesses_no_more_than_anybody(web_center) -> None:
    with person(web_center, "li") as li, web_center.client() as elsewhere:
        for _ in range(KNOWN.guesses):
            assert enter(li, "li", "x").status_code == 401
        stopped = enter(li, "li", PASSWORD)
        assert (stopped.status_code, stopped.headers["retry-after"]) == (429, "30")
        # It locked nobody out, and took no stranger's place.
        assert enter(elsewhere, "li", PASSWORD).status_code == 200
        # At other accounts, it is a stranger.
        assert enter(li, "bo", "x").status_code == 401
        web_center.clock.advance(30)
        assert enter(li, "li", PASSWORD).status_code == 200


@on_sqlite
def test_whoever_has_an_account_makes_no_browsers_that_are_known_at_others(web_center) -> None:
    with person(web_center, "li") as li, person(web_center, "mallory") as mallory:
        for _ in range(10):
            enter(mallory, "li", "x", "203.0.113.5")
        assert enter(mallory, "li", PASSWORD, "203.0.113.5").status_code == 401
        assert enter(li, "li", PASSWORD, "203.0.113.5").status_code == 200


@on_sqlite
@pytest.mark.parametrize("route", ["unlock", "password", "tokens", "second-factor", "confirm"])
def test_an_open_session_is_no_place_to_guess(web_center, route: str) -> None:
    path, body = {
        "unlock": ("/session/unlock", {"password": "x"}),
        "password": ("/session/password", {"new_password": "other words of mine", "current_password": "x"}),
        "tokens": ("/tokens", {"name": "x", "rights": ["read"], "days": 1, "password": "x"}),
        "second-factor": ("/session/second-factor", {"password": "x"}),
        "confirm": ("/session/second-factor/confirm", {"code": "12345x"}),
    }[route]
    with web_center.signed_in("li") as li, web_center.client() as elsewhere:
        assert li.post("/api/v1/session/second-factor", json={"password": PASSWORD}).status_code == 200
        answers = [li.post(f"/api/v1{path}", json=body) for _ in range(KNOWN.guesses + 2)]
        codes = [answer.status_code for answer in answers]
        assert codes == [401 if route == "unlock" else 422] * KNOWN.guesses + [429] * 2
        assert int(answers[-1].headers["retry-after"]) == 30
        assert li.get("/api/v1/alerts").status_code == 200
        assert enter(elsewhere, "li", PASSWORD).status_code == 200


def test_guesses_sent_at_once_count_before_any_is_answered(web_center) -> None:
    account_id = ""
    with person(web_center, "li"):
        clients = [web_center.client() for _ in range(8)]
        start = threading.Barrier(8)

        def flood(client: httpx.Client) -> list[int]:
            start.wait(20)
            return [enter(client, "li", "x", "203.0.113.5").status_code for _ in range(10)]

        with ThreadPoolExecutor(8) as threads:
            codes = [code for each in threads.map(flood, clients) for code in each]
        for client in clients:
            client.close()
    assert set(codes) <= {401, 429}
    assert codes.count(401) <= ADDRESS.guesses
    with reading(web_center.stores.core) as session:
        account = session.scalars(select(Account).where(Account.username == "li")).one()
        account_id = account.id
        assert account.locked_until_us > web_center.clock.now_us()
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:session:refused")).all()
    assert len(noted) == codes.count(401)
    assert {entry.subject for entry in noted} == {account_id}


@on_sqlite
def test_an_unknown_user_costs_the_same_work_as_a_known_one(web_center, monkeypatch: pytest.MonkeyPatch) -> None:
    with person(web_center, "li") as li, web_center.client() as stranger:
        verified: list[str] = []
        real = passwords._HASHER

        class Counting(PasswordHash):
            def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - pwdlib's name
                verified.append(str(hash))
                return real.verify(password, hash)

        monkeypatch.setattr(passwords, "_HASHER", Counting(real.hashers))
        passwords._nobodys_hash()
        answers = set()
        for count, (client, username) in enumerate(
            [(stranger, "li"), (li, "li"), (stranger, "nobody"), (li, "nobody"), (stranger, " "), (stranger, "a/b")], 1
        ):
            answer = enter(client, username, "wrong")
            answers.add((answer.status_code, answer.text))
            assert len(verified) == count
        assert len(answers) == 1


@on_sqlite
def test_the_browser_is_known_by_a_cookie_that_no_page_reads(web_center) -> None:
    with web_center.signed_in("li") as li, web_center.client() as next_door:
        answer = enter(li, "li", PASSWORD)
        [cookie] = [each for each in answer.headers.get_list("set-cookie") if each.startswith("vedette_device=")]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/api/v1/session" in cookie
        assert "Secure" not in cookie
        assert '"' not in cookie
        account_id = answer.json()["account"]["id"]
        assert account_id not in cookie
        # It lets nobody in.
        next_door.cookies.set("vedette_device", li.cookies["vedette_device"])
        assert next_door.get("/api/v1/session").status_code == 401
        assert enter(next_door, "li", "x").status_code == 401
        # A colleague at the same workstation is known beside the first.
        with web_center.signed_in("bo"):
            pass
        assert enter(li, "bo", PASSWORD).status_code == 200
        for _ in range(10):
            enter(next_door, "bo", "x")
        assert enter(li, "li", PASSWORD).status_code == 200
        assert enter(li, "bo", PASSWORD).status_code == 200
        forwarded = li.post(
            "/api/v1/session",
            json={"username": "li", "password": PASSWORD},
            headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"},
        )
        assert all("Secure" in each for each in forwarded.headers.get_list("set-cookie"))


@on_sqlite
def test_an_administrator_still_helps_during_a_flood(web_center) -> None:
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as chen, web_center.client() as guesser:
        with web_center.signed_in("li"):
            pass
        [row] = chen.get("/api/v1/accounts", params={"q": "li"}).json()["items"]
        for n in range(STRANGERS.guesses + 5):
            enter(guesser, "li", "x", f"10.0.{n // 250}.{n % 250}")
        assert chen.get(f"/api/v1/accounts/{row['id']}").json()["state"] == "locked_out"
        assert chen.post(f"/api/v1/accounts/{row['id']}/password").status_code == 200
        assert chen.get(f"/api/v1/accounts/{row['id']}").json()["state"] == "active"

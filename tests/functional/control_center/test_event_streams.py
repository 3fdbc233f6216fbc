"""The stream of changes on both transports: nothing lost, nothing doubled, nothing beyond one's rights."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from control_center.identity.roles import Role
from control_center.web_api import event_ring, live_events
from foundation import outbox
from foundation.database import transaction

pytestmark = pytest.mark.functional
SOCKET = "/api/v1/events/socket"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_events, "POLL_S", 0.02)
    monkeypatch.setattr(live_events, "CHECK_S", 0.1)


def tell(web_center, count: int, *, start: int = 0, center: str = "city", kind: str = "board.changed") -> None:
    for n in range(start, start + count):
        with transaction(web_center.stores.core) as session:
            origin = web_center.origins[center].center_id
            outbox.append(session, origin, outbox.CONSOLE, outbox.Lane.URGENT, kind, {"n": n})


def position(web_center) -> int:
    with transaction(web_center.stores.core) as session:
        return outbox.newest_position(session.connection())


@contextmanager
def socket_of(
    web_center, client: httpx.Client, last: str | None = None, *, headers: dict[str, str] | None = None
) -> Iterator[ClientConnection]:
    query = f"?last_event_id={last}" if last is not None else ""
    if headers is None:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Cookie": cookies, "Origin": web_center.url}
    url = web_center.url.replace("http", "ws", 1) + SOCKET + query
    with connect(url, additional_headers=headers, proxy=None, compression=None) as socket:
        yield socket


def sse_events(response: httpx.Response) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in response.iter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def follow_sse(web_center, client: httpx.Client, last: str | None) -> Iterator[tuple[str, str, object]]:
    headers = {} if last is None else {"Last-Event-ID": last}
    with client.stream("GET", "/api/v1/events", headers=headers) as response:
        assert response.status_code == 200
        for event in sse_events(response):
            if "event" in event:
                yield event["id"], event["event"], json.loads(event["data"])


def follow_socket(web_center, client: httpx.Client, last: str | None) -> Iterator[tuple[str, str, object]]:
    with socket_of(web_center, client, last) as socket:
        for text in socket:
            message = json.loads(text)
            yield message["id"], message["event"], message["data"]


FOLLOW = pytest.mark.parametrize("follow", [follow_sse, follow_socket])


@FOLLOW
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_or_doubled_over_breaks_at_random(web_center, monkeypatch, follow: Callable, seed: int) -> None:
    """Three writers at once, a ring too small for the backlog, and a follower that breaks off after a few events."""
    monkeypatch.setattr(event_ring, "LONGEST_RING", 20)
    monkeypatch.setattr(event_ring, "BATCH", 7)
    monkeypatch.setattr(live_events, "BATCH", 7)
    monkeypatch.setattr(live_events, "LONGEST_RING", 20)
    chance, total, writers = random.Random(seed), 40, 3
    last, seen = str(position(web_center)), []

    def write(writer: int) -> None:
        tell(web_center, total, start=writer * 1000, center=("city", "station-1", "station-2")[writer])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    with web_center.signed_in("li") as client:
        for thread in threads:
            thread.start()
        while len(seen) < total * writers:
            few = chance.randint(1, 25)
            for event_id, kind, data in follow(web_center, client, last):
                last = event_id
                assert kind == "board.changed"
                seen.append(data["n"])
                few -= 1
                if few == 0 or len(seen) == total * writers:
                    break
        for thread in threads:
            thread.join()
        # Nothing comes after the last one but what is new.
        tell(web_center, 1, start=9999)
        assert next(iter(follow(web_center, client, last)))[2] == {"n": 9999}
    for writer in range(writers):
        own = [n for n in seen if n // 1000 == writer]
        assert own == list(range(writer * 1000, writer * 1000 + total))


@FOLLOW
def test_each_is_told_what_their_rights_and_centers_reach(web_center, follow: Callable) -> None:
    start = str(position(web_center))
    for n, (center, kind) in enumerate(
        (center, kind)
        for center in ("city", "station-1", "station-2")
        for kind in ("alert.created", "camera.changed", "board.changed", "account.changed", "unheard.of")
    ):
        tell(web_center, 1, start=n, center=center, kind=kind)
    tell(web_center, 1, start=100, center="station-1", kind="camera.changed")
    expected = {
        ("one", "station-1", Role.OPERATOR): [5, 6, 7, 100],
        ("tech", "station-1", Role.TECHNICIAN): [6, 100],
        ("boss", "city", Role.SUPERVISOR): [0, 1, 2, 5, 6, 7, 10, 11, 12, 100],
    }
    for (name, center, role), wanted in expected.items():
        with web_center.signed_in(name, center, role) as client:
            seen = []
            for _id, _kind, data in follow(web_center, client, start):
                seen.append(data["n"])
                if data["n"] == 100:
                    break
            assert seen == wanted


def test_a_socket_closes_with_4401_when_the_session_ends(web_center) -> None:
    with web_center.signed_in("li") as client, socket_of(web_center, client) as socket:
        tell(web_center, 1)
        assert json.loads(socket.recv(10))["event"] == "board.changed"
        client.delete("/api/v1/session")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "own"}, 401),
        ({"Origin": "own", "Cookie": "vedette_session=guess"}, 401),
        ({"Authorization": "Bearer vdt_guess"}, 401),
        ({"Authorization": "Bearer vdt_guess", "Cookie": "own", "Origin": "https://evil.example"}, 401),
        ({"Origin": "https://evil.example", "Cookie": "own"}, 403),
        ({"Cookie": "own"}, 403),
    ],
)
def test_no_foreign_page_opens_a_socket_with_our_cookie(web_center, headers: dict[str, str], status: int) -> None:
    with web_center.signed_in("li") as client:
        own = {"Origin": web_center.url, "Cookie": f"vedette_session={client.cookies['vedette_session']}"}
        sent = {name: own[name] if value == "own" else value for name, value in headers.items()}
        with pytest.raises(InvalidStatus) as refused, socket_of(web_center, client, headers=sent):
            pass
        assert refused.value.response.status_code == status
        assert json.loads(refused.value.response.body)["status"] == status


def test_who_may_not_enter_opens_no_socket(web_center) -> None:
    with web_center.client() as client:
        password = web_center.account("fresh")
        client.post("/api/v1/session", json={"username": "fresh", "password": password})
        with pytest.raises(InvalidStatus) as refused, socket_of(web_center, client):
            pass
        assert refused.value.response.status_code == 403


def test_a_program_follows_with_its_token(web_center) -> None:
    with web_center.signed_in("li") as client:
        body = {"name": "wall", "rights": ["enter", "read"], "days": 1, "password": "four words of mine"}
        token = client.post("/api/v1/tokens", json=body).json()
        with socket_of(web_center, client, headers={"Authorization": f"Bearer {token['token']}"}) as socket:
            tell(web_center, 1, kind="camera.changed")
            tell(web_center, 1, start=1)
            assert json.loads(socket.recv(10))["data"] == {"n": 1}
            assert client.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
            with pytest.raises(ConnectionClosed):
                socket.recv(20)


@FOLLOW
def test_a_locked_console_is_told_of_cameras_alone(web_center, follow: Callable) -> None:
    with web_center.signed_in("li") as client, web_center.client() as other:
        other.cookies.update(client.cookies)
        arriving = follow(web_center, other, str(position(web_center)))
        tell(web_center, 1)
        assert next(arriving)[1] == "board.changed"
        client.post("/api/v1/session/lock")
        assert next(arriving)[1] == "feed.reset"
        tell(web_center, 1)
        tell(web_center, 1, start=5, kind="camera.changed")
        assert next(arriving)[1:] == ("camera.changed", {"n": 5})
        client.post("/api/v1/session/unlock", json={"password": "four words of mine"})
        assert next(arriving)[1] == "feed.reset"
        tell(web_center, 1, start=6)
        assert next(arriving)[1:] == ("board.changed", {"n": 6})
        arriving.close()


@FOLLOW
def test_a_role_taken_back_ends_what_it_let_see(web_center, follow: Callable) -> None:
    with (
        web_center.signed_in("chen", role=Role.ADMINISTRATOR) as admin,
        web_center.signed_in("li", "station-1") as client,
    ):
        arriving = follow(web_center, client, str(position(web_center)))
        tell(web_center, 1, center="station-1")
        assert next(arriving)[1] == "board.changed"
        [row] = admin.get("/api/v1/accounts", params={"q": "li"}).json()["items"]
        place = web_center.origins["station-2"].center_id
        body = {"role": "operator", "center_id": place}
        assert admin.post(f"/api/v1/accounts/{row['id']}/roles", json=body).status_code == 200
        assert next(arriving)[1] == "feed.reset"
        tell(web_center, 1, start=7, center="station-2")
        assert next(arriving)[2] == {"n": 7}
        assert admin.delete(f"/api/v1/accounts/{row['id']}/roles/{row['roles'][0]['id']}").status_code == 200
        assert next(arriving)[1] == "feed.reset"
        tell(web_center, 1, start=8, center="station-1")
        tell(web_center, 1, start=9, center="station-2")
        assert next(arriving)[2] == {"n": 9}
        assert admin.post(f"/api/v1/accounts/{row['id']}/disable").status_code == 204
        assert list(arriving) == [] if follow is follow_sse else True
        if follow is follow_socket:
            with pytest.raises(ConnectionClosed):
                next(arriving)


@FOLLOW
@pytest.mark.parametrize("last", ["999999999999", "123456"])
def test_an_event_that_is_not_known_any_more_asks_to_fetch_anew(web_center, follow: Callable, last: str) -> None:
    tell(web_center, 1)
    with web_center.signed_in("li") as client:
        arriving = follow(web_center, client, last)
        assert next(arriving)[1] == "feed.reset"
        tell(web_center, 1, start=3)
        assert next(arriving)[2] == {"n": 3}
        arriving.close()


def test_a_slow_follower_holds_up_nobody_and_little_memory(web_center) -> None:
    """It stops reading; the others go on, and it gets all it missed when it reads again."""
    big = "x" * 20_000
    with web_center.signed_in("li") as client, web_center.client() as quick:
        quick.cookies.update(client.cookies)
        start = str(position(web_center))
        with socket_of(web_center, client, start) as slow:
            for n in range(300):
                with transaction(web_center.stores.core) as session:
                    city = web_center.origins["city"].center_id
                    body = {"n": n, "big": big}
                    outbox.append(session, city, outbox.CONSOLE, outbox.Lane.URGENT, "board.changed", body)
            arriving = follow_sse(web_center, quick, start)
            assert [next(arriving)[2]["n"] for _ in range(300)] == list(range(300))
            arriving.close()
            assert [json.loads(slow.recv(20))["data"]["n"] for _ in range(300)] == list(range(300))


def test_what_a_follower_sends_is_dropped_and_bounded(web_center) -> None:
    with web_center.signed_in("li") as client, socket_of(web_center, client) as socket:
        for _ in range(50):
            socket.send("hello")
        tell(web_center, 1)
        assert json.loads(socket.recv(10))["event"] == "board.changed"
        socket.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            socket.recv(10)


def test_streams_that_are_gone_leave_nothing_behind(web_center) -> None:
    feed = web_center.app.state.context.feed
    with web_center.signed_in("li") as client:
        for follow in (follow_sse, follow_socket):
            arriving = follow(web_center, client, str(position(web_center)))
            tell(web_center, 1)
            next(arriving)
            assert len(feed._following) == 1
            arriving.close()
            end = time.monotonic() + 20
            while feed._following and time.monotonic() < end:
                time.sleep(0.02)
            assert not feed._following
            assert not feed._open

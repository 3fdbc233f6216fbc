"""What the media server refuses, whoever asks and however."""

from __future__ import annotations

import asyncio
import base64
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from ingest.live import media_sessions, requests
from ingest.live.tickets import PURPOSE

pytestmark = pytest.mark.functional

START_US = 1_760_000_000_000_000  # of recorded footage
S = 1_000_000
EVIL = ["http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8760.evil.example", "file://", ""]


@pytest.fixture
def clip(center: Any, media: Any, footage: Any, cars: Any) -> str:
    """The address of footage that exists."""
    footage.record(center.settings.footage_disks[0], media.CAMERA, *cars)
    return f"/media/clips/{media.CAMERA}/main.mp4?start_us={START_US}&end_us={START_US + 5 * S}"


def leave(center: Any) -> str:
    return center.clip_ticket(START_US, START_US + 5 * S)


def cookie_of(client: httpx.AsyncClient) -> str:
    return f"vedette_media={client.cookies['vedette_media']}"


async def live_status(center: Any, cookie: str, **options: Any) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await center.live(cookie, **options)
    assert refused.value.response.headers["content-type"] == "application/problem+json"
    return refused.value.response.status_code


@pytest.mark.parametrize("origin", EVIL)
async def test_a_page_of_another_origin_gets_nothing(center: Any, clip: str, origin: str) -> None:
    async with center.client(center.ticket(), leave(center)) as client:
        for method, path in (("POST", "/media/session"), ("GET", clip), ("OPTIONS", clip), ("GET", "/")):
            answer = await client.request(method, path, headers={"Origin": origin}, json={"ticket": center.ticket()})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers
            assert "set-cookie" not in answer.headers
        assert await live_status(center, cookie_of(client), origin=origin) == 403


@pytest.mark.parametrize("mode", ["navigate", "no-cors"])
async def test_a_link_or_a_picture_in_a_page_of_this_host_gets_nothing(center: Any, clip: str, mode: str) -> None:
    """Such requests carry the cookie, for the host is the same, and no `Origin`."""
    async with center.client(leave(center)) as client:
        del client.headers["origin"]
        assert (await client.get(clip, headers={"Sec-Fetch-Mode": mode})).status_code == 403
        assert (await client.get(clip, headers={"Sec-Fetch-Mode": "cors"})).status_code == 200
        assert (await client.get(clip)).status_code == 200


async def test_a_ticket_is_good_for_one_browser_once(center: Any) -> None:
    ticket = center.ticket()
    async with center.client(ticket) as first, center.client() as second:
        for client in (first, second):
            assert (await client.post("/media/session", json={"ticket": ticket})).status_code == 401
        assert "vedette_media" not in second.cookies


async def test_one_of_many_at_once_gets_the_ticket(center: Any) -> None:
    ticket = center.ticket()
    async with center.client() as client:
        answers = await asyncio.gather(*(client.post("/media/session", json={"ticket": ticket}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [204] + [401] * 19


async def test_a_tampered_ticket_is_none(center: Any) -> None:
    key_id, _, sealed = center.ticket().partition(":")
    raw = bytearray(base64.b64decode(sealed))
    async with center.client() as client:
        for place in (0, 12, len(raw) // 2, len(raw) - 1):
            raw[place] ^= 1
            for ticket in (f"{key_id}:{base64.b64encode(raw).decode()}", f"{'0' * 16}:{sealed}", sealed):
                assert (await client.post("/media/session", json={"ticket": ticket})).status_code == 401
            raw[place] ^= 1
        for content in (b"{}", b"[]", b"\xff", b'{"account": "x"}'):
            sealed_here = center.keyring.seal(content, PURPOSE)
            assert (await client.post("/media/session", json={"ticket": sealed_here})).status_code == 401


async def test_a_ticket_from_before_the_servers_start_or_past_its_minute_is_refused(center: Any) -> None:
    old = center.ticket()
    center.clock.advance(60)
    async with center.client() as client:
        assert (await client.post("/media/session", json={"ticket": old})).status_code == 401
        from_before = center.ticket(issued_us=center.clock.now_us() - 61 * S)
        assert (await client.post("/media/session", json={"ticket": from_before})).status_code == 401


async def test_a_camera_that_the_leave_does_not_name_is_refused(center: Any, media: Any, clip: str) -> None:
    async with center.client(center.ticket(), leave(center)) as client:
        cookie = cookie_of(client)
        for camera in (media.OTHER, media.CAMERA[:-1], media.CAMERA.upper(), media.CAMERA + "%20", "*"):
            assert await live_status(center, cookie, camera=camera) == 403
            assert (await client.get(clip.replace(media.CAMERA, camera))).status_code == 403


@pytest.mark.parametrize(
    ("start_us", "end_us"),
    [(-1, 5 * S), (0, 5 * S + 1), (-5 * S, 0), (5 * S, 10 * S), (-1, 5 * S + 1), (3 * S, 3 * S), (4 * S, 1 * S)],
)
async def test_footage_beyond_the_window_is_refused(
    center: Any, media: Any, clip: str, start_us: int, end_us: int
) -> None:
    async with center.client(leave(center)) as client:
        url = f"/media/clips/{media.CAMERA}/main.mp4?start_us={START_US + start_us}&end_us={START_US + end_us}"
        assert (await client.get(url)).status_code == 403
        assert (await client.head(url)).status_code == 403
        assert (await client.get(clip.replace("main", "sub"))).status_code == 403
        assert (await client.get(clip)).status_code == 200


async def test_two_windows_are_not_one(center: Any, media: Any, clip: str) -> None:
    windows = center.clip_ticket(START_US, START_US + 3 * S), center.clip_ticket(START_US + 3 * S, START_US + 5 * S)
    async with center.client(*windows) as client:
        assert (await client.get(clip)).status_code == 403


async def test_leave_to_watch_is_none_to_play_and_the_reverse(center: Any, clip: str) -> None:
    async with center.client(center.ticket()) as watcher, center.client(leave(center)) as player:
        assert (await watcher.get(clip)).status_code == 403
        assert await live_status(center, cookie_of(player)) == 403


async def test_the_cookie_goes_to_the_media_server_alone_and_to_no_script(center: Any) -> None:
    async with center.client() as client:
        answer = await client.post("/media/session", json={"ticket": center.ticket()})
        name, *attributes = answer.headers["set-cookie"].lower().split("; ")
        assert {"httponly", "samesite=strict", "path=/media"} <= set(attributes)
        assert not any(attribute.startswith("domain=") for attribute in attributes)
        assert len(name.partition("=")[2]) == 43  # 256 bits
        assert "secure" not in attributes
        forwarded = {"X-Forwarded-Proto": "https"}
        answer = await client.post("/media/session", json={"ticket": center.ticket()}, headers=forwarded)
        assert "secure" in answer.headers["set-cookie"].lower().split("; ")


async def test_a_cookie_that_a_client_made_up_never_becomes_a_session(center: Any, clip: str) -> None:
    planted = "A" * 43
    async with center.client() as victim:
        victim.cookies.set("vedette_media", planted, path="/media")
        answer = await victim.post("/media/session", json={"ticket": leave(center)})
        given = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        assert given != planted
    async with center.client() as attacker:
        for cookie in (planted, "", given[:-1], given + "A", "x" * 10_000):
            assert (await attacker.get(clip, headers={"Cookie": f"vedette_media={cookie}"})).status_code == 401


async def test_a_leave_is_not_added_to_somebody_elses_session(center: Any, media: Any, clip: str) -> None:
    """An attacker's own session, planted in a browser, gets nothing of what its person is given."""
    async with center.client(center.ticket(holder=media.LI)) as attacker:
        planted = attacker.cookies["vedette_media"]
        async with center.client() as victim:
            victim.cookies.set("vedette_media", planted, path="/media")
            answer = await victim.post("/media/session", json={"ticket": leave(center)})
            assert answer.status_code == 204
            assert planted not in answer.headers["set-cookie"]
        assert (await attacker.get(clip)).status_code == 403


async def test_a_body_is_neither_large_nor_slow(center: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with center.client() as client:
        large = await client.post("/media/session", content=b'{"ticket": "' + b"x" * (5 << 20))
        assert large.status_code == 422
        monkeypatch.setattr(requests, "_PATIENCE_S", 0.05)

        async def never_ending() -> Any:
            yield b'{"ticket": "'
            await asyncio.sleep(5)

        assert (await client.post("/media/session", content=never_ending())).status_code == 422
        monkeypatch.setattr(requests, "_MOST_AT_ONCE", 100)
        many = await client.post("/media/session", json={"ticket": center.ticket()})
        assert (many.status_code, many.json()["type"]) == (429, "urn:vedette:problem:too_many")
        monkeypatch.undo()
        await center.exchange(client, center.ticket())


@pytest.mark.parametrize(
    "path",
    [
        "/media/clips/../../../etc/passwd",
        "/media/clips/..%2f..%2f..%2fetc%2fpasswd/main.mp4",
        "/media/clips/%2e%2e/main.mp4",
        "/media/clips/{camera}/..%2f..%2fcore.mp4",
        "/media/clips/{camera}/../../core.sqlite3",
        "/media/clips/{camera}%00/main.mp4",
        "/media/clips/{camera}/main.mp4%00",
        "/media/clips//main.mp4",
        "/media/clips/{camera}/main.mp4/",
        "/media/live/../../../etc/passwd",
        "//media/clips/{camera}/main.mp4",
        "/media/session/../clips/{camera}/main.mp4",
    ],
)
async def test_no_path_leads_out(center: Any, media: Any, clip: str, path: str) -> None:
    async with center.client(leave(center)) as client:
        asked = f"{path.format(camera=media.CAMERA)}?{clip.partition('?')[2]}"
        answer = await raw_answer(center, f"GET {asked} HTTP/1.1", f"Cookie: {cookie_of(client)}")
        assert int(answer.split()[1]) in (307, 400, 403, 404)
        assert b"root:" not in answer
        assert b"SQLite" not in answer
        assert b"ftyp" not in answer


async def raw_answer(center: Any, *head: str) -> bytes:
    """As it stands: a client of the usual kind would tidy the path up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", center.port)
    writer.write("\r\n".join([*head, "Host: x", "Connection: close", "", ""]).encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(2000)), 200),
        ("bytes=0-" + "9" * 400, 200),
        ("bytes=99999999999-", 416),
        ("bytes=--5", 200),
        ("bytes=5-1", 200),
        ("lines=1-2", 200),
        ("bytes=\u0661-", 200),
        ("bytes=-0", 416),
    ],
)
async def test_a_range_without_sense_is_the_whole_or_none(center: Any, clip: str, header: str, status: int) -> None:
    async with center.client(leave(center)) as client:
        whole = await client.get(clip)
        answer = await client.get(clip, headers={"Range": header.encode()})
        assert answer.status_code == status
        assert answer.content == whole.content or status == 416


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start_us=1",
        "start_us=-1&end_us=5",
        "start_us=1e3&end_us=5",
        f"start_us={'9' * 19}&end_us=5",
        "start_us=١&end_us=5",
    ],
)
async def test_a_time_without_sense_is_refused(center: Any, media: Any, query: str) -> None:
    async with center.client(leave(center)) as client:
        assert (await client.get(f"/media/clips/{media.CAMERA}/main.mp4?{query}")).status_code == 422


async def test_an_account_watches_so_many_pictures_and_no_more(
    center: Any, media: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_sessions, "MOST_VIEWERS", 3)
    cookies = [await center.cookie() for _ in range(2)]
    async with AsyncExitStack() as shown:
        for cookie in (*cookies, cookies[0]):
            await shown.enter_async_context(center.live(cookie))
        assert await live_status(center, cookies[1]) == 429
        async with center.live(await center.cookie(holder=media.LI)):
            pass
    async with center.live(cookies[1]):
        pass


async def test_an_account_is_sent_so_many_clips_and_no_more(
    center: Any, media: Any, footage: Any, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_sessions, "MOST_CLIPS", 2)
    file = shared_data / "video" / "intel_car-detection.mp4"
    for n in range(8):  # answers larger than what lies on the way to a client that does not read
        units = footage.read_units(file, START_US + n * 60 * S)
        footage.record(center.settings.footage_disks[0], media.CAMERA, *units, n=n)
    end_us = START_US + 8 * 60 * S
    clip = f"/media/clips/{media.CAMERA}/main.mp4?start_us={START_US}&end_us={end_us}"
    async with center.client(center.clip_ticket(START_US, end_us)) as client, AsyncExitStack() as sent:
        for _ in range(2):
            await sent.enter_async_context(client.stream("GET", clip))
        answer = await client.get(clip)
        assert (answer.status_code, answer.json()["type"]) == (429, "urn:vedette:problem:too_many")


async def test_an_account_has_so_many_media_sessions_and_the_idle_one_makes_room(
    center: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_sessions, "MOST_SESSIONS", 2)
    first, second = [await center.cookie() for _ in range(2)]
    async with center.live(first):
        third = await center.cookie()
        assert await live_status(center, second) == 401
        async with center.live(third), center.client() as client:
            answer = await client.post("/media/session", json={"ticket": center.ticket()})
            assert (answer.status_code, answer.json()["type"]) == (429, "urn:vedette:problem:too_many")
            assert answer.json()["mend"]


async def test_what_is_refused_is_not_noted(center: Any, media: Any, clip: str) -> None:
    async with center.client(center.ticket(), leave(center)) as client:
        assert await live_status(center, cookie_of(client), camera=media.OTHER) == 403
        await client.get(clip.replace(media.CAMERA, media.OTHER))
        await client.get(clip, headers={"Origin": "http://evil.example"})
    assert center.noted() == []

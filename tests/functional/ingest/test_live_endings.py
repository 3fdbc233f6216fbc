"""What is shown ends when the leave for it does; and each viewing is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from ingest.live.ended import FILE_NAME, note_ended

pytestmark = pytest.mark.functional

START_US = 1_760_000_000_000_000  # of recorded footage
S = 1_000_000
End = Callable[[Any, Any], None]


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110, what is waited for has no event
            await asyncio.sleep(0.01)


async def within(waited: Awaitable[Any]) -> Any:
    async with asyncio.timeout(10):
        return await waited


def sign_out(center: Any, media: Any) -> None:
    note_ended(center.settings.run_dir, center.clock, session_ids=[media.ZHANG.session_id])


def change_rights(center: Any, media: Any) -> None:
    note_ended(center.settings.run_dir, center.clock, account_ids=[media.ZHANG.account_id])


def damage_the_file(center: Any, media: Any) -> None:
    center.clock.advance(0.001)
    (center.settings.run_dir / FILE_NAME).write_bytes(b"{")


ENDS = [sign_out, change_rights, damage_the_file]


async def answers(client: httpx.AsyncClient, url: str, status: int) -> None:
    """Sooner or later."""
    async with asyncio.timeout(10):
        while (await client.get(url)).status_code != status:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def until_closed(viewer: ClientConnection) -> ConnectionClosedError:
    async with asyncio.timeout(10):
        try:
            while True:
                await viewer.recv()
        except ConnectionClosedError as closed:
            return closed


async def refused(center: Any, cookie: str) -> int:
    with pytest.raises(InvalidStatus) as caught:
        await center.live(cookie)
    return caught.value.response.status_code


@pytest.mark.parametrize("end", ENDS)
async def test_live_pictures_end_at_once(center: Any, media: Any, cars: Any, end: End) -> None:
    cookie = await center.cookie()
    async with center.live(cookie) as viewer:
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:60])
        await within(viewer.recv())
        end(center, media)
        closed = await until_closed(viewer)
        assert closed.rcvd is not None
        assert (closed.rcvd.code, closed.rcvd.reason) == (1008, "the leave to watch is over")
    assert await refused(center, cookie) == 401
    await until(lambda: not center.recorder.writers)


@pytest.mark.parametrize("end", ENDS)
async def test_a_clip_under_way_breaks_off(center: Any, media: Any, footage: Any, shared_data: Path, end: End) -> None:
    """Also for a reader who takes it slowly: what is left of the answer does not come."""
    file = shared_data / "video" / "intel_car-detection.mp4"
    for n in range(8):  # more than the sockets' buffers hold
        footage.record(
            center.settings.footage_disks[0], media.CAMERA, *footage.read_units(file, START_US + n * 60 * S), n=n
        )
    start_us, end_us = START_US, START_US + 8 * 60 * S
    url = f"/media/clips/{media.CAMERA}/main.mp4?start_us={start_us}&end_us={end_us}"
    async with center.client(center.clip_ticket(start_us, end_us)) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200
        chunks = answer.aiter_raw()
        taken = len(await anext(chunks))
        end(center, media)
        await answers(client, url, 401)
        await asyncio.sleep(1)  # two looks at who has ended
        with pytest.raises(httpx.RemoteProtocolError):
            taken += sum([len(chunk) async for chunk in chunks])
        assert 0 < taken < int(answer.headers["content-length"])


async def test_pictures_end_for_a_viewer_who_does_not_read_as_well(center: Any, media: Any, cars: Any) -> None:
    viewer = await center.live(await center.cookie(), max_queue=1)
    await until(lambda: center.recorder.writers)
    for _ in range(12):  # more than the sockets' buffers hold
        center.recorder.send(cars[1][:250], gap=True)
        await asyncio.sleep(0.1)
    sign_out(center, media)
    await until(lambda: len(center.noted()) == 2)
    viewer.transport.abort()


async def test_a_ticket_not_handed_in_yet_is_refused(center: Any, media: Any) -> None:
    for end in ENDS:
        live, clip = center.ticket(), center.clip_ticket(1, S)
        async with center.client() as client:
            end(center, media)
            for ticket in (live, clip):
                assert (await client.post("/media/session", json={"ticket": ticket})).status_code == 401


async def test_others_go_on(center: Any, media: Any, cars: Any) -> None:
    elsewhere = media.Holder(media.ZHANG.account, media.ZHANG.account_id, "another session")
    cookies = [await center.cookie(holder=holder) for holder in (media.LI, elsewhere)]
    async with (
        center.live(cookies[0]) as theirs,
        center.live(cookies[1]) as other,
        center.live(await center.cookie()) as ours,
    ):
        sign_out(center, media)
        await until_closed(ours)
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:60])
        assert await within(theirs.recv()) == await within(other.recv())


async def test_a_locked_console_keeps_its_wall_and_loses_its_clips(
    center: Any, media: Any, footage: Any, cars: Any
) -> None:
    footage.record(center.settings.footage_disks[0], media.CAMERA, *cars)
    url = f"/media/clips/{media.CAMERA}/main.mp4?start_us={START_US}&end_us={START_US + 5 * S}"
    async with center.client(center.ticket(), center.clip_ticket(START_US, START_US + 5 * S)) as client:
        cookie = f"vedette_media={client.cookies['vedette_media']}"
        assert (await client.get(url)).status_code == 200
        async with center.live(cookie) as viewer:
            note_ended(center.settings.run_dir, center.clock, locked_session_ids=[media.ZHANG.session_id])
            await answers(client, url, 403)
            await until(lambda: center.recorder.writers)
            center.recorder.send(cars[1][:60])
            assert await within(viewer.recv())
            center.clock.advance(1)
            await center.exchange(client, center.clip_ticket(START_US, START_US + 5 * S))
            assert (await client.get(url)).status_code == 200


async def test_a_renewal_carries_pictures_beyond_the_end_of_their_first_leave(
    center: Any, media: Any, cars: Any
) -> None:
    now_us = center.clock.now_us()
    async with center.client(center.ticket(until_us=now_us + 60 * S)) as client:  # noqa: SIM117 - the cookie comes first
        async with center.live(f"vedette_media={client.cookies['vedette_media']}") as viewer:
            await center.exchange(client, center.ticket(until_us=now_us + 600 * S))
            center.clock.advance(120)
            await asyncio.sleep(1)  # two looks at who has ended
            await until(lambda: center.recorder.writers)
            center.recorder.send(cars[1][:60])
            assert await within(viewer.recv())
            center.clock.advance(600)
            await until_closed(viewer)


async def test_each_viewing_is_noted(center: Any, media: Any, footage: Any, cars: Any) -> None:
    footage.record(center.settings.footage_disks[0], media.CAMERA, *cars)
    span = (START_US + S, START_US + 5 * S)
    url = f"/media/clips/{media.CAMERA}/main.mp4?start_us={span[0]}&end_us={span[1]}"
    clip = center.clip_ticket(START_US, START_US + 60 * S, alert_id="alert")
    async with center.client(center.ticket(), clip) as client:
        async with center.live(f"vedette_media={client.cookies['vedette_media']}"):
            await until(lambda: len(center.noted()) == 1)
            begun_us = center.clock.now_us()
            center.clock.advance(30)
        await until(lambda: len(center.noted()) == 2)
        await client.head(url)
        await client.get(url, headers={"Origin": "http://evil.example"})
        assert len(center.noted()) == 2
        for part in ("bytes=0-99", "bytes=100-199", "bytes=0-"):
            await client.get(url, headers={"Range": part})
    begun, ended, played = center.noted()
    assert (begun["what"], begun["account"], begun["from_us"], begun["to_us"]) == ("live", "zhang", begun_us, None)
    assert (ended["began"], ended["to_us"], ended["ticket"]) == (begun["id"], begun_us + 30 * S, begun["ticket"])
    assert (played["what"], played["from_us"], played["to_us"], played["alert_id"]) == ("clip", *span, "alert")
    assert played["session_id"] == media.ZHANG.session_id

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from foundation.errors import ConfigError, PortInUse
from foundation.settings import ListenSettings
from ingest import tap
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.live.process import listen

pytestmark = pytest.mark.functional

CAMERA, OTHER = "0199a000-0000-7000-8000-000000000001", "0199a000-0000-7000-8000-000000000002"
START_US = 1_760_000_000_000_000  # of recorded footage
S = 1_000_000
CONSOLE = "http://127.0.0.1:8760"
Source = tuple[CodecParameters, list[AccessUnit]]
Center = Any  # of media_center.py


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110, what is waited for has no event
            await asyncio.sleep(0.01)


async def receive(viewer: ClientConnection) -> str | bytes:
    async with asyncio.timeout(10):
        return await viewer.recv()


async def opening_of(viewer: ClientConnection) -> tuple[dict[str, Any], bytes]:
    description, init = await receive(viewer), await receive(viewer)
    assert isinstance(description, str)
    assert isinstance(init, bytes)
    return json.loads(description), init


async def fragments_of(viewer: ClientConnection, count: int) -> bytes:
    messages = [await receive(viewer) for _ in range(count)]
    assert all(isinstance(message, bytes) for message in messages)
    return b"".join(messages)


def decoded(data: bytes) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(data)) as container:
        return list(container.decode(video=0))


async def test_a_ticket_becomes_a_session_once(center: Center) -> None:
    ticket = center.ticket()
    async with center.client() as client:
        answer = await client.post("/media/session", json={"ticket": ticket})
        assert answer.status_code == 204
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        attributes = answer.headers["set-cookie"].lower().split("; ")
        assert attributes[0].startswith("vedette_media=")
        assert {"httponly", "samesite=strict", "path=/media", "max-age=43200"} <= set(attributes)
        assert ticket not in answer.headers["set-cookie"]
        again = await client.post("/media/session", json={"ticket": ticket})
        assert again.status_code == 401
        assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ticket": 1}', b"[" * 10_000])
async def test_a_body_without_a_ticket_is_refused(center: Center, body: bytes) -> None:
    async with center.client() as client:
        assert (await client.post("/media/session", content=body)).status_code == 422


async def test_a_forged_old_or_foreign_ticket_is_refused(center: Center) -> None:
    old = center.ticket()
    center.clock.advance(61)
    foreign = center.keyring.seal(b'{"account": "x"}', "credential")
    async with center.client() as client:
        for ticket in (old, foreign, "nonsense", center.ticket()[:-8] + "AAAAAAA="):
            assert (await client.post("/media/session", json={"ticket": ticket})).status_code == 401


async def test_only_the_consoles_origin_is_let_in(center: Center) -> None:
    async with center.client() as client:
        for origin in ("http://127.0.0.1:8760", "http://localhost:8760"):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            allowed = await client.options("/media/session", headers=asked)
            assert allowed.status_code == 204
            assert allowed.headers["access-control-allow-origin"] == origin
            assert allowed.headers["access-control-allow-credentials"] == "true"
            assert "x-vedette" in allowed.headers["access-control-allow-headers"]
        for origin in ("http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8760.evil.example"):
            answer = await client.post("/media/session", json={"ticket": center.ticket()}, headers={"Origin": origin})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers
    cookie = await center.cookie()
    with pytest.raises(InvalidStatus) as refused:
        await center.live(cookie, origin="http://evil.example")
    assert refused.value.response.status_code == 403


async def test_unknown_routes_and_methods_are_problems(center: Center) -> None:
    async with center.client() as client:
        for method, path, status in (("GET", "/", 404), ("GET", "/media/session", 405), ("DELETE", "/media/x", 404)):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_live_begins_with_parameters_then_init_then_a_keyframe(center: Center, cars: Source) -> None:
    async with center.live(await center.cookie()) as viewer:
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][1:100])
        description, init = await opening_of(viewer)
        parameters = cars[0]
        assert description == {
            "mime": f'video/mp4; codecs="{parameters.rfc6381}"',
            "width": parameters.width,
            "height": parameters.height,
        }
        frames = decoded(init + await fragments_of(viewer, 20))
    keyframe = next(number for number, unit in enumerate(cars[1]) if number and unit.is_keyframe)
    assert keyframe < 100
    assert frames[0].key_frame
    assert len(frames) >= 20
    assert frames[0].pts == 0


async def test_many_viewers_share_one_subscription_which_ends_with_the_last(center: Center, cars: Source) -> None:
    cookie = await center.cookie()
    async with center.live(cookie) as first:
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:80])
        opening = await opening_of(first)
        begun = await fragments_of(first, 30)
        async with center.live(cookie) as second, center.live(cookie) as third:
            # Who comes later begins at the last keyframe at once, without waiting for the next.
            for later in (second, third):
                assert await opening_of(later) == opening
                assert decoded(opening[1] + await fragments_of(later, 2))[0].key_frame
            assert center.recorder.requests == [[(CAMERA, "main")]]
        assert len(center.recorder.writers) == 1
    assert decoded(opening[1] + begun)[0].key_frame
    await until(lambda: not center.recorder.writers)


async def test_a_restarted_recorder_goes_on_in_the_same_picture(center: Center, cars: Source) -> None:
    async with center.live(await center.cookie()) as viewer:
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:40])
        _, init = await opening_of(viewer)
        first = await fragments_of(viewer, 10)
        await center.recorder.stop()
        (center.settings.run_dir / "recorder-0.tap").unlink()
        await center.recorder.start(center.settings.run_dir / "recorder-0.tap")
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:40])
        while not isinstance(message := await receive(viewer), str):
            first += message
        init_again = await receive(viewer)
        assert init_again == init
        second = await fragments_of(viewer, 10)
        # Decode times go on where they stopped, although the camera's own started again.
        assert decoded(init + second)[0].pts > decoded(init + first)[-1].pts - 90_000


async def test_changed_parameters_are_told_before_the_pictures_that_need_them(
    center: Center, footage: Any, cars: Source, shared_data: Path
) -> None:
    parameters, units = footage.read_units(shared_data / "video" / "decode_edge" / "mp4ff_prog_8s.mp4")
    async with center.live(await center.cookie()) as viewer:
        await until(lambda: center.recorder.writers)
        center.recorder.send(cars[1][:30])
        first, _ = await opening_of(viewer)
        for writer in center.recorder.writers:
            writer.write(tap.encode_parameters(0, parameters))
        center.recorder.send(units[:30])
        while not isinstance(message := await receive(viewer), str):
            pass
        init = await receive(viewer)
        assert json.loads(message)["width"] == parameters.width != first["width"]
        assert isinstance(init, bytes)
        assert decoded(init + await fragments_of(viewer, 5))[0].width == parameters.width


async def test_live_is_refused_without_session_scope_or_stream(center: Center) -> None:
    cookie = await center.cookie(CAMERA, OTHER)
    cases = [("", CAMERA, "main", 401), (cookie, "someone", "main", 403), (cookie, OTHER, "main", 404)]
    for sent, camera, stream, status in [*cases, (cookie, CAMERA, "sub", 404)]:
        with pytest.raises(InvalidStatus) as refused:
            await center.live(sent, camera, stream)
        assert refused.value.response.status_code == status
        assert refused.value.response.headers["content-type"] == "application/problem+json"
    assert center.recorder.requests == []


async def test_live_ends_with_its_leave(center: Center) -> None:
    expires_us = center.clock.now_us() + S // 2
    async with center.live(await center.cookie(until_us=expires_us)) as viewer:
        center.clock.advance(1)
        with pytest.raises(ConnectionClosedError) as closed:
            await receive(viewer)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    async with center.client() as client:
        refused = await client.post("/media/session", json={"ticket": center.ticket(until_us=expires_us)})
        assert refused.status_code == 401


async def test_a_clip_is_served_whole_and_in_ranges(center: Center, footage: Any, cars: Source) -> None:
    footage.record(center.settings.footage_disks[0], CAMERA, *cars)
    url = f"/media/clips/{CAMERA}/main.mp4?start_us={START_US + 5 * S}&end_us={START_US + 9 * S}"
    async with center.client(center.clip_ticket(START_US, START_US + 60 * S)) as client:
        whole = await client.get(url)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["access-control-allow-origin"] == CONSOLE
        size = len(whole.content)
        assert decoded(whole.content)[0].key_frame
        parts = [
            (await client.get(url, headers={"Range": f"bytes={at}-{at + 39_999}"})) for at in range(0, size, 40_000)
        ]
        assert {part.status_code for part in parts} == {206}
        assert parts[1].headers["content-range"] == f"bytes 40000-79999/{size}"
        assert b"".join(part.content for part in parts) == whole.content
        tail = await client.get(url, headers={"Range": "bytes=-10"})
        assert tail.content == whole.content[-10:]
        behind = await client.get(url, headers={"Range": f"bytes={size}-"})
        assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{size}")
        assert behind.headers["content-type"] == "application/problem+json"
        changed = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
        assert (changed.status_code, len(changed.content)) == (200, size)
        head = await client.head(url)
        assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")


async def test_a_clip_being_watched_stays_as_it_was_while_the_camera_records(
    center: Center, footage: Any, cars: Source
) -> None:
    parameters, units = cars
    disk = center.settings.footage_disks[0]
    url = f"/media/clips/{CAMERA}/main.mp4?start_us={START_US}&end_us={START_US + 30 * S}"
    footage.record(disk, CAMERA, parameters, units[:100], complete=False)
    async with center.client(center.clip_ticket(START_US, START_US + 60 * S)) as client:
        whole = (await client.get(url)).content
        more = next(number for number, unit in enumerate(units) if number > 100 and unit.is_keyframe)
        footage.record(disk, CAMERA, parameters, units[more : more + 100], n=1)
        part = await client.get(url, headers={"Range": "bytes=1000-1999"})
        assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
        assert part.content == whole[1000:2000]
        assert len((await client.get(url)).content) > len(whole)


async def test_a_clip_is_refused_without_footage_or_sense(center: Center, footage: Any, cars: Source) -> None:
    footage.record(center.settings.footage_disks[0], CAMERA, *cars)
    span = f"start_us={START_US}&end_us={START_US + S}"
    leaves = [
        center.clip_ticket(START_US, START_US + S, stream="sub"),
        center.clip_ticket(1, S),
        center.clip_ticket(10, 3600 * S),
    ]
    async with center.client(*leaves) as client:
        for path, status in (
            (f"{CAMERA}/sub.mp4?{span}", 404),
            (f"{CAMERA}/main.mp4?start_us=1&end_us={S}", 404),
            (f"{CAMERA}/main.mp4?start_us=x&end_us=1", 422),
            (f"{CAMERA}/main.mp4", 422),
            (f"{CAMERA}/main.mp4?start_us=10&end_us={601 * S}", 422),
            (f"{CAMERA}/main.mp4?start_us=2&end_us=1", 403),
            (f"{CAMERA}/main.mp4?start_us=0&end_us={10**18 - 1}", 403),
        ):
            answer = await client.get(f"/media/clips/{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_process_ends_cleanly_and_names_a_port_in_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        listen(ListenSettings(host="192.0.2.1", port=1))
    taken = socket.create_server(("127.0.0.1", 0))
    with pytest.raises(PortInUse, match=r"live\.port"):
        listen(ListenSettings(port=taken.getsockname()[1]))
    port = taken.getsockname()[1]
    taken.close()
    code = "from foundation.settings import load_settings; from ingest.live import run_live; run_live(load_settings())"
    environment = {"VEDETTE_DATA_DIR": str(tmp_path), "VEDETTE_LIVE__PORT": str(port)}
    child = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment})
    try:
        for _ in range(200):
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 404
                break
            except httpx.ConnectError:
                assert child.poll() is None
                asyncio.run(asyncio.sleep(0.05))
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
    finally:
        child.kill()
        child.wait()

"""Streams that a child process receives over UDP: GStreamer's server, and devices that break the rules."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import StreamError, StreamRefused, StreamSilent
from foundation.http_auth import Credentials
from foundation.nal import Codec, is_parameter_set, length_prefixed, split_length_prefixed
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.fallback.session import FallbackSession
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.session import RtspSession
from ingest.rtsp.timeline import UtcLine

pytestmark = pytest.mark.functional

VIEWER = Credentials("viewer", "right")
CLOCKS = {"clock": SYSTEM_CLOCK, "utc": UtcLine(SYSTEM_CLOCK)}
SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track\r\n"


@pytest.fixture(scope="module")
def gstreamer(gstreamer_serving: Any) -> Iterator[Any]:
    with gstreamer_serving("--udp") as server:
        yield server


@pytest.fixture(scope="module")
def interleaved(gstreamer_serving: Any) -> Iterator[Any]:
    with gstreamer_serving() as server:
        yield server


async def _receive(session: Any, count: int) -> tuple[list[CodecParameters], list[AccessUnit]]:
    events: list[Any] = []
    async with asyncio.timeout(60):
        try:
            while sum(isinstance(event, AccessUnit) for event in events) < count:
                events += await session.read()
        finally:
            await session.close()
    units = [event for event in events if isinstance(event, AccessUnit)]
    return [event for event in events if isinstance(event, CodecParameters)], units[:count]


async def _open(url: str, credentials: Credentials | None = None) -> FallbackSession:
    return await FallbackSession.open(url, credentials, **CLOCKS)


async def _fault_of(
    session: FallbackSession, child: psutil.Process | None = None, most_bytes: int = 200 << 20
) -> StreamError:
    """What ends the session; until then the child, if given, must not grow."""
    async with asyncio.timeout(30):
        while True:
            try:
                await session.read()
            except StreamError as fault:
                return fault
            assert child is None or not child.is_running() or child.memory_info().rss < most_bytes


@pytest.mark.parametrize(("path", "count"), [("h264", 40), ("b-frames", 100), ("h265", 20)])
async def test_what_comes_over_udp_is_what_comes_over_tcp(
    gstreamer: Any, interleaved: Any, path: str, count: int
) -> None:
    over_udp, over_tcp = await asyncio.gather(
        _receive(await _open(gstreamer.url(path), VIEWER), count),
        _receive(await RtspSession.open(interleaved.url(path), VIEWER, **CLOCKS), count),
    )
    assert over_udp[0] == over_tcp[0]
    assert [unit.data for unit in over_udp[1]] == [unit.data for unit in over_tcp[1]]
    assert [unit.is_keyframe for unit in over_udp[1]] == [unit.is_keyframe for unit in over_tcp[1]]
    assert not any(unit.gap_before for unit in over_udp[1])
    steps = [[unit.rtp_time - units[0].rtp_time for unit in units] for units in (over_udp[1], over_tcp[1])]
    assert steps[0] == steps[1]
    starts = [unit.start_us for unit in over_udp[1]]
    assert starts == sorted(starts)
    assert abs(starts[-1] - SYSTEM_CLOCK.now_us()) < 30_000_000


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By codec: 40 s, a keyframe each second, several slices a picture and several packets a slice."""
    folder, generator = tmp_path_factory.mktemp("sliced"), np.random.default_rng(1)
    pictures = [generator.integers(0, 80, (192, 320, 3), np.uint8) for _ in range(480)]
    encoders = {
        "h264": ("libx264", {"slices": "4", "bf": "0"}),
        "h265": ("libx265", {"x265-params": "keyint=12:slices=2:bframes=2:log-level=none"}),
    }
    for name, (encoder, options) in encoders.items():
        with av.open(str(folder / f"{name}.mp4"), "w") as container:
            stream = container.add_stream(encoder, 12, options={"preset": "ultrafast", "crf": "30", **options})
            stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 192, "yuv420p", 12
            for picture in pictures:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
            container.mux(stream.encode(None))
    return {name: folder / f"{name}.mp4" for name in encoders}


def _pictures(file: Path, codec: Codec) -> set[bytes]:
    """What each picture of the file is as a unit: the file's samples, without parameter sets."""
    with av.open(str(file)) as container:
        samples = [list(split_length_prefixed(bytes(packet))) for packet in container.demux(video=0) if packet.size]
    return {length_prefixed(unit for unit in units if not is_parameter_set(codec, unit)) for units in samples}


@pytest.mark.long
@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_after_a_loss_comes_a_marked_gap_and_never_a_damaged_picture(
    gstreamer_serving: Any, sliced: dict[str, Path], codec: Codec
) -> None:
    units: list[AccessUnit] = []
    with gstreamer_serving("--udp", "--loss", "0.02", **sliced) as lossy:
        session = await _open(lossy.url(codec), VIEWER)
        try:
            while sum(unit.gap_before for unit in units) < 5:
                units += [event for event in await session.read() if isinstance(event, AccessUnit)]
        finally:
            await session.close()
    gaps = [unit for unit in units if unit.gap_before]
    assert session.losses == len(gaps)
    assert all(unit.is_keyframe for unit in gaps)
    assert {unit.data for unit in units} <= _pictures(sliced[codec], codec)


async def test_a_wrong_password_and_a_wrong_path_are_told_and_start_no_process(gstreamer: Any) -> None:
    children = set(psutil.Process().children())
    for credentials in (None, Credentials("viewer", "wrong")):
        with pytest.raises(StreamAuthFailed):
            await _open(gstreamer.url("h264"), credentials)
    with pytest.raises(StreamRefused, match="404"):
        await _open(gstreamer.url("nowhere"), VIEWER)
    assert set(psutil.Process().children()) == children


async def test_a_password_with_every_kind_of_character_is_taken(gstreamer: Any) -> None:
    session = await _open(gstreamer.url("h265"), Credentials("odd one", "a:b@c/d?e#f%41&ü \"'\\"))
    _, units = await _receive(session, 1)
    assert units[0].is_keyframe
    with pytest.raises(StreamAuthFailed, match="too long"):
        await _open(gstreamer.url("h265"), Credentials("viewer", "@" * 50))


async def test_the_password_stands_in_no_command_line_and_no_environment(
    gstreamer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_DATABASE__URL", "postgresql://vedette:viewer@database/vedette")
    before = threading.active_count()
    session = await _open(gstreamer.url("h264"), VIEWER)
    try:
        while not await session.read():
            pass
        child = Path(f"/proc/{session._process.pid}")
        for name in ("cmdline", "environ"):
            assert b"viewer" not in (child / name).read_bytes()
        assert threading.active_count() == before
    finally:
        await session.close()


async def test_a_child_that_is_killed_is_a_fault_and_leaves_nothing(gstreamer: Any) -> None:
    session = await _open(gstreamer.url("h264"), VIEWER)
    try:
        while not await session.read():
            pass
        session._process.kill()
        assert "signal 9" in (await _fault_of(session)).what
    finally:
        await session.close()
    assert not psutil.pid_exists(session._process.pid)


async def test_a_child_that_hangs_is_killed(gstreamer: Any) -> None:
    session = await _open(gstreamer.url("h264"), VIEWER)
    session._process.send_signal(signal.SIGSTOP)
    await session.close()
    assert session._process.returncode == -signal.SIGKILL


def test_the_child_dies_with_the_recorder(gstreamer: Any) -> None:
    code = f"""
import asyncio, time
from ingest.fallback.session import FallbackSession
from foundation.http_auth import Credentials
from ingest.rtsp.timeline import UtcLine
from foundation.clock import SYSTEM_CLOCK as clock
async def main():
    viewer = Credentials("viewer", "right")
    session = await FallbackSession.open({gstreamer.url("h264")!r}, viewer, clock=clock, utc=UtcLine(clock))
    while not await session.read(): pass
    print(session._process.pid, flush=True)
    time.sleep(60)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        child = psutil.Process(int(recorder.stdout.readline()))
        recorder.kill()
    child.wait(10)


@asynccontextmanager
async def _device(answers: dict[str, bytes], *, sends_from: int = 9) -> AsyncIterator[tuple[str, list[str]]]:
    """Gives its URL and the methods it was asked, with the port that SETUP names. `answers` replace its usual ones."""
    asked: list[str] = []
    usual = {
        "DESCRIBE": b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(SDP), SDP),
        "SETUP": b"Session: 1\r\nTransport: RTP/AVP;unicast;client_port=%s;server_port=%d-%d\r\n\r\n",
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := (await reader.readuntil(b"\r\n\r\n")).decode():
                method = request.split()[0]
                asked.append(method)
                asked.extend(re.findall(r"Authorization: (\w+)", request))
                sequence = re.search(r"CSeq: (\d+)", request)
                ports = re.search(r"client_port=([\d-]+)", request)
                assert sequence is not None
                head, body = b"RTSP/1.0 200 OK\r\n", usual.get(method, b"\r\n")
                if ports is not None:
                    body = body % (ports[1].encode(), sends_from, sends_from + 1)
                    asked.append(ports[1].partition("-")[0])
                # The recorder has asked twice before the child asks, which then meets the device as it really is.
                if method in answers and (method != "DESCRIBE" or asked.count(method) > 1):
                    head, body = answers[method], b"\r\n"
                writer.write(head + f"CSeq: {sequence[1]}\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", asked


async def _fault(url: str) -> StreamError:
    session = await _open(url)
    try:
        return await _fault_of(session)
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("method", "answer", "kind", "words"),
    [
        ("SETUP", b"RTSP/1.0 461 Unsupported Transport\r\n", StreamRefused, "does not send over UDP"),
        ("SETUP", b"RTSP/1.0 403 Forbidden\r\n", StreamAuthFailed, "forbids"),
        ("DESCRIBE", b"RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm=x\r\n", StreamAuthFailed, "user name or"),
        ("DESCRIBE", b"RTSP/1.0 404 Not Found\r\n", StreamRefused, "no such stream"),
        ("PLAY", b"RTSP/1.0 500 Oh\r\n", StreamRefused, "refused the stream"),
    ],
)
async def test_what_the_device_answers_the_child_is_told(
    method: str, answer: bytes, kind: type[StreamError], words: str
) -> None:
    async with _device({method: answer}) as (url, _):
        fault = await _fault(url)
    assert type(fault) is kind
    assert words in fault.what


async def test_basic_is_not_answered_where_digest_is_offered() -> None:
    both = b"RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm=x\r\nWWW-Authenticate: Digest realm=x, nonce=1\r\n"
    async with _device({"DESCRIBE": both}) as (url, asked):
        session = await _open(url, VIEWER)
        try:
            assert isinstance(await _fault_of(session), StreamAuthFailed)
        finally:
            await session.close()
    assert "Digest" in asked
    assert "Basic" not in asked


async def test_a_mute_camera_is_silent_soon_and_costs_little() -> None:
    async with _device({}) as (url, asked):
        session = await _open(url)
        child = psutil.Process(session._process.pid)
        try:
            while "PLAY" not in asked:
                await session.read()
            assert isinstance(await _fault_of(session, child), StreamSilent)
        finally:
            await session.close()


@pytest.mark.long
async def test_a_picture_that_never_ends_costs_bounded_memory() -> None:
    """A camera that floods with the fragments of one slice."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("127.0.0.1", 0))
    async with _device({}, sends_from=sender.getsockname()[1]) as (url, asked):
        session = await _open(url)
        child = psutil.Process(session._process.pid)
        flood = asyncio.create_task(asyncio.to_thread(_flood, sender, asked))
        try:
            fault = await _fault_of(session, child, most_bytes=300 << 20)
            assert not isinstance(fault, StreamRefused)
        finally:
            asked.append("END")
            await flood
            await session.close()


def _flood(sender: socket.socket, asked: list[str]) -> None:
    """From when the device was asked to play until `END`."""
    while "PLAY" not in asked:
        time.sleep(0.01)
    port = int(next(word for word in reversed(asked) if word.isdigit()))
    with sender:
        for number in itertools.takewhile(lambda _: "END" not in asked, itertools.count()):
            header = struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, 1, 1)
            sender.sendto(header + (b"\x7c\x05" if number else b"\x7c\x85") + b"\x55" * 1400, ("127.0.0.1", port))
            if number % 16 == 0:
                time.sleep(0.001)  # so that most of it is received


async def test_the_child_follows_no_redirect() -> None:
    """Not even from a device that offers the stream first and redirects then."""
    visitors = 0

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visitors
        visitors += 1
        writer.close()

    async with await asyncio.start_server(elsewhere, "127.0.0.1", 0) as other:
        location = f"rtsp://localhost:{other.sockets[0].getsockname()[1]}/x"
        async with _device({"DESCRIBE": f"RTSP/1.0 302 Moved\r\nLocation: {location}\r\n".encode()}) as (url, _):
            assert "redirects" in (await _fault(url)).what
    assert visitors == 0


async def test_an_encrypted_stream_goes_over_tcp() -> None:
    with pytest.raises(StreamRefused, match="over TCP"):
        await _open("rtsps://127.0.0.1:1/x")


def test_the_parents_side_loads_no_ffmpeg() -> None:
    code = "import sys, ingest.fallback.session; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=os.environ).returncode == 0

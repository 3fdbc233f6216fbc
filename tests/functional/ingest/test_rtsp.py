"""The RTSP client against the virtual camera, and against GStreamer's RTSP server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import StreamError, StreamRefused, StreamSilent
from foundation.http_auth import Credentials
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.session import RtspSession
from ingest.rtsp.timeline import UtcLine
from simulator.virtual_camera import serving

pytestmark = pytest.mark.functional


@dataclass
class Received:
    parameters: list[CodecParameters] = field(default_factory=list)
    units: list[AccessUnit] = field(default_factory=list)


async def _receive(url: str, count: int, credentials: Credentials | None = None) -> Received:
    received = Received()
    async with asyncio.timeout(30):
        session = await RtspSession.open(url, credentials, clock=SYSTEM_CLOCK, utc=UtcLine(SYSTEM_CLOCK))
        try:
            while len(received.units) < count:
                for event in await session.read():
                    if isinstance(event, AccessUnit):
                        received.units.append(event)
                    else:
                        received.parameters.append(event)
        finally:
            await session.close()
    return received


@pytest.fixture
def cars(shared_data: Path) -> Path:
    return shared_data / "video" / "intel_car-detection.mp4"


async def test_every_unit_of_the_virtual_camera(cars: Path, shared_data: Path) -> None:
    with serving({"cars": cars, "h265": shared_data / "video" / "libvpl_cars_320x240.h265"}) as camera:
        for path, codec in (("cars", "h264"), ("h265", "h265")):
            received = await _receive(camera.url(path), 30)
            assert [one.codec for one in received.parameters] == [codec]
            assert received.units[0].is_keyframe
            assert not any(unit.gap_before for unit in received.units)
            starts = [unit.start_us for unit in received.units]
            assert starts == sorted(starts)
            assert abs(starts[-1] - SYSTEM_CLOCK.now_us()) < 5_000_000


async def test_signing_in_and_being_refused(cars: Path) -> None:
    with serving({"cars": cars}, user="viewer", password="right") as camera:
        url = camera.url("cars")
        assert (await _receive(url, 1, Credentials("viewer", "right"))).units
        for credentials in (None, Credentials("viewer", "wrong")):
            with pytest.raises(StreamAuthFailed) as refused:
                await _receive(url, 1, credentials)
            assert "wrong" not in str(refused.value)
        with pytest.raises(StreamRefused, match="404"):
            await _receive(camera.url("cars").replace("cars", "nowhere"), 1, Credentials("viewer", "right"))


@pytest.mark.parametrize("fault", ["mute", "hang:1"])
async def test_five_seconds_of_silence_are_a_fault(cars: Path, fault: str) -> None:
    with serving({"cars": cars}, faults=[fault]) as camera, pytest.raises(StreamSilent, match="no video for 5 s"):
        await _receive(camera.url("cars"), 10_000)


async def test_loss_is_a_gap_up_to_a_keyframe(shared_data: Path) -> None:
    with serving({"cars": shared_data / "video" / "libvpl_cars_320x240.h264"}, faults=["drop:0.05"]) as camera:
        received = await _receive(camera.url("cars"), 60)
    gaps = [unit for unit in received.units if unit.gap_before]
    assert gaps
    assert all(unit.is_keyframe for unit in gaps)


async def test_a_jump_of_the_cameras_clock_does_not_show(cars: Path) -> None:
    with serving({"cars": cars}, faults=["clock-step:3600@1"]) as camera:
        received = await _receive(camera.url("cars"), 40)
    steps = [
        later.start_us - earlier.start_us for earlier, later in zip(received.units, received.units[1:], strict=False)
    ]
    assert all(0 <= step < 2_000_000 for step in steps)
    ticks = [
        later.rtp_time - earlier.rtp_time for earlier, later in zip(received.units, received.units[1:], strict=False)
    ]
    assert max(ticks) < 180_000


async def test_a_redirect_to_another_host_is_refused(cars: Path) -> None:
    elsewhere = "redirect:rtsp://localhost:9/elsewhere"
    with serving({"cars": cars}, faults=[elsewhere]) as camera, pytest.raises(StreamRefused, match="another host"):
        await _receive(camera.url("cars"), 1)


async def test_nobody_there_and_somebody_who_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(StreamSilent, match="no reply to OPTIONS"):
            await _receive(f"rtsp://127.0.0.1:{port}/x", 1)
    with pytest.raises(StreamError, match="cannot connect"):
        await _receive(f"rtsp://127.0.0.1:{port}/x", 1)


async def test_a_url_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(StreamRefused) as refused:
        await _receive("rtsp://admin:hunter2@127.0.0.1:1/x", 1)
    assert "hunter2" not in str(refused.value)


@pytest.mark.long
async def test_keep_alives_hold_a_short_session(cars: Path) -> None:
    with serving({"cars": cars}, session_timeout_s=10) as camera:
        received = await _receive(camera.url("cars"), 12 * 12)
    assert len(received.units) >= 144


@pytest.fixture(scope="module")
def gstreamer(gstreamer_serving: Any) -> Iterator[str]:
    """Base URL of a server with the paths /h264, /b-frames and /h265 and the account viewer, right."""
    with gstreamer_serving() as server:
        yield server.url("").rstrip("/")


@pytest.mark.parametrize(("path", "codec", "size"), [("h264", "h264", (768, 432)), ("b-frames", "h264", (640, 360))])
async def test_gstreamers_server(gstreamer: str, path: str, codec: str, size: tuple[int, int]) -> None:
    received = await _receive(f"{gstreamer}/{path}", 40, Credentials("viewer", "right"))
    (parameters,) = received.parameters
    assert (parameters.codec, (parameters.width, parameters.height)) == (codec, size)
    assert received.units[0].is_keyframe
    assert not any(unit.gap_before for unit in received.units)
    starts = [unit.start_us for unit in received.units]
    assert starts == sorted(starts)
    times = [unit.rtp_time for unit in received.units]
    assert (times != sorted(times)) == (path == "b-frames")


async def test_gstreamers_server_with_h265(gstreamer: str) -> None:
    received = await _receive(f"{gstreamer}/h265", 20, Credentials("viewer", "right"))
    assert [one.rfc6381 for one in received.parameters] == ["hvc1.1.6.L123.90"]


async def test_gstreamers_server_refuses(gstreamer: str) -> None:
    with pytest.raises(StreamAuthFailed):
        await _receive(f"{gstreamer}/h264", 1, Credentials("viewer", "wrong"))


async def test_the_client_needs_little_memory_for_a_liar() -> None:
    """A device that answers with an endless header is let go."""

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        try:
            writer.write(b"RTSP/1.0 200 OK\r\n")
            for _ in range(10_000):
                writer.write(b"X-Padding: " + b"x" * 1_000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(lie, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StreamError, match="message head"):
            await _receive(f"rtsp://127.0.0.1:{port}/x", 1)


async def _answered_by(setup: bytes) -> None:
    """Ask a device that describes a stream as it should, and to SETUP answers with these bytes."""
    sdp = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    described = b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(sdp), sdp)
    answers = {b"OPTIONS": b"RTSP/1.0 200 OK\r\n\r\n", b"DESCRIBE": described, b"SETUP": setup}

    ended = asyncio.Event()

    async def device(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                writer.write(answers[request.split()[0]])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            ended.set()

    server = await asyncio.start_server(device, "127.0.0.1", 0)
    async with server:
        try:
            await _receive(f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", 1)
        finally:
            await ended.wait()


@pytest.mark.parametrize(
    "setup",
    [
        b"RTSP/1.0 461 Unsupported Transport\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nSession: 1\r\nTransport: RTP/AVP;unicast;client_port=0-1\r\n\r\n",
    ],
)
async def test_a_device_that_sends_over_udp_alone_says_so(setup: bytes) -> None:
    with pytest.raises(StreamRefused) as refused:
        await _answered_by(setup)
    assert refused.value.mend == "Set the camera's transport to UDP, or allow RTSP over TCP at the device."


async def test_a_flood_of_empty_packets_ends_the_session() -> None:
    with pytest.raises(StreamError, match="tiny packets"):
        await _answered_by(b"$\x00\x00\x00" * (4 << 20))


def test_the_recorder_loads_no_picture_work_and_no_web_framework() -> None:
    heavy = ["cv2", "av", "numba", "fastapi", "starlette", "sqlalchemy", "onnxruntime", "numpy", "faiss"]
    code = f"import sys, ingest.recorder; sys.exit(', '.join(sorted(set({heavy!r}) & set(sys.modules))) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

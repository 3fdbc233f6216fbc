"""Asking a device for its sound: whatever it answers, its pictures come."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import pytest

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import StreamSilent
from foundation.nal import split_annex_b
from ingest.access_unit import AccessUnit, AudioParameters, AudioUnit
from ingest.rtsp.session import RtspSession, SessionEvent
from ingest.rtsp.timeline import UtcLine

pytestmark = pytest.mark.functional

SDP = b"\r\n".join(
    [
        b"v=0",
        b"a=control:*",
        b"m=video 0 RTP/AVP 96",
        b"a=rtpmap:96 H264/90000",
        b"a=control:video",
        b"m=audio 0 RTP/AVP 8",
        b"a=control:audio",
        b"",
    ]
)
PICTURES_A_SECOND = 25
OK = b"RTSP/1.0 200 OK\r\n"


class Device:
    """Answers by the book, but for the answers given; sends pictures on channel 0 and G.711 on `audio_channel`."""

    def __init__(self, pictures: list[bytes], **answers: bytes | None) -> None:
        self.requests: list[str] = []  # method, last part of the URL, channels
        self.connections = 0
        self.sends_video = True
        self.audio_channel = 2
        self._pictures = pictures
        self._answers = answers

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        playing: asyncio.Task[None] | None = None
        try:
            while request := (await reader.readuntil(b"\r\n\r\n")).decode():
                method, url, *_ = request.split()
                name = method.lower() + ("_audio" if url.endswith("/audio") else "")
                channels = re.search(r"interleaved=(\S+)", request)
                self.requests.append(f"{name} {channels[1] if channels else ''}".strip())
                answer = self._answer(name, channels[1] if channels else "", request)
                if answer is None:
                    return
                writer.write(answer.replace(b"\r\n", b"\r\nCSeq: %s\r\n" % _cseq(request), 1))
                if name == "play" and answer.startswith(OK):
                    playing = asyncio.create_task(self._play(writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if playing is not None:
                playing.cancel()
            writer.close()

    def _answer(self, name: str, channels: str, request: str) -> bytes | None:
        if name in self._answers and (name != "play" or "setup_audio 2-3" in self.requests[-2:]):
            return self._answers[name]
        if name == "describe":
            return OK + b"Content-Length: %d\r\n\r\n%s" % (len(SDP), SDP)
        if name.startswith("setup"):
            assert ("Session: 1" in request) == (name == "setup_audio")
            return OK + b"Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=%s\r\n\r\n" % channels.encode()
        return OK + b"\r\n"

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        sequence = 0
        for number in range(10_000):
            unit = self._pictures[number % len(self._pictures)]
            if self.sends_video:
                writer.write(_packet(0, 96, sequence, number * 3_600, unit))
                sequence += 1
            writer.write(_packet(self.audio_channel, 8, number, number * 320, bytes(320)))
            await asyncio.sleep(1 / PICTURES_A_SECOND)


def _cseq(request: str) -> bytes:
    found = re.search(r"CSeq: (\d+)", request)
    assert found
    return found[1].encode()


def _packet(channel: int, payload_type: int, sequence: int, timestamp: int, payload: bytes) -> bytes:
    rtp = struct.pack(">BBHII", 0x80, 0x80 | payload_type, sequence & 0xFFFF, timestamp, 7) + payload
    return struct.pack(">BBH", 0x24, channel, len(rtp)) + rtp


@pytest.fixture(scope="module")
def pictures(shared_data: Path) -> list[bytes]:
    """A keyframe with its parameter sets in one packet: all that this device sends."""
    units = list(split_annex_b((shared_data / "video" / "libvpl_cars_320x240.h264").read_bytes()))
    wanted = [next(unit for unit in units if unit[0] & 0x1F == kind) for kind in (7, 8, 5)]
    return [b"\x18" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in wanted)]


@asynccontextmanager
async def _session(device: Device) -> AsyncIterator[RtspSession]:
    server = await asyncio.start_server(device.serve, "127.0.0.1", 0)
    async with server, asyncio.timeout(30):
        url = f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/camera"
        session = await RtspSession.open(url, None, clock=SYSTEM_CLOCK, utc=UtcLine(SYSTEM_CLOCK), audio_floor_us=0)
        try:
            yield session
        finally:
            await session.close()


async def _events(session: RtspSession, enough: Callable[[list[SessionEvent]], bool]) -> list[SessionEvent]:
    events: list[SessionEvent] = []
    while not enough(events):
        events += await session.read()
    return events


def _has(kind: type, count: int) -> Callable[[list[SessionEvent]], bool]:
    return lambda events: sum(isinstance(event, kind) for event in events) >= count


async def test_sound_and_pictures_of_one_moment_have_one_time(pictures: list[bytes]) -> None:
    device = Device(pictures)
    async with _session(device) as session:
        events = await _events(session, lambda events: _has(AudioUnit, 50)(events) and _has(AccessUnit, 50)(events))
    assert device.requests[:5] == ["options", "describe", "setup 0-1", "setup_audio 2-3", "play"]
    sound = [event for event in events if isinstance(event, AudioUnit)]
    shown = [event for event in events if isinstance(event, AccessUnit)]
    assert [event for event in events if isinstance(event, AudioParameters)] == [
        AudioParameters("pcma", 8_000, 1, b"", "alaw")
    ]
    assert not any(unit.gap_before for unit in sound)
    assert [unit.rtp_time for unit in sound] == [number * 3_600 for number in range(len(sound))]
    # A unit of sound begins its 40 ms before it is sent.
    offsets = [picture.start_us - unit.start_us for picture, unit in zip(shown, sound, strict=False)]
    assert median(offsets) == pytest.approx(40_000, abs=20_000)


@pytest.mark.parametrize(
    ("answers", "connections", "said"),
    [
        ({"setup_audio": b"RTSP/1.0 461 Unsupported Transport\r\n\r\n"}, 1, "461"),
        ({"setup_audio": b"RTSP/1.0 404 Not Found\r\n\r\n"}, 1, "404"),
        ({"setup_audio": OK + b"Session: 1\r\nTransport: RTP/AVP;client_port=2-3\r\n\r\n"}, 1, "over TCP"),
        ({"setup_audio": OK + b"Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"}, 1, "same channels"),
        ({"setup_audio": None}, 2, "closed the connection"),
        ({"play": b"RTSP/1.0 455 Method Not Valid in This State\r\n\r\n"}, 2, "455"),
        ({"play": None}, 2, "closed the connection"),
    ],
)
async def test_pictures_come_whatever_is_answered_about_the_sound(
    pictures: list[bytes], answers: dict[str, bytes | None], connections: int, said: str
) -> None:
    device = Device(pictures, **answers)
    async with _session(device) as session:
        events = await _events(session, _has(AccessUnit, 10))
        assert session.audio is None
        assert said in str(session.audio_fault)
    assert device.connections == connections
    assert not any(isinstance(event, AudioUnit) for event in events)


async def test_the_device_chooses_the_channels(pictures: list[bytes]) -> None:
    device = Device(pictures, setup_audio=OK + b"Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=6-7\r\n\r\n")
    device.audio_channel = 6
    async with _session(device) as session:
        await _events(session, _has(AudioUnit, 5))
        assert session.audio_fault is None


@pytest.mark.long
async def test_sound_does_not_hide_that_pictures_are_missing(pictures: list[bytes]) -> None:
    device = Device(pictures)
    async with _session(device) as session:
        await _events(session, _has(AccessUnit, 5))
        device.sends_video = False
        with pytest.raises(StreamSilent, match="no video for 5 s"):
            await _events(session, _has(AccessUnit, 10_000))


@pytest.mark.long
async def test_an_unanswered_question_about_the_sound_costs_a_second_session(pictures: list[bytes]) -> None:
    device = Device(pictures, setup_audio=b"")
    async with _session(device) as session:
        await _events(session, _has(AccessUnit, 5))
        assert "no reply to SETUP" in str(session.audio_fault)

from __future__ import annotations

import asyncio
import struct
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput, StreamError
from ingest import tap
from ingest.access_unit import AccessUnit
from ingest.recorder.tap_server import TapServer
from ingest.tap import BlockingTap, TapEvent, subscribe

GATE, YARD = ("gate", "main"), ("yard", "sub")


async def _take(socket: Path, streams: list[tuple[str, str]], count: int) -> list[TapEvent]:
    events: list[TapEvent] = []
    async for event in subscribe(socket, streams):
        events.append(event)
        if len(events) == count:
            break
    return events


async def _subscribers(server: TapServer, count: int) -> None:
    while sum(one._streams is not None for one in server.subscribers) < count:  # noqa: ASYNC110, nothing tells
        await asyncio.sleep(0.01)


@pytest.fixture
async def server(tmp_path: Path) -> Any:
    server = TapServer(tmp_path / "recorder-0.tap")
    await server.start()
    yield server
    await server.close()


async def test_starts_with_the_parameters_and_the_units_since_the_keyframe(server: TapServer, h264: Any) -> None:
    server.parameters(GATE, h264.parameters)
    for unit in (*h264.units[:5], h264.units[0], h264.units[1]):
        server.unit(GATE, unit)
    server.unit(YARD, h264.units[0])
    taking = asyncio.create_task(_take(server._socket, [YARD, GATE], 5))
    await _subscribers(server, 1)
    server.unit(GATE, h264.units[2])
    events = await taking
    assert events[0] == TapEvent(*YARD, None, h264.units[0])
    assert events[1] == TapEvent(*GATE, h264.parameters, None)
    assert [event.unit for event in events[2:]] == [h264.units[0], h264.units[1], h264.units[2]]


async def test_a_slow_subscriber_loses_whole_units_and_hears_of_it(server: TapServer, h264: Any) -> None:
    reader, writer = await asyncio.open_unix_connection(str(server._socket), limit=1 << 16)
    writer.write(tap.encode_request([GATE]))
    await _subscribers(server, 1)
    key = replace(h264.units[0], is_keyframe=True)
    other = replace(h264.units[1], is_keyframe=False, data=bytes(100_000))
    server.parameters(GATE, h264.parameters)
    server.unit(GATE, key)
    for _ in range(400):
        server.unit(GATE, other)
    server.unit(GATE, key)
    (subscriber,) = server.subscribers
    assert subscriber._transport.get_write_buffer_size() < 8 << 20
    server.unit(GATE, other)  # still full: dropped
    frames = tap.FrameReader([GATE])
    events: list[TapEvent] = []
    while subscriber._transport.get_write_buffer_size():
        events += frames.feed(await reader.read(1 << 20))
    server.unit(GATE, other)  # nothing to build on
    server.unit(GATE, replace(key, start_us=key.start_us + 1))
    while events[-1].unit is None or events[-1].unit.start_us <= key.start_us:
        events += frames.feed(await reader.read(1 << 20))
    units = [event.unit for event in events if event.unit]
    keyframes = [unit for unit in units if unit.is_keyframe]
    assert [unit.gap_before for unit in keyframes] == [False, True, True]
    assert [unit.is_keyframe for unit in units[-2:]] == [True, True]
    assert 10 < len(units) < 200
    writer.close()


async def test_a_slow_subscriber_is_not_buried_in_parameters(server: TapServer, h264: Any) -> None:
    """Of a camera that names new ones before each keyframe."""
    _, writer = await asyncio.open_unix_connection(str(server._socket), limit=1 << 16)
    writer.write(tap.encode_request([GATE]))
    await _subscribers(server, 1)
    (subscriber,) = server.subscribers
    large = replace(h264.parameters, parameter_sets=(bytes(100_000),))
    for _ in range(200):
        server.parameters(GATE, large)
        server.unit(GATE, h264.units[0])
    assert subscriber._transport.get_write_buffer_size() < 8 << 20
    writer.close()


async def test_the_recorder_ends_although_a_subscriber_does_not_read(tmp_path: Path, h264: Any) -> None:
    server = TapServer(tmp_path / "recorder-0.tap")
    await server.start()
    reader, writer = await asyncio.open_unix_connection(str(server._socket), limit=1 << 16)
    writer.write(tap.encode_request([GATE]))
    await _subscribers(server, 1)
    server.unit(GATE, replace(h264.units[0], data=bytes(3 << 20)))
    await server.close()
    assert len(await reader.read(-1)) < 3 << 20
    writer.close()


async def test_ends_when_the_recorder_goes_and_when_there_is_none(tmp_path: Path, h264: Any) -> None:
    socket = tmp_path / "recorder-0.tap"
    assert await _take(socket, [GATE], 1) == []
    assert list(BlockingTap(socket, [GATE])) == []
    server = TapServer(socket)
    await server.start()
    taking = asyncio.create_task(_take(socket, [GATE], 99))
    blocking = asyncio.create_task(asyncio.to_thread(list, BlockingTap(socket, [GATE])))
    await _subscribers(server, 2)
    server.unit(GATE, h264.units[0])
    await server.close()
    assert [event.unit for event in await taking] == [h264.units[0]]
    assert [event.unit for event in await blocking] == [h264.units[0]]


async def test_closing_a_blocking_tap_ends_its_thread(server: TapServer) -> None:
    tapped = BlockingTap(server._socket, [GATE])
    thread = threading.Thread(target=lambda: list(tapped))
    thread.start()
    await _subscribers(server, 1)
    tapped.close()
    await asyncio.to_thread(thread.join)


async def test_a_request_that_is_none_is_refused(server: TapServer) -> None:
    for request in (b"GET / HTTP/1.1\r\n\r\n", b'{"streams": [["only one"]]}\n', b"[]\n", b"\xff\n"):
        reader, writer = await asyncio.open_unix_connection(str(server._socket))
        writer.write(request)
        assert await reader.read() == b""
        writer.close()


@given(st.binary(max_size=100))
def test_any_request_is_streams_or_refused(line: bytes) -> None:
    try:
        assert isinstance(tap.decode_request(line), list)
    except InvalidInput:
        pass


@given(
    st.integers(0, 2**62), st.integers(-(2**40), 2**62), st.booleans(), st.booleans(), st.binary(), st.integers(1, 9)
)
def test_units_survive_the_wire(
    start_us: int, rtp_time: int, is_keyframe: bool, gap: bool, data: bytes, cut: int
) -> None:
    unit = AccessUnit(start_us, rtp_time, is_keyframe, gap, data)
    raw = tap.encode_unit(1, unit, gap=False)
    frames = tap.FrameReader([GATE, YARD])
    events = [event for at in range(0, len(raw), cut) for event in frames.feed(raw[at : at + cut])]
    assert events == [TapEvent(*YARD, None, unit)]


@given(st.lists(st.binary(max_size=200), max_size=4), st.integers(0, 3), st.integers(0, 2))
def test_any_bytes_are_events_or_refused(parts: list[bytes], kind: int, index: int) -> None:
    frames = tap.FrameReader([GATE, YARD])
    try:
        for part in parts:
            frames.feed(struct.pack(">IBH", 3 + len(part), kind, index) + part)
            frames.feed(part)
    except StreamError:
        pass

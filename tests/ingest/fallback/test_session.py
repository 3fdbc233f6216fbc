"""What a child sends is believed as little as what a camera sends."""

from __future__ import annotations

import socket
import struct
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import StreamError
from foundation.nal import length_prefixed, split_length_prefixed
from ingest import tap
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.fallback.faults import ending_fault
from ingest.fallback.session import FallbackSession
from ingest.fallback.wire import Ending, Order
from ingest.rtsp.assembler import StreamEvent
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.timeline import Timeline, UtcLine


@pytest.fixture
def session() -> Iterator[FallbackSession]:
    """Of a child that has ended."""
    ours, theirs = socket.socketpair()
    with subprocess.Popen(["true"]) as child, ours, theirs:
        child.wait()
        timeline = Timeline(UtcLine(SYSTEM_CLOCK))
        yield FallbackSession(child, ours, "192.0.2.1:554", SYSTEM_CLOCK, timeline)


@pytest.fixture
def parameters(h264: Any) -> CodecParameters:
    """Alone, for Hypothesis shows what a failing test was given."""
    found: CodecParameters = h264.parameters
    return found


def _feed(session: FallbackSession, data: bytes) -> list[StreamEvent]:
    return [event for frame in session._frames.feed(data) for event in session._take(frame, 1_000_000)]


def _unit(unit: AccessUnit, **changes: Any) -> bytes:
    fields = {name: getattr(unit, name) for name in ("start_us", "rtp_time", "is_keyframe", "gap_before", "data")}
    return tap.encode_unit(0, AccessUnit(**{**fields, **changes}), gap=False)


def test_pictures_come_out_as_they_were_with_times_of_our_own(session: FallbackSession, h264: Any) -> None:
    parameters = CodecParameters("h264", h264.parameters.parameter_sets, 0, 0, "")
    data = tap.encode_parameters(0, parameters) + b"".join(_unit(unit, start_us=7) for unit in h264.units[:5])
    first, *units = _feed(session, data)
    assert first == h264.parameters
    assert [unit.data for unit in units if isinstance(unit, AccessUnit)] == [unit.data for unit in h264.units[:5]]
    assert all(unit.start_us > 1_000_000_000_000 for unit in units if isinstance(unit, AccessUnit))


def test_a_unit_before_the_codec_is_known_and_a_torn_one_are_refused(session: FallbackSession, h264: Any) -> None:
    with pytest.raises(StreamError, match="no picture"):
        _feed(session, _unit(h264.units[0]))
    _feed(session, tap.encode_parameters(0, h264.parameters))
    for data in (h264.units[0].data[:-1], h264.units[0].data + b"\0", bytes(4), bytes(8)):
        with pytest.raises(StreamError, match="no picture"):
            _feed(session, _unit(h264.units[0], data=data))


def test_an_empty_unit_is_a_sign_of_life_and_nothing_else(session: FallbackSession, h264: Any) -> None:
    assert _feed(session, _unit(h264.units[0], data=b"")) == []
    assert session._heard_us == 1_000_000


FRAMES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.builds(
            lambda kind, body: struct.pack(">IBH", 3 + len(body), kind, 0) + body, st.integers(0, 3), st.binary()
        ),
        st.builds(
            lambda codec, sets: tap.encode_parameters(0, CodecParameters(codec, tuple(sets), 0, 0, "")),
            st.sampled_from(["h264", "h265", "vp9", ""]),
            st.lists(st.binary(max_size=20), max_size=40),
        ),
        st.builds(
            lambda time, key, gap, data: tap.encode_unit(0, AccessUnit(0, time, key, gap, data), gap=False),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            st.booleans(),
            st.binary(max_size=20) | st.lists(st.binary(min_size=1)).map(length_prefixed),
        ),
    ),
    max_size=12,
)


@given(frames=FRAMES, start=st.booleans())
def test_whatever_the_child_sends_is_whole_units_or_refused(
    session: FallbackSession, parameters: CodecParameters, frames: list[bytes], start: bool
) -> None:
    session._frames, session._assembler = tap.FrameReader([("", "")]), None
    try:
        if start:
            _feed(session, tap.encode_parameters(0, parameters))
        for frame in frames:
            for event in _feed(session, frame):
                if isinstance(event, AccessUnit):
                    assert length_prefixed(split_length_prefixed(event.data)) == event.data
    except StreamError:
        pass


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.DISMISSED])
def test_each_ending_has_its_sentence(ending: Ending) -> None:
    fault = ending_fault(ending, "192.0.2.1:554")
    assert str(fault).startswith("192.0.2.1:554: the ")
    assert isinstance(fault, StreamAuthFailed) == (ending in (Ending.AUTH_FAILED, Ending.FORBIDDEN))


def test_other_ends_of_the_child_are_told_by_their_numbers() -> None:
    assert "signal 11" in ending_fault(-11, "").what
    assert "status 1" in ending_fault(1, "").what


@given(st.text(), st.none() | st.text())
def test_an_order_survives_the_wire_and_shows_no_login(url: str, login: str | None) -> None:
    order = Order(url, login)
    assert Order.decode(order.encode()) == order
    assert "login" not in repr(order)


def test_parameter_sets_that_come_one_by_one_add_up(session: FallbackSession, h264: Any) -> None:
    """As when the picture that brought the first of them was dropped."""
    for one in ((), *((each,) for each in h264.parameters.parameter_sets)):
        _feed(session, tap.encode_parameters(0, CodecParameters("h264", one, 0, 0, "")))
    assert _feed(session, _unit(h264.units[0]))[0] == h264.parameters

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.nal import Codec
from simulator.virtual_camera.media import MediaUnit
from simulator.virtual_camera.packetising import MAX_PAYLOAD, packetise

_HEADERS: dict[Codec, list[bytes]] = {
    "h264": [bytes((0x67,)), bytes((0x68,)), bytes((0x65,)), bytes((0x41,)), bytes((0x01,)), bytes((0x06,))],
    "h265": [b"\x40\x01", b"\x42\x01", b"\x44\x01", b"\x26\x01", b"\x02\x02", b"\x4e\x01"],
}


@st.composite
def access_units(draw: st.DrawFn, codec: Codec) -> list[bytes]:
    sizes = st.one_of(st.integers(1, 60), st.integers(MAX_PAYLOAD - 6, MAX_PAYLOAD + 6), st.integers(1, 9000))
    headers = st.sampled_from(_HEADERS[codec])
    return [
        header + bytes((fill,)) * size
        for header, fill, size in draw(st.lists(st.tuples(headers, st.integers(0, 255), sizes), min_size=1, max_size=6))
    ]


def h264_units(payloads: Sequence[bytes]) -> list[bytes]:
    """The receiver's side, from RFC 6184 sections 5.6 to 5.8."""
    units: list[bytes] = []
    fragments = b""
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 24:
            at = 1
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                units.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                assert not fragments
                fragments = bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))
            fragments += payload[2:]
            if payload[1] & 0x40:
                units.append(fragments)
                fragments = b""
        else:
            units.append(payload)
    assert not fragments
    return units


def h265_units(payloads: Sequence[bytes]) -> list[bytes]:
    """The receiver's side, from RFC 7798 sections 4.4.1 and 4.4.3."""
    units: list[bytes] = []
    fragments = b""
    for payload in payloads:
        if (payload[0] >> 1) & 0x3F != 49:
            units.append(payload)
            continue
        if payload[2] & 0x80:
            assert not fragments
            fragments = bytes((payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]))
        fragments += payload[3:]
        if payload[2] & 0x40:
            units.append(fragments)
            fragments = b""
    assert not fragments
    return units


@given(units=access_units("h264"))
def test_h264_arrives_as_it_was_sent(units: list[bytes]) -> None:
    packetised = packetise("h264", MediaUnit(0, 0, True, tuple(units)))
    assert h264_units(packetised.payloads) == units
    assert max(map(len, packetised.payloads)) <= MAX_PAYLOAD


@given(units=access_units("h265"))
def test_h265_arrives_as_it_was_sent(units: list[bytes]) -> None:
    packetised = packetise("h265", MediaUnit(0, 0, True, tuple(units)))
    assert h265_units(packetised.payloads) == units
    assert max(map(len, packetised.payloads)) <= MAX_PAYLOAD


def test_parameter_sets_travel_together() -> None:
    units = (b"\x67sps", b"\x68pps", b"\x06sei", b"\x65" + bytes(MAX_PAYLOAD))
    payloads = packetise("h264", MediaUnit(0, 0, True, units)).payloads
    assert [payload[0] & 0x1F for payload in payloads] == [24, 28, 28]
    assert payloads[0][0] & 0x60 == 0x60


@pytest.mark.parametrize("excess", [0, 1])
def test_no_fragmentation_unit_is_both_first_and_last(excess: int) -> None:
    payloads = packetise("h264", MediaUnit(0, 0, False, (b"\x41" + bytes(MAX_PAYLOAD - 1 + excess),))).payloads
    assert all(payload[0] & 0x1F != 28 or payload[1] & 0xC0 != 0xC0 for payload in payloads)

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import ManualClock
from foundation.nal import Codec, is_parameter_set, length_prefixed, split_length_prefixed
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.rtsp.assembler import Assembler
from ingest.rtsp.depacketizer import MAX_PICTURE_BYTES, Depacketizer, Picture
from ingest.rtsp.rtp import RtpPacket, parse_packet
from ingest.rtsp.timeline import Timeline, UtcLine

Unit = bytes

# Fragments of few sequence numbers and times, so that some of them go together.
_PACKETS = st.builds(
    RtpPacket,
    st.booleans(),
    st.just(96),
    st.integers(0, 6),
    st.integers(0, 1),
    st.builds(
        bytes.__add__,
        st.sampled_from([b"\x7c\x85\x88", b"\x7c\x05", b"\x7c\x45", b"\x62\x01\x93\x80", b"\x62\x01\x13", b"\x65\x88"]),
        st.binary(min_size=2, max_size=20),
    ),
)


def _fragmented(codec: Codec, unit: Unit, most: int) -> list[bytes]:
    if len(unit) <= most:
        return [unit]
    if codec == "h264":
        head, body, kind = bytes([unit[0] & 0xE0 | 28]), unit[1:], unit[0] & 0x1F
    else:
        head, body, kind = bytes([unit[0] & 0x81 | 49 << 1, unit[1]]), unit[2:], unit[0] >> 1 & 0x3F
    parts = [body[at : at + most] for at in range(0, len(body), most)]
    flags = [0x80 * (i == 0) | 0x40 * (i == len(parts) - 1) | kind for i in range(len(parts))]
    return [head + bytes([flag]) + part for flag, part in zip(flags, parts, strict=True)]


def _aggregated(codec: Codec, units: list[Unit]) -> bytes:
    head = bytes([24]) if codec == "h264" else bytes([48 << 1, 1])
    return head + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


def _packets(codec: Codec, pictures: list[tuple[Unit, ...]], most: int, *, aggregate: bool = False) -> list[RtpPacket]:
    packets: list[RtpPacket] = []
    for index, picture in enumerate(pictures):
        small = [unit for unit in picture if len(unit) < 100]
        rest = [unit for unit in picture if len(unit) >= 100]
        if aggregate and len(small) > 1 and picture[: len(small)] == tuple(small):
            payloads = [_aggregated(codec, small)] + [part for unit in rest for part in _fragmented(codec, unit, most)]
        else:
            payloads = [part for unit in picture for part in _fragmented(codec, unit, most)]
        for payload in payloads:
            marker = payload is payloads[-1]
            packets.append(RtpPacket(marker, 96, (65_500 + len(packets)) & 0xFFFF, index * 3_600, payload))
    return packets


def _received(codec: Codec, packets: list[RtpPacket]) -> list[Picture]:
    """By single packets, and the same by reads of many packets: both ways come to the same."""
    single, many = Depacketizer(codec), Depacketizer(codec)
    received = [picture for packet in packets for picture in single.push(packet)]
    memory = memoryview(bytearray(200_000))
    in_bulk = [picture for read in _reads(packets) for picture in _fed(many, read, memory)]
    assert in_bulk == received
    assert (many.losses, many.packets) == (single.losses, single.packets)
    return received


def _reads(packets: list[RtpPacket]) -> Iterator[list[bytes]]:
    """Of one, two, up to seven packets."""
    at = 0
    for count in itertools.cycle(range(1, 8)):
        if at >= len(packets):
            return
        yield [_encoded(packet) for packet in packets[at : at + count]]
        at += count


def _encoded(packet: RtpPacket) -> bytes:
    second = packet.marker << 7 | packet.payload_type
    return struct.pack(">BBHII", 0x80, second, packet.sequence, packet.timestamp, 7) + packet.payload


def _fed(depacketizer: Depacketizer, packets: list[bytes], memory: memoryview) -> list[Picture]:
    """As a connection does it: the memory is used again for the next read."""
    memory[:] = bytes(len(memory))
    spans, at = [], 0
    for packet in packets:
        memory[at : at + len(packet)] = packet
        spans.append((at, at + len(packet)))
        at += len(packet)
    return depacketizer.feed(memory, spans)


def _units(picture: Picture) -> tuple[bytes, ...]:
    return (*picture.parameter_sets, *split_length_prefixed(picture.data))


def _in_order(codec: Codec, units: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Parameter sets first, as a picture gives them."""
    return tuple(sorted(units, key=lambda unit: not is_parameter_set(codec, unit)))


def test_h264_comes_out_as_it_went_in(h264: Any) -> None:
    for most, aggregate in ((100, False), (1_400, True), (60_000, True)):
        received = _received("h264", _packets("h264", h264.pictures, most, aggregate=aggregate))
        assert [_units(picture) for picture in received] == [_in_order("h264", units) for units in h264.pictures]
        assert received[0].is_keyframe
        assert not any(picture.gap_before for picture in received)


def test_h265_comes_out_as_it_went_in(h265: Any) -> None:
    for most, aggregate in ((100, False), (1_400, True)):
        received = _received("h265", _packets("h265", h265.pictures, most, aggregate=aggregate))
        assert [_units(picture) for picture in received] == [_in_order("h265", units) for units in h265.pictures]


@given(data=st.data(), codec=st.sampled_from(["h264", "h265"]))
def test_after_loss_only_whole_pictures_from_a_keyframe_on(
    data: st.DataObject, codec: Any, h264: Any, h265: Any
) -> None:
    footage = h264 if codec == "h264" else h265
    first, *rest = footage.pictures
    pictures = [first, *rest[:8], first, *rest[:8], first, *rest[:4]]
    packets = _packets(codec, pictures, 500)
    lost = data.draw(st.sets(st.integers(0, len(packets) - 1), min_size=1, max_size=6))
    damaged = {packets[index].timestamp // 3_600 for index in lost}
    received = _received(codec, [packet for index, packet in enumerate(packets) if index not in lost])
    previous = None
    for picture in received:
        number = picture.timestamp // 3_600
        units, sent = _units(picture), _in_order(codec, pictures[number])
        if units != sent:
            # Only what no picture needs, such as parameter sets already known, may be missing.
            assert picture.is_keyframe
            assert set(units) < set(sent)
        if previous is not None and number != previous + 1:
            assert picture.gap_before
            assert picture.is_keyframe
        previous = number
    assert len(received) <= len(pictures) - len(damaged) + 3


def test_a_packet_that_comes_twice_changes_nothing(h264: Any) -> None:
    packets = _packets("h264", h264.pictures, 500)
    twice = [copy for packet in packets for copy in (packet, packet)]
    assert _received("h264", twice) == _received("h264", packets)


def test_nothing_before_the_first_keyframe(h264: Any) -> None:
    packets = _packets("h264", [*h264.pictures[1:5], *h264.pictures], 500)
    received = _received("h264", packets)
    assert [_units(picture) for picture in received] == [_in_order("h264", units) for units in h264.pictures]
    assert not received[0].gap_before


def test_a_marker_on_each_slice_costs_one_keyframe_interval(h264: Any) -> None:
    first, second = h264.pictures[0], h264.pictures[1]
    later_slice = bytes([second[-1][0], 0x40]) + second[-1][2:]
    pictures = [first, (*second, later_slice)] * 4
    packets = [packet._replace(marker=True) for packet in _packets("h264", pictures, 60_000)]
    received = _received("h264", packets)
    assert received[-1].gap_before or any(picture.gap_before for picture in received)
    assert _units(received[-2])[-1] == later_slice


def test_a_picture_without_end_is_bounded() -> None:
    depacketizer = Depacketizer("h264")
    depacketizer.push(RtpPacket(False, 96, 0, 0, bytes([0x7C, 0x85, 0x88])))
    body = bytes([0x7C, 0x05]) + bytes(60_000)
    for index in range(1, MAX_PICTURE_BYTES // 60_000 + 10):
        depacketizer.push(RtpPacket(False, 96, index & 0xFFFF, 0, body))
    assert depacketizer.losses == 1
    assert depacketizer._bytes < 60_100


def test_a_picture_of_many_tiny_fragments_is_bounded() -> None:
    """What the objects cost counts too: a byte in a packet of its own takes more than a byte."""
    depacketizer = Depacketizer("h264")
    depacketizer.push(RtpPacket(False, 96, 0, 0, bytes([0x7C, 0x85, 0x88])))
    tiny = bytes([0x7C, 0x05, 0x00])
    most = 0
    for index in range(1, MAX_PICTURE_BYTES // 64 + 10):
        depacketizer.push(RtpPacket(False, 96, index & 0xFFFF, 0, tiny))
        most = max(most, len(depacketizer._parts))
    assert depacketizer.losses == 1
    assert most < MAX_PICTURE_BYTES // 64


@given(
    st.sampled_from(["h264", "h265"]),
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2), st.binary(min_size=1, max_size=40))),
)
def test_any_payload_is_taken_without_an_error(codec: Any, packets: list[tuple[bool, int, int, bytes]]) -> None:
    depacketizer = Depacketizer(codec)
    assembler = Assembler(codec, (), Timeline(UtcLine(ManualClock())))
    for marker, sequence, timestamp, payload in packets:
        for picture in depacketizer.push(RtpPacket(marker, 96, sequence, timestamp, payload)):
            assembler.add(picture, 0)


@given(
    st.sampled_from(["h264", "h265"]),
    st.lists(st.lists(st.one_of(st.binary(max_size=40), st.builds(_encoded, _PACKETS)), max_size=6), max_size=6),
)
def test_any_read_comes_to_the_same_as_its_packets(codec: Any, reads: list[list[bytes]]) -> None:
    single, many = Depacketizer(codec), Depacketizer(codec)
    memory = memoryview(bytearray(4_000))
    for read in reads:
        parsed = [packet for data in read if (packet := parse_packet(data)) and packet.payload_type == 96]
        assert _fed(many, read, memory) == [picture for packet in parsed for picture in single.push(packet)]
    assert (many.losses, many.packets) == (single.losses, single.packets)


def test_parameter_sets_under_a_time_of_their_own_are_learnt(h264: Any) -> None:
    sets, rest = h264.parameters.parameter_sets, h264.pictures[0][-1:]
    payloads = [(0, unit) for unit in sets] + [(3_600, part) for part in _fragmented("h264", rest[0], 1_400)]
    packets = [
        RtpPacket(index == len(payloads) - 1, 96, index, time, payload)
        for index, (time, payload) in enumerate(payloads)
    ]
    (picture,) = _received("h264", packets)
    assert picture.parameter_sets == tuple(sets)
    assert picture.data == length_prefixed(rest)


def test_rtp_headers_with_everything_in_them() -> None:
    extension = b"\xbe\xde\x00\x01" + bytes(4)
    packet = bytes([0xB1, 0xE0]) + (7).to_bytes(2, "big") + (9).to_bytes(4, "big") + bytes(4) + bytes(4)
    assert parse_packet(packet + extension + b"payload" + b"\x00\x00\x03") == RtpPacket(True, 96, 7, 9, b"payload")
    assert parse_packet(packet + extension + b"\x01") is None
    assert parse_packet(b"\x40" + packet[1:] + b"xx") is None


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    packet = parse_packet(data)
    assert packet is None or packet.payload


def _assembled(assembler: Assembler, pictures: list[Picture]) -> list[CodecParameters | AccessUnit]:
    return [event for index, picture in enumerate(pictures) for event in assembler.add(picture, index * 40_000)]


def test_parameters_in_band_come_before_the_first_unit(h264: Any) -> None:
    received = _received("h264", _packets("h264", h264.pictures, 1_400))
    events = _assembled(Assembler("h264", (), Timeline(UtcLine(ManualClock()))), received)
    assert events[0] == h264.parameters
    assert [event.data for event in events[1:]] == [unit.data for unit in h264.units]
    assert [event.is_keyframe for event in events[1:]] == [unit.is_keyframe for unit in h264.units]


def test_parameters_from_the_description_are_said_once(h264: Any) -> None:
    received = _received("h264", _packets("h264", h264.pictures, 1_400))
    assembler = Assembler("h264", h264.parameters.parameter_sets, Timeline(UtcLine(ManualClock())))
    events = _assembled(assembler, received)
    assert [type(event) for event in events].count(CodecParameters) == 1


def test_a_change_of_parameters_waits_for_its_keyframe(h264: Any, h265: Any) -> None:
    received = _received("h264", _packets("h264", h264.pictures[:3] + h264.pictures[:3], 1_400))
    sps, pps = h264.parameters.parameter_sets[:2]
    changed = pps[:-1] + bytes([pps[-1] ^ 0x08])
    received[4] = received[4]._replace(parameter_sets=(changed,))
    events = _assembled(Assembler("h264", (sps, pps), Timeline(UtcLine(ManualClock()))), received)
    assert [type(event).__name__ for event in events].count("CodecParameters") == 1
    assert len([event for event in events if isinstance(event, AccessUnit)]) == 4

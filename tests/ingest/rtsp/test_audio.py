from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import US_PER_S, ManualClock
from ingest.access_unit import AudioParameters, AudioUnit
from ingest.rtsp.audio import AudioReceiver
from ingest.rtsp.audio_depacketizer import AudioDepacketizer
from ingest.rtsp.audio_track import AudioTrack, AuHeader
from ingest.rtsp.rtp import RtpPacket
from ingest.rtsp.timeline import UtcLine

HBR = AuHeader(13, 3, 3)
AAC = AudioTrack(AudioParameters("aac", 16_000, 1, b"\x14\x08", "mp4a.40.2"), 97, 16_000, None, HBR, 1024)
PCMA = AudioTrack(AudioParameters("pcma", 8_000, 1, b"", "alaw"), 8, 8_000, None, None, 0)
STEREO = AudioTrack(AudioParameters("pcmu", 8_000, 2, b"", "ulaw"), 0, 8_000, None, None, 0)
LATM = AudioTrack(AAC.parameters, 97, 16_000, None, None, 1024, 2)
FRAMES = [bytes([number]) * (20 + number) for number in range(1, 9)]


def _headers(sizes: list[int], indices: list[int] | None = None, header: AuHeader = HBR) -> bytes:
    fields = ""
    for number, (size, index) in enumerate(zip(sizes, indices or [0] * len(sizes), strict=True)):
        width = header.index_delta if number else header.index
        fields += f"{size:0{header.size}b}" + (f"{index:0{width}b}" if width else "")
    bits = len(fields)
    padded = fields.ljust((bits + 7) // 8 * 8, "0")
    return struct.pack(">H", bits) + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _payload(*frames: bytes) -> bytes:
    return _headers([len(frame) for frame in frames]) + b"".join(frames)


def _packets(*payloads: bytes, first: int = 65_534, step: int = 1024) -> list[RtpPacket]:
    return [
        RtpPacket(True, 97, (first + number) & 0xFFFF, number * step, payload)
        for number, payload in enumerate(payloads)
    ]


def _fragments(frame: bytes, most: int, timestamp: int, sequence: int) -> list[RtpPacket]:
    parts = [frame[at : at + most] for at in range(0, len(frame), most)]
    head = _headers([len(frame)])
    return [
        RtpPacket(number == len(parts), 97, sequence + number - 1, timestamp, head + part)
        for number, part in enumerate(parts, 1)
    ]


def _received(packets: list[RtpPacket], track: AudioTrack = AAC) -> tuple[list[tuple[bytes, bool]], int]:
    """Frames with their gaps, and the losses counted."""
    depacketizer = AudioDepacketizer(track)
    frames = [(frame.data, frame.gap_before) for packet in packets for frame in depacketizer.push(packet)]
    return frames, depacketizer.losses


def _whole(*frames: bytes) -> list[tuple[bytes, bool]]:
    return [(frame, False) for frame in frames]


def test_a_frame_a_packet() -> None:
    assert _received(_packets(*map(_payload, FRAMES))) == (_whole(*FRAMES), 0)


def test_several_frames_a_packet_have_their_places() -> None:
    depacketizer = AudioDepacketizer(AAC)
    (packet,) = _packets(_payload(*FRAMES[:3]))
    frames = depacketizer.push(packet)
    assert [(frame.position, frame.samples, frame.data) for frame in frames] == [
        (0, 1024, FRAMES[0]),
        (1024, 1024, FRAMES[1]),
        (2048, 1024, FRAMES[2]),
    ]


@pytest.mark.parametrize("header", [AuHeader(6, 2, 2), AuHeader(13, 0, 0), AuHeader(7, 3, 1)])
def test_headers_of_other_widths(header: AuHeader) -> None:
    track = AudioTrack(AAC.parameters, 97, 16_000, None, header, 1024)
    payload = _headers([len(frame) for frame in FRAMES[:3]], header=header) + b"".join(FRAMES[:3])
    assert _received(_packets(payload), track) == (_whole(*FRAMES[:3]), 0)


def test_a_frame_in_fragments() -> None:
    large = bytes(range(256)) * 6
    packets = [*_fragments(large, 500, 0, 10), RtpPacket(True, 97, 14, 1024, _payload(FRAMES[0]))]
    assert _received(packets) == (_whole(large, FRAMES[0]), 0)


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_fragment_lost_loses_its_frame_alone(lost: int) -> None:
    large = bytes(range(256)) * 6
    before, after = RtpPacket(True, 97, 9, 0, _payload(FRAMES[0])), RtpPacket(True, 97, 14, 2048, _payload(FRAMES[1]))
    packets = [before, *_fragments(large, 500, 1024, 10), after]
    del packets[1 + lost]
    assert _received(packets) == ([(FRAMES[0], False), (FRAMES[1], True)], 1)


def test_the_frame_after_a_lost_one_may_come_in_fragments() -> None:
    large = bytes(range(256)) * 6
    packets = [*_fragments(large, 500, 0, 10), *_fragments(large, 500, 1024, 14)]
    del packets[3]  # the last one of the first frame: what follows might be a part of either
    later = _fragments(large[::-1], 500, 2048, 18)
    frames, losses = _received(packets + later)
    assert frames[-1] == (large[::-1], True)
    assert len(frames) == losses == 1


def test_fragments_that_do_not_agree() -> None:
    large = bytes(range(256)) * 6
    packets = _fragments(large, 500, 0, 10)
    other = packets[1]._replace(payload=_headers([2_000]) + bytes(packets[1].payload[4:]))
    follows = RtpPacket(True, 97, 14, 1024, _payload(FRAMES[0]))
    assert _received([packets[0], other, *packets[2:], follows]) == ([(FRAMES[0], True)], 1)


def test_a_fragmented_frame_that_ends_too_early() -> None:
    packets = _fragments(bytes(1_500), 500, 0, 10)[:2]
    follows = RtpPacket(True, 97, 12, 1024, _payload(FRAMES[0]))
    assert _received([*packets, follows]) == ([(FRAMES[0], True)], 1)
    assert _received([packets[0], packets[1]._replace(marker=True), follows]) == ([(FRAMES[0], True)], 1)


MALFORMED = {
    "too short for a length": b"\x00",
    "a length and nothing else": b"\x00\x10",
    "a length that runs past the end": b"\x01\x00" + bytes(8),
    "no header at all": b"\x00\x00" + bytes(8),
    "half a header": b"\x00\x08\x01" + bytes(8),
    "headers and no frames": _headers([8, 8]),
    "frames that are not all there": _headers([8, 8]) + bytes(15),
    "more bytes than the frames have": _headers([8, 8]) + bytes(17),
    "an empty frame": _headers([8, 0]) + bytes(8),
    "interleaved frames": _headers([8, 8], [0, 1]) + bytes(16),
    "too many frames": _headers([1] * 65) + bytes(65),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_packet_is_a_counted_loss(name: str) -> None:
    packets = _packets(_payload(FRAMES[0]), MALFORMED[name], MALFORMED[name], _payload(FRAMES[1]))
    assert _received(packets) == ([(FRAMES[0], False), (FRAMES[1], True)], 1)


def test_the_first_index_does_not_matter() -> None:
    payload = _headers([len(FRAMES[0])], [5]) + FRAMES[0]
    assert _received(_packets(payload)) == (_whole(FRAMES[0]), 0)


def test_what_comes_twice_or_late_changes_nothing() -> None:
    packets = _packets(*map(_payload, FRAMES))
    assert _received([copy for packet in packets for copy in (packet, packet)]) == (_whole(*FRAMES), 0)
    assert _received([*packets, packets[2]]) == (_whole(*FRAMES), 0)


def test_g711_is_taken_as_it_comes() -> None:
    packets = _packets(bytes(160), bytes(320), bytes(160), step=160)
    depacketizer = AudioDepacketizer(PCMA)
    assert [frame.samples for packet in packets for frame in depacketizer.push(packet)] == [160, 320, 160]
    frames, losses = _received([packets[0], packets[2]], PCMA)
    assert ([gap for _, gap in frames], losses) == ([False, True], 1)


def test_g711_in_stereo_has_whole_samples() -> None:
    frames, losses = _received(_packets(bytes(320), bytes(321), bytes(320), step=160), STEREO)
    assert ([gap for _, gap in frames], losses) == ([False, True], 1)
    (frame,) = AudioDepacketizer(STEREO).push(_packets(bytes(320))[0])
    assert frame.samples == 160


def _element(*frames: bytes) -> bytes:
    """An AudioMuxElement."""
    return b"".join(b"\xff" * (len(frame) // 255) + bytes([len(frame) % 255]) + frame for frame in frames)


def _element_packets(elements: list[bytes], most: int) -> list[RtpPacket]:
    packets: list[RtpPacket] = []
    for number, element in enumerate(elements):
        parts = [element[at : at + most] for at in range(0, len(element), most)]
        for part in parts:
            packets.append(RtpPacket(part is parts[-1], 97, len(packets), number * 2048, part))
    return packets


@pytest.mark.parametrize("most", [100, 60_000])
def test_latm_comes_out_as_it_went_in(most: int) -> None:
    large = [bytes([number]) * size for number, size in enumerate((254, 255, 256, 510, 700, 90), 1)]
    elements = [_element(one, other) for one, other in zip(large[::2], large[1::2], strict=True)]
    frames, losses = _received(_element_packets([_element(b"x", b"x"), *elements], most), LATM)
    # What comes first may be the end of something, and is left out.
    assert (frames, losses) == (_whole(*large), 0)


def test_latm_after_a_loss_and_malformed() -> None:
    elements = [_element(frame, frame) for frame in FRAMES]
    packets = _element_packets(elements, 20)
    assert len([packet for packet in packets if packet.timestamp == 2 * 2048]) > 2
    without = [packet for packet in packets if packet.sequence != packets[7].sequence + 1 or not packet.timestamp]
    frames, losses = _received(without, LATM)
    assert losses == 1
    assert [gap for _, gap in frames].count(True) == 1
    whole = _element_packets(elements, 60_000)
    for damaged in (b"\xff", b"\x00\x00", elements[0] + b"\x00", elements[0][:-1], b"\x05only"):
        broken = [whole[0], whole[1], whole[2]._replace(payload=damaged), whole[3]]
        assert _received(broken, LATM) == (
            [(FRAMES[1], False), (FRAMES[1], False), (FRAMES[3], True), (FRAMES[3], False)],
            1,
        )


def test_a_latm_element_without_end_is_bounded() -> None:
    depacketizer = AudioDepacketizer(LATM)
    for number in range(100):
        depacketizer.push(RtpPacket(not number, 97, number, number > 0, bytes(60_000)))
    assert depacketizer.losses == 1
    assert depacketizer._fragments is None


@given(
    st.sampled_from([AAC, LATM, PCMA, STEREO]),
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3), st.binary(min_size=1, max_size=60))),
)
def test_any_payload_is_taken_without_an_error(track: AudioTrack, packets: list[tuple[bool, int, int, bytes]]) -> None:
    depacketizer = AudioDepacketizer(track)
    for marker, sequence, timestamp, payload in packets:
        for frame in depacketizer.push(RtpPacket(marker, track.payload_type, sequence, timestamp, payload)):
            assert frame.data
            assert frame.samples > 0


@given(st.lists(st.integers(0, 30), max_size=6, unique=True), st.integers(20, 200))
def test_whatever_is_lost_only_whole_frames_come_out(lost: list[int], most: int) -> None:
    frames = [bytes([number]) * (30 + 40 * (number % 4)) for number in range(1, 13)]
    packets: list[RtpPacket] = []
    for number, frame in enumerate(frames):
        packets += _fragments(frame, most, number * 1024, len(packets))
    received, _ = _received([packet for number, packet in enumerate(packets) if number not in lost])
    places = [frames.index(frame) for frame, _ in received]
    assert places == sorted(places)
    for (earlier, _), (later, gap) in pairwise(received):
        assert gap == (frames.index(later) != frames.index(earlier) + 1)


def _rtp(track: AudioTrack, sequence: int, timestamp: int, payload: bytes) -> bytes:
    head = struct.pack(">BBHII", 0x80, 0x80 | track.payload_type, sequence & 0xFFFF, timestamp & 0xFFFF_FFFF, 7)
    return head + payload


def test_units_have_the_capture_times_of_their_first_samples() -> None:
    clock = ManualClock()
    receiver = AudioReceiver(AAC, 2, utc=UtcLine(clock))
    units: list[AudioUnit] = []
    now_us = clock.monotonic_us()
    for number in range(100):  # two frames a packet, each sent when its last sample was taken, 10 ms on the way
        data = _rtp(AAC, number, 0xFFFF_F000 + number * 2048, _payload(FRAMES[0], FRAMES[1]))
        sent_us = now_us + (number + 1) * 128_000
        events = receiver.receive(data, sent_us + (10_000 if number % 3 else 40_000))
        if not number:
            assert events.pop(0) == AAC.parameters
        units += [event for event in events if isinstance(event, AudioUnit)]
    assert all(unit.duration == 5_760 for unit in units)
    assert [unit.rtp_time - units[0].rtp_time for unit in units] == [5_760 * number for number in range(200)]
    offset_us = clock.now_us() - clock.monotonic_us()
    expected = [now_us + offset_us + 10_000 + number * 64_000 for number in range(200)]
    assert [unit.start_us for unit in units[10:]] == expected[10:]


def test_a_clock_other_than_the_sampling_rate() -> None:
    """High efficiency: the packets count the samples that a decoder makes, twice those of the core."""
    track = AudioTrack(AudioParameters("aac", 24_000, 2, b"\x13\x10", "mp4a.40.2"), 97, 48_000, None, HBR, 1024)
    receiver = AudioReceiver(track, 2, utc=UtcLine(ManualClock()))
    units = [
        event
        for number in range(5)
        for event in receiver.receive(_rtp(track, number, number * 2048, _payload(FRAMES[0])), number * 42_667)
        if isinstance(event, AudioUnit)
    ]
    assert [(unit.rtp_time, unit.duration) for unit in units] == [(number * 3_840, 3_840) for number in range(5)]


def test_times_never_run_backwards_nor_before_the_session_before() -> None:
    clock = ManualClock()
    floor_us = clock.now_us() + US_PER_S
    receiver = AudioReceiver(PCMA, 2, utc=UtcLine(clock), floor_us=floor_us)
    starts: list[int] = []
    arrival_us = clock.monotonic_us()
    for number, (timestamp, size) in enumerate([(0, 160), (160, 8_000), (90_000_000, 160), (300, 160), (460, 160)]):
        arrival_us += 20_000
        events = receiver.receive(_rtp(PCMA, number, timestamp, bytes(size)), arrival_us)
        starts += [event.start_us for event in events if isinstance(event, AudioUnit)]
    assert len(starts) == 5
    assert starts == sorted(starts)
    assert starts[0] >= floor_us


def test_a_flood_of_tiny_packets_is_bounded() -> None:
    receiver = AudioReceiver(AAC, 2, utc=UtcLine(ManualClock()))
    many = _payload(*[b"x"] * 64)
    events = [event for number in range(1_000) for event in receiver.receive(_rtp(AAC, number, 0, many), 1)]
    assert len(events) < 1_200
    assert receiver.losses == 1
    after = receiver.receive(_rtp(AAC, 1_000, 0, _payload(FRAMES[0])), 2)
    assert [unit.gap_before for unit in after if isinstance(unit, AudioUnit)] == [True]


def test_a_packet_of_another_payload_type_is_none_of_ours() -> None:
    receiver = AudioReceiver(AAC, 2, utc=UtcLine(ManualClock()))
    assert receiver.receive(_rtp(PCMA, 0, 0, bytes(160)), 0) == []
    assert receiver.receive(b"\x80", 0) == []
    assert receiver.losses == 0


@given(st.lists(st.binary(max_size=80)))
def test_any_bytes_on_the_channel_are_taken_without_an_error(packets: list[bytes]) -> None:
    receiver = AudioReceiver(AAC, 2, utc=UtcLine(ManualClock()))
    for number, data in enumerate(packets):
        receiver.receive(b"\x80\xe1" + data, number)

import random
import struct

from simulator.virtual_camera.rtp import RtpSource, interleaved, split_interleaved


def test_packets_are_numbered_and_the_last_is_marked() -> None:
    source = RtpSource(random.Random(1))
    source.next_sequence = 0xFFFE
    packets = source.packets((b"a", b"b", b"c"), -90)
    fields = [struct.unpack(">BBHII", packet[:12]) for packet in packets]
    assert [sequence for _, _, sequence, _, _ in fields] == [0xFFFE, 0xFFFF, 0]
    assert [kind for _, kind, *_ in fields] == [96, 96, 96 | 0x80]
    assert {(version, ssrc) for version, _, _, _, ssrc in fields} == {(0x80, source.ssrc)}
    assert {timestamp for *_, timestamp, _ in fields} == {source.wire_time(-90)}
    assert source.next_sequence == 1


def test_a_sender_report_ties_utc_to_rtp_time() -> None:
    source = RtpSource(random.Random(2))
    source.packets((b"abc", b"de"), 0)
    report = source.sender_report(1_700_000_000_500_000, 9000)
    first, kind, words, ssrc, seconds, fraction, timestamp, packets, octets = struct.unpack(">BBHIIIIII", report[:28])
    assert (first, kind, ssrc) == (0x80, 200, source.ssrc)
    assert (words + 1) * 4 == 28
    assert seconds - 2_208_988_800 == 1_700_000_000
    assert fraction == 1 << 31
    assert timestamp == source.wire_time(9000)
    assert (packets, octets) == (2, 5)


def test_a_sender_report_comes_with_a_canonical_name() -> None:
    description = RtpSource(random.Random(3)).sender_report(0, 0)[28:]
    first, kind, words = struct.unpack(">BBH", description[:4])
    assert (first, kind) == (0x81, 202)
    assert len(description) == (words + 1) * 4
    assert description.endswith(b"virtual-camera" + bytes(len(description) - 24))


def test_interleaved_packets_carry_channel_and_length() -> None:
    assert interleaved(4, [b"abc", b""]) == b"$\x04\x00\x03abc$\x04\x00\x00"
    assert list(split_interleaved(interleaved(4, [b"abc", b""]))) == [b"$\x04\x00\x03abc", b"$\x04\x00\x00"]

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import StreamError
from ingest.rtsp.message import MAX_BODY_BYTES, MAX_HEAD_BYTES, Message, MessageParser, Received, format_request


def _packet(channel: int, data: bytes) -> bytes:
    return bytes([0x24, channel]) + len(data).to_bytes(2, "big") + data


def _packets(received: Received) -> list[tuple[int, bytes]]:
    return [
        (channel, bytes(received.data[start:stop]))
        for channel, spans in received.packets.items()
        for start, stop in spans
    ]


def test_every_transcript_of_a_device_is_read(shared_data: Path) -> None:
    files = sorted((shared_data / "onvif_rtsp" / "retina_rtsp").glob("*.txt"))
    assert len(files) > 20
    for file in files:
        if file.name in ("request.txt", "anpviz_sdp.txt"):
            continue
        raw = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if b"\r\n\r\n" not in raw:
            raw += b"\r\n\r\n"
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        raw = b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body
        (message,) = MessageParser().feed(raw).messages
        assert message.status == 200
        assert message.reason == "OK"
        assert message.get("cseq") is not None
        assert message.body == body


def test_packets_between_messages_at_every_cut() -> None:
    raw = _packet(0, b"abc") + b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nhi" + _packet(1, b"") + b"\r\n"
    message = Message("RTSP/1.0 200 OK", (("cseq", "2"), ("content-length", "2")), b"hi")
    for cut in range(len(raw)):
        parser = MessageParser()
        reads = [parser.feed(raw[:cut]), parser.feed(raw[cut:])]
        assert [one for read in reads for one in _packets(read)] == [(0, b"abc"), (1, b"")]
        assert [one for read in reads for one in read.messages] == [message]


@given(st.binary(max_size=200), st.integers(0, 200))
def test_outside_bytes_never_break_the_parser(data: bytes, cut: int) -> None:
    parser = MessageParser()
    try:
        for part in (data[:cut], data[cut:]):
            for message in parser.feed(part).messages:
                assert message.status >= 0
                assert message.reason.isprintable()
    except StreamError:
        pass


def test_packets_that_came_early_do_not_disturb_what_is_pending() -> None:
    parser = MessageParser()
    late = _packet(0, b"late")
    assert not _packets(parser.feed(late[:5]))
    assert _packets(parser.feed_before(_packet(0, b"early"))) == [(0, b"early")]
    assert _packets(parser.feed(late[5:])) == [(0, b"late")]


@pytest.mark.parametrize("size", [0, 1, 65_535])
def test_packets_of_any_length_that_the_header_can_name(size: int) -> None:
    assert _packets(MessageParser().feed(_packet(2, bytes(size)))) == [(2, bytes(size))]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\x03",
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * MAX_HEAD_BYTES,
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_no_honest_device_sends_is_refused(raw: bytes) -> None:
    with pytest.raises(StreamError):
        MessageParser().feed(raw)


def test_a_request_ends_with_an_empty_line() -> None:
    assert format_request("PLAY", "rtsp://h/p", {"CSeq": "3"}) == b"PLAY rtsp://h/p RTSP/1.0\r\nCSeq: 3\r\n\r\n"

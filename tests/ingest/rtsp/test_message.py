from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import StreamError
from ingest.rtsp.message import MAX_BODY_BYTES, MAX_HEAD_BYTES, Message, MessageParser, format_request


def _packet(channel: int, data: bytes) -> bytes:
    return bytes([0x24, channel]) + len(data).to_bytes(2, "big") + data


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
        (message,) = MessageParser().feed(raw)
        assert isinstance(message, Message)
        assert message.status == 200
        assert message.reason == "OK"
        assert message.get("cseq") is not None
        assert message.body == body


def test_packets_between_messages_at_every_cut() -> None:
    raw = _packet(0, b"abc") + b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nhi" + _packet(1, b"") + b"\r\n"
    whole = MessageParser().feed(raw)
    assert whole == [(0, b"abc"), Message("RTSP/1.0 200 OK", (("cseq", "2"), ("content-length", "2")), b"hi"), (1, b"")]
    for cut in range(len(raw)):
        parser = MessageParser()
        assert parser.feed(raw[:cut]) + parser.feed(raw[cut:]) == whole


@given(st.binary(max_size=200), st.integers(0, 200))
def test_outside_bytes_never_break_the_parser(data: bytes, cut: int) -> None:
    parser = MessageParser()
    try:
        for item in parser.feed(data[:cut]) + parser.feed(data[cut:]):
            if isinstance(item, Message):
                assert item.status >= 0
                assert item.reason.isprintable()
    except StreamError:
        pass


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

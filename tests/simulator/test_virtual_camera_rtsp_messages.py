import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.virtual_camera.rtsp_messages import (
    MAX_HEAD,
    MalformedRequest,
    Request,
    RequestReader,
    format_response,
)

STREAM = (
    b"\r\nOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    b"$\x01\x00\x04\r\n\r\n"
    b"GET_PARAMETER rtsp://h/a RTSP/1.0\r\ncseq:2\r\nContent-Length: 9\r\n\r\nposition\n"
    b"$\x00\x00\x00"
    b"TEARDOWN rtsp://h/a RTSP/1.0\r\nCSeq: 3\r\nSession: a:b\r\n\r\n"
)
REQUESTS = [
    Request("OPTIONS", "*", "RTSP/1.0", {"cseq": "1"}),
    Request("GET_PARAMETER", "rtsp://h/a", "RTSP/1.0", {"cseq": "2", "content-length": "9"}),
    Request("TEARDOWN", "rtsp://h/a", "RTSP/1.0", {"cseq": "3", "session": "a:b"}),
]


@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_requests_do_not_depend_on_how_their_bytes_come(cuts: set[int]) -> None:
    reader, edges = RequestReader(), [0, *sorted(cuts), len(STREAM)]
    pieces = (STREAM[start:end] for start, end in itertools.pairwise(edges))
    assert [request for piece in pieces for request in reader.feed(piece)] == REQUESTS


@given(data=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([STREAM[:30], b"\r\n\r\n", b"$", b":"]))))
def test_any_bytes_are_read_or_refused(data: list[bytes]) -> None:
    reader = RequestReader()
    try:
        for piece in data:
            list(reader.feed(piece))
    except MalformedRequest:
        pass


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"PLAY\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nno colon\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"A" * MAX_HEAD,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        list(RequestReader().feed(data))


def test_a_response_has_its_reason_and_the_length_of_its_body() -> None:
    assert format_response(454, [("CSeq", "7")]) == b"RTSP/1.0 454 Session Not Found\r\nCSeq: 7\r\n\r\n"
    assert format_response(200, [], "\u00e9") == b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xa9"

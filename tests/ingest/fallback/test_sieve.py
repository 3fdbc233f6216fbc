from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.nal import Codec
from ingest.fallback.sieve import Passed, Sieve

# The first bytes of a slice: header, then whether it is the first one of its picture.
KEY: dict[Codec, bytes] = {"h264": b"\x65\x80", "h265": b"\x26\x01\x80"}
OTHER: dict[Codec, bytes] = {"h264": b"\x41\x80", "h265": b"\x02\x01\x80"}
LATER: dict[Codec, bytes] = {"h264": b"\x65\x40", "h265": b"\x26\x01\x40"}
DELIMITER: dict[Codec, bytes] = {"h264": b"\x09\x10", "h265": b"\x46\x01\x10"}
CODECS: list[Codec] = ["h264", "h265"]


@pytest.mark.parametrize("codec", CODECS)
def test_pictures_pass_from_a_keyframe_on(codec: Codec) -> None:
    sieve = Sieve(codec)
    assert sieve.take([OTHER[codec]]) is None
    assert sieve.take([DELIMITER[codec], KEY[codec], LATER[codec]]) == Passed(is_keyframe=True, gap_before=False)
    assert sieve.take([OTHER[codec]]) == Passed(is_keyframe=False, gap_before=False)
    assert sieve.take([DELIMITER[codec]]) is None
    assert sieve.take([OTHER[codec]]) == Passed(is_keyframe=False, gap_before=False)


@pytest.mark.parametrize("codec", CODECS)
def test_after_a_loss_even_a_keyframe_in_the_making_is_dropped(codec: Codec) -> None:
    sieve = Sieve(codec)
    assert sieve.take([KEY[codec]])
    sieve.lose()
    assert sieve.take([KEY[codec]]) is None
    assert sieve.take([OTHER[codec]]) is None
    assert sieve.take([KEY[codec]]) == Passed(is_keyframe=True, gap_before=True)
    assert sieve.take([OTHER[codec]]) == Passed(is_keyframe=False, gap_before=False)


@pytest.mark.parametrize("codec", CODECS)
def test_a_picture_without_its_first_slice_is_a_loss(codec: Codec) -> None:
    sieve = Sieve(codec)
    assert sieve.take([KEY[codec]])
    assert sieve.take([LATER[codec], KEY[codec]]) is None
    assert sieve.take([OTHER[codec]]) is None
    assert sieve.take([KEY[codec]]) == Passed(is_keyframe=True, gap_before=True)


@given(st.sampled_from(CODECS), st.lists(st.none() | st.lists(st.binary(min_size=1, max_size=4), max_size=4)))
def test_nothing_passes_between_a_loss_and_a_keyframe(codec: Codec, packets: list[list[bytes] | None]) -> None:
    """None stands for a loss."""
    sieve = Sieve(codec)
    whole, lost = False, False
    for units in packets:
        if units is None:
            sieve.lose()
            whole, lost = False, True
        elif (passed := sieve.take(units)) is not None:
            assert whole or passed.is_keyframe
            assert passed.gap_before >= (lost and not whole)
            whole = True

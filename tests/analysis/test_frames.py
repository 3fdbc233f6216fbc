from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.frames import Frame, Region, StreamDecoder
from foundation.nal import length_prefixed
from ingest.access_unit import AccessUnit, CodecParameters
from simulator.virtual_camera.media import Media, load_media

START_US = 1_790_000_000_000_000


def _parameters(media: Media) -> CodecParameters:
    return CodecParameters(media.codec, media.parameter_sets, media.width, media.height, "")


def _units(media: Media) -> list[AccessUnit]:
    return [
        AccessUnit(START_US + unit.dts * 100 // 9, unit.pts, unit.is_keyframe, False, length_prefixed(unit.nal_units))
        for unit in media.units
    ]


def _decode(decoder: StreamDecoder, units: Sequence[AccessUnit]) -> list[Frame]:
    return [frame for unit in units for frame in decoder.decode(unit)]


@pytest.fixture(scope="module", params=["libvpl_cars_320x240.h264", "libvpl_cars_320x240.h265"])
def media(request: pytest.FixtureRequest, shared_data: Path) -> Media:
    return load_media(shared_data / "video" / request.param)


def test_every_unit_becomes_a_picture_with_its_own_time(media: Media) -> None:
    decoder = StreamDecoder(_parameters(media))
    units = _units(media)[:60]
    found = [*_decode(decoder, units), *decoder.flush()]
    assert len(found) == len(units)
    assert {frame.start_us for frame in found} == {unit.start_us for unit in units}
    assert {(frame.width, frame.height) for frame in found} == {(media.width, media.height)}
    assert found[0].luma().shape == (media.height, media.width)
    assert decoder.errors == decoder.skipped == 0


def test_decoding_begins_at_a_keyframe(media: Media) -> None:
    decoder = StreamDecoder(_parameters(media))
    assert _decode(decoder, _units(media)[1:10]) == []
    assert decoder.skipped == 9


def test_after_a_gap_it_waits_for_the_next_keyframe(media: Media) -> None:
    decoder = StreamDecoder(_parameters(media))
    units = _units(media)
    _decode(decoder, units[:10])
    broken = AccessUnit(units[11].start_us, units[11].rtp_time, False, True, units[11].data)
    assert _decode(decoder, [broken, units[12], units[13]]) == []
    assert [*_decode(decoder, units[:10]), *decoder.flush()] != []


def test_rubbish_is_counted_and_does_no_harm(media: Media) -> None:
    decoder = StreamDecoder(_parameters(media))
    units = _units(media)
    rubbish = AccessUnit(START_US, 0, True, False, length_prefixed([b"\x65" + bytes(range(256))]))
    _decode(decoder, [rubbish] * 3)
    assert [*_decode(decoder, units[:20]), *decoder.flush()] != []


@given(data=st.binary(max_size=400), is_keyframe=st.booleans())
def test_no_bytes_raise(data: bytes, is_keyframe: bool) -> None:
    decoder = StreamDecoder(CodecParameters("h264", (b"\x67\x42\x00\x0a\xf8\x41\xa2", b"\x68\xce\x38\x80"), 64, 64, ""))
    unit = AccessUnit(START_US, 0, is_keyframe, False, length_prefixed([data]) if data else b"")
    list(decoder.decode(unit))
    list(decoder.decode(unit))


def _frame(width: int, height: int) -> Frame:
    picture = np.random.default_rng(1).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    picture = picture.repeat(8, axis=0).repeat(8, axis=1)
    return Frame(av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p"), 0)


@given(x=st.integers(-300, 300), y=st.integers(-300, 300), width=st.integers(0, 300), height=st.integers(0, 300))
def test_a_region_is_the_part_of_the_whole_picture(x: int, y: int, width: int, height: int) -> None:
    frame = _frame(160, 96)
    part = frame.clip(Region(x, y, width, height))
    assert 0 <= part.x <= 158
    assert 0 <= part.y <= 94
    assert part.x % 2 == part.y % 2 == part.width % 2 == part.height % 2 == 0
    assert part.width >= 2
    assert part.height >= 2
    whole = frame.bgr()[part.y : part.y + part.height, part.x : part.x + part.width]
    assert np.array_equal(frame.bgr(Region(x, y, width, height)), whole)

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from ingest.access_unit import AccessUnit
from ingest.footage.boxes import find, walk
from ingest.footage.fragmenter import Fragmenter, MediaFragment
from ingest.footage.mp4 import init_segment
from ingest.footage.mp4_reader import fragments, parameters_of, read_init

HALF_SECOND = 45_000


def _fragments(units: list[AccessUnit], reorder: int | None = 0) -> list[MediaFragment]:
    fragmenter = Fragmenter(HALF_SECOND, reorder)
    done = [fragment for unit in units if (fragment := fragmenter.push(unit))]
    return done + fragmenter.flush()


def _file(parameters: Any, parts: list[MediaFragment]) -> bytes:
    origin = parts[0].decode_time
    return init_segment(parameters) + b"".join(part.encode(i + 1, origin) for i, part in enumerate(parts))


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_decoder_plays_what_was_written(codec: str, request: pytest.FixtureRequest) -> None:
    footage = request.getfixturevalue(codec)
    data = _file(footage.parameters, _fragments(footage.units))
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (footage.parameters.width, footage.parameters.height)
        assert sum(1 for _ in container.decode(stream)) == len(footage.units)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_what_was_written_is_read_back(codec: str, request: pytest.FixtureRequest) -> None:
    footage = request.getfixturevalue(codec)
    parts = _fragments(footage.units)
    data = _file(footage.parameters, parts)
    init = read_init(io.BytesIO(data))
    assert parameters_of(init) == footage.parameters
    stored = list(fragments(io.BytesIO(data), len(init)))
    assert [sample for one in stored for sample in one.samples] == [sample for one in parts for sample in one.samples]
    assert [sample.data for one in stored for sample in one.samples] == [unit.data for unit in footage.units]
    assert stored[-1].end == len(data)


def test_pictures_shown_out_of_order_keep_their_times(h264: Any) -> None:
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    units = [
        AccessUnit(index * 40_000, 900_000 + shown * 3_600, index == 0, False, h264.units[index].data)
        for index, shown in enumerate(order)
    ]
    for reorder in (1, 2):
        (part,) = _fragments(units, reorder)
        decode = part.decode_time
        shown = []
        for sample in part.samples:
            shown.append((decode + sample.composition_offset - 900_000) // 3_600)
            decode += sample.duration
        assert shown == order
        assert part.decode_time == 900_000
        assert all(sample.duration == 3_600 for sample in part.samples)


def test_depth_of_reordering_is_learned_when_nobody_says_it() -> None:
    units = []
    for group in range(20):
        for shown in (0, 3, 1, 2):
            units.append(AccessUnit(0, (group * 4 + shown) * 3_600, not units, False, b"x"))
    samples = [sample for part in _fragments(units, None) for sample in part.samples]
    assert all(sample.duration > 0 for sample in samples)
    assert all(sample.duration == 3_600 for sample in samples[16:-4])


@given(
    st.lists(st.tuples(st.integers(-20_000, 50_000), st.booleans(), st.booleans()), min_size=1, max_size=60),
    st.integers(0, 4),
)
def test_no_unit_is_lost_and_decode_times_ascend(steps: list[tuple[int, bool, bool]], reorder: int) -> None:
    time, units = 1_000_000, []
    for index, (step, is_keyframe, gap) in enumerate(steps):
        time += step
        units.append(AccessUnit(index, time, is_keyframe, gap, index.to_bytes(2, "big")))
    parts = _fragments(units, reorder)
    assert [sample.data for part in parts for sample in part.samples] == [unit.data for unit in units]
    decode = parts[0].decode_time
    for part in parts:
        assert part.decode_time == decode
        assert all(sample.duration > 0 for sample in part.samples)
        assert not any(sample.is_keyframe for sample in part.samples[1:])
        decode += part.duration


def test_a_torn_file_gives_its_whole_fragments(h264: Any) -> None:
    parts = _fragments(h264.units)
    data = _file(h264.parameters, parts)
    init = len(read_init(io.BytesIO(data)))
    ends = [one.end for one in fragments(io.BytesIO(data), init)]
    generator = random.Random(7)
    for cut in [init, *ends, *(generator.randrange(init, len(data)) for _ in range(50))]:
        found = [one.end for one in fragments(io.BytesIO(data[:cut]), init)]
        assert found == [end for end in ends if end <= cut]


@given(st.binary(max_size=300), st.integers(0, 2_000))
def test_damaged_bytes_never_break_the_reader(h264: Any, noise: bytes, at: int) -> None:
    data = bytearray(_file(h264.parameters, _fragments(h264.units[:20])))
    data[at : at + len(noise)] = noise
    file = io.BytesIO(bytes(data))
    try:
        init = read_init(file)
        parameters_of(init)
    except InvalidInput:
        return
    list(fragments(file, len(init)))


def test_real_files_of_others_are_refused_not_crashed_on(shared_data: Path) -> None:
    for path in sorted((shared_data / "video" / "decode_edge").glob("*.mp4")):
        with path.open("rb") as file:
            try:
                init = read_init(file)
                parameters_of(init)
                list(fragments(file, len(init)))
            except InvalidInput:
                pass


def test_the_boxes_are_those_of_cmaf(h264: Any) -> None:
    data = _file(h264.parameters, _fragments(h264.units))
    assert [box.kind for box in walk(data)][:4] == [b"ftyp", b"moov", b"moof", b"mdat"]
    assert find(data, b"moov", b"mvex", b"trex")
    assert find(data, b"moof", b"traf", b"tfdt")
    assert find(init_segment(h264.parameters, duration=90_000), b"moov", b"mvex", b"mehd")

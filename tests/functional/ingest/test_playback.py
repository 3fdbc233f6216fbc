from __future__ import annotations

import importlib.util
import io
import json
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from foundation.errors import InvalidInput, NotFound
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.footage import FootageIndex
from ingest.footage.index_writer import IndexWriter
from ingest.footage.segment_file import SegmentName
from ingest.playback import Clip, clip

pytestmark = pytest.mark.functional

_spec = importlib.util.spec_from_file_location("recorded_footage", Path(__file__).with_name("recorded_footage.py"))
assert _spec is not None
assert _spec.loader is not None
footage = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(footage)

CAMERA = "0199a000-0000-7000-8000-000000000001"
START_US = footage.START_US
S = 1_000_000
Source = tuple[CodecParameters, list[AccessUnit]]


@pytest.fixture(scope="module")
def cars(shared_data: Path) -> Source:
    """30 s of a road, H.264 with B-frames, 12.5 pictures a second."""
    return footage.read_units(shared_data / "video" / "intel_car-detection.mp4")


@pytest.fixture(scope="module")
def bunny(shared_data: Path) -> Source:
    return footage.read_units(shared_data / "video" / "decode_edge" / "mp4ff_prog_8s.mp4")


def shifted(units: list[AccessUnit], us: int) -> list[AccessUnit]:
    return [replace(unit, start_us=unit.start_us + us) for unit in units]


def decoded(found: Clip) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(found.read())) as container:
        return list(container.decode(video=0))


def probe(found: Clip, tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "clip.mp4"
    file.write_bytes(found.read())
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(file)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30)
    assert done.stderr == b""
    return json.loads(done.stdout)


def test_a_clip_starts_at_the_keyframe_before_and_counts_from_zero(cars: Source, tmp_path: Path) -> None:
    parameters, units = cars
    footage.record(tmp_path, CAMERA, parameters, units)
    found = clip([tmp_path], CAMERA, "main", START_US + 12 * S, START_US + 20 * S)
    keyframes = [unit.start_us for unit in units if unit.is_keyframe and unit.start_us <= START_US + 12 * S]
    assert abs(found.start_us - keyframes[-1]) < 100_000
    assert 0 <= found.end_us - (START_US + 20 * S) < S
    assert found.gaps == []
    frames = decoded(found)
    seconds = (found.end_us - found.start_us) / S
    assert frames[0].pts == 0
    assert frames[0].key_frame
    assert len(frames) == pytest.approx(seconds * 12.5, abs=1)
    assert [frame.pts for frame in frames] == sorted(frame.pts for frame in frames)
    known = probe(found, tmp_path)
    assert float(known["format"]["duration"]) == pytest.approx(seconds, abs=0.05)
    assert float(known["streams"][0]["start_time"]) == 0
    assert found.mime == f'video/mp4; codecs="{parameters.rfc6381}"'


def test_the_pictures_are_those_that_were_recorded(cars: Source, tmp_path: Path, shared_data: Path) -> None:
    footage.record(tmp_path, CAMERA, *cars)
    found = clip([tmp_path], CAMERA, "main", START_US, START_US + 4 * S)
    with av.open(str(shared_data / "video" / "intel_car-detection.mp4")) as container:
        original = [frame.to_ndarray() for frame, _ in zip(container.decode(video=0), range(50), strict=False)]
    frames = decoded(found)
    assert len(frames) >= 50
    assert all((frame.to_ndarray() == picture).all() for frame, picture in zip(frames, original, strict=False))


def test_any_range_is_the_same_bytes(cars: Source, tmp_path: Path) -> None:
    footage.record(tmp_path, CAMERA, *cars)
    found = clip([tmp_path], CAMERA, "main", START_US + 3 * S, START_US + 9 * S)
    whole = found.read()
    assert len(whole) == found.size
    places = [0, 1, len(found.head) - 1, len(found.head), len(found.head) + 1, found.size // 2, found.size - 1]
    for start in places:
        for end in [*places, found.size, found.size + 100]:
            assert found.read(start, end) == whole[start:end]


def test_segments_on_two_disks_make_one_clip(cars: Source, tmp_path: Path) -> None:
    parameters, units = cars
    cut = next(number for number, unit in enumerate(units) if unit.is_keyframe and unit.start_us > START_US + 9 * S)
    disks = [tmp_path / "0", tmp_path / "1"]
    footage.record(disks[0], CAMERA, parameters, units[:cut])
    footage.record(disks[1], CAMERA, parameters, units[cut:], n=1)
    found = clip(disks, CAMERA, "main", START_US, START_US + 30 * S)
    assert [gap for gap in found.gaps if gap[0] < START_US + 30 * S] == []
    assert len(decoded(found)) == pytest.approx(375, abs=2)


def test_gaps_are_closed_up_and_told(bunny: Source, tmp_path: Path) -> None:
    parameters, units = bunny
    footage.record(tmp_path, CAMERA, parameters, units)
    footage.record(tmp_path, CAMERA, parameters, shifted(units, 20 * S), n=1)
    found = clip([tmp_path], CAMERA, "main", START_US - 2 * S, START_US + 40 * S)
    end_us = START_US + 8 * S
    expected = [(START_US - 2 * S, START_US), (end_us, end_us + 12 * S), (end_us + 20 * S, START_US + 40 * S)]
    assert [(round(start / S), round(end / S)) for start, end in found.gaps] == [
        (start // S, end // S) for start, end in expected
    ]
    frames = decoded(found)
    assert len(frames) == 2 * len(units)
    steps = {second.pts - first.pts for first, second in pairwise(frames)}
    assert max(steps) < 10_000


def test_what_two_recorders_recorded_is_shown_once(cars: Source, tmp_path: Path) -> None:
    parameters, units = cars
    late = next(number for number, unit in enumerate(units) if unit.is_keyframe and unit.start_us > START_US + 5 * S)
    half = next(number for number, unit in enumerate(units) if unit.start_us > START_US + 15 * S)
    footage.record(tmp_path, CAMERA, parameters, units[:half], fence=1)
    footage.record(tmp_path, CAMERA, parameters, units[late:], fence=2)
    found = clip([tmp_path], CAMERA, "main", START_US, START_US + 30 * S)
    seconds = (found.end_us - found.start_us - sum(end - start for start, end in found.gaps)) / S
    assert len(decoded(found)) == pytest.approx(seconds * 12.5, rel=0.03)


def test_a_segment_in_progress_is_shown_to_the_end_of_its_file(bunny: Source, tmp_path: Path) -> None:
    file = footage.record(tmp_path, CAMERA, *bunny, complete=False, unsynced_fragments=5)
    with file.open("ab") as growing:
        growing.write(b"\x00\x00\x10\x00moof torn")
    found = clip([tmp_path], CAMERA, "main", START_US, START_US + 8 * S)
    assert len(decoded(found)) == len(bunny[1])


def test_a_segment_that_has_no_row_yet_is_shown(bunny: Source, tmp_path: Path) -> None:
    parameters, units = bunny
    footage.record(tmp_path, CAMERA, parameters, units)
    later = shifted(units, 8 * S)
    file = footage.record(tmp_path, CAMERA, parameters, later, n=1)
    name = SegmentName(CAMERA, "main", later[0].start_us, 1, 1)
    (tmp_path / name.path).parent.mkdir(parents=True)
    file.rename(tmp_path / name.path)
    index = IndexWriter(tmp_path)
    index.forget([file.relative_to(tmp_path).as_posix()])
    found = clip([tmp_path], CAMERA, "main", START_US + 4 * S, START_US + 16 * S)
    assert found.end_us >= later[-1].start_us
    assert found.gaps == []
    known = probe(found, tmp_path)
    assert float(known["format"]["duration"]) == pytest.approx((found.end_us - found.start_us) / S, abs=0.05)
    # One that is older than what has a row was purged, and is not shown again.
    index.condemn({one.path: one.size_bytes for one in FootageIndex(tmp_path).segments(CAMERA, "main", 0, 1 << 60)})
    index.close()
    with pytest.raises(NotFound):
        clip([tmp_path], CAMERA, "main", START_US + 4 * S, START_US + 16 * S)


def test_where_the_parameters_change_the_longer_part_is_shown(cars: Source, bunny: Source, tmp_path: Path) -> None:
    footage.record(tmp_path, CAMERA, bunny[0], bunny[1])
    footage.record(tmp_path, CAMERA, cars[0], shifted(cars[1], 8 * S), n=1)
    found = clip([tmp_path], CAMERA, "main", START_US, START_US + 30 * S)
    assert decoded(found)[0].width == 768
    assert found.gaps == [(START_US, START_US + 8 * S)]


def test_refuses_nothing_too_much_and_what_is_not_there(bunny: Source, tmp_path: Path) -> None:
    footage.record(tmp_path, CAMERA, *bunny)
    for start_us, end_us in ((START_US, START_US), (START_US + 1, START_US), (START_US, START_US + 601 * S)):
        with pytest.raises(InvalidInput):
            clip([tmp_path], CAMERA, "main", start_us, end_us)
    for camera_id, stream, start_us in ((CAMERA, "sub", START_US), ("other", "main", START_US), (CAMERA, "main", 0)):
        with pytest.raises(NotFound):
            clip([tmp_path], camera_id, stream, start_us, start_us + S)
    with pytest.raises(NotFound):
        clip([tmp_path / "no disk"], CAMERA, "main", START_US, START_US + S)


def test_footage_purged_between_the_plan_and_the_reading_is_not_found(bunny: Source, tmp_path: Path) -> None:
    file = footage.record(tmp_path, CAMERA, *bunny)
    found = clip([tmp_path], CAMERA, "main", START_US, START_US + 4 * S)
    file.unlink()
    with pytest.raises(NotFound):
        found.read()
    with pytest.raises(NotFound):
        clip([tmp_path], CAMERA, "main", START_US, START_US + 4 * S)

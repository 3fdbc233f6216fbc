from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from foundation.errors import InvalidInput, NotWritable
from foundation.nal import split_length_prefixed
from simulator.plates import PlateSpec, plate_of
from simulator.scenes import SceneTruth, render
from simulator.scenes.picture import _joined
from simulator.scenes.stage import FRAME_US
from simulator.scenes.vehicles import VehiclesScene

SECONDS = 5.0
PLATES = (plate_of("京A12345"), plate_of("沪BD67890"), plate_of("粤Z8D21港"), plate_of("鲁C55K66", "cn_large"))
# BGR means of the plates' grounds, wide enough for the codec.
HUES = {"blue": (100, 130), "green": (35, 85), "yellow": (15, 35)}


class Rendered:
    def __init__(self, folder: Path, *, night: bool = False, seed: int = 3) -> None:
        self.main, self.sub = folder / "main.mp4", folder / "sub.mp4"
        self.truth = render("vehicles", self.main, self.sub, seconds=SECONDS, seed=seed, night=night, plates=PLATES)

    def frames(self, *, sub: bool = False) -> list[Any]:
        with av.open(str(self.sub if sub else self.main)) as container:
            return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return Rendered(tmp_path_factory.mktemp("day"))


@pytest.mark.parametrize(("sub", "size"), [(False, (1920, 1080)), (True, (640, 360))])
def test_streams_are_as_a_camera_sends_them(day: Rendered, sub: bool, size: tuple[int, int]) -> None:
    with av.open(str(day.sub if sub else day.main)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == size
        assert stream.average_rate == 25
        assert stream.codec_context.name == "h264"
        assert stream.profile == "High"
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert len(packets) == day.truth.frames == SECONDS * 25
    assert all(packet.pts == packet.dts for packet in packets), "no B-frames"
    keyframes = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert all(25 <= after - before <= 50 for before, after in pairwise(keyframes))
    assert all(list(split_length_prefixed(bytes(packet))) for packet in packets)


def test_every_plate_passes_once_and_wholly_inside_the_file(day: Rendered) -> None:
    vehicles = day.truth.objects
    assert sorted(vehicle.plate or "" for vehicle in vehicles) == sorted(plate.text for plate in PLATES)
    for vehicle in vehicles:
        assert 0 < vehicle.start_us < vehicle.end_us < day.truth.duration_us
        assert 5 <= (vehicle.speed_kmh or 0) <= 80
        assert max(sample.plate_width for sample in vehicle.samples) >= 60
        (crossing,) = vehicle.crossings
        assert vehicle.start_us < crossing.at_us < vehicle.end_us
        assert crossing.direction == vehicle.direction


def test_nothing_is_to_be_seen_at_start_and_end(day: Rendered) -> None:
    frames = day.frames()
    # The encoder's noise alone is left between the first and the last frame.
    assert np.abs(frames[0].astype(int) - frames[-1].astype(int)).max() < 40
    assert np.abs(frames[0].astype(int) - frames[-1].astype(int)).mean() < 1.5


def test_the_plate_is_where_the_truth_says(day: Rendered) -> None:
    frames, checked = day.frames(), set()
    for vehicle in day.truth.objects:
        for sample in vehicle.samples:
            if sample.plate_box is None or sample.plate_width < 60 or vehicle.plate_colour not in HUES:
                continue
            left, top, width, height = (round(value) for value in sample.plate_box)
            plate = frames[sample.at_us // FRAME_US][top : top + height, left : left + width]
            hsv = cv2.cvtColor(plate, cv2.COLOR_BGR2HSV).reshape(-1, 3)
            low, high = HUES[vehicle.plate_colour]
            coloured = (hsv[:, 1] > 60) & (low <= hsv[:, 0]) & (hsv[:, 0] <= high)
            assert coloured.mean() > 0.3, f"{vehicle.plate} at {sample.at_us} us"
            checked.add(vehicle.plate)
    assert len(checked) == 3


def test_the_sub_stream_shows_the_same_moments(day: Rendered) -> None:
    for main, sub in zip(day.frames()[::25], day.frames(sub=True)[::25], strict=True):
        small = cv2.resize(main, (640, 360), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - sub.astype(int)).mean() < 4


def test_the_same_seed_gives_the_same_truth_and_frames(day: Rendered, tmp_path: Path) -> None:
    again = Rendered(tmp_path)
    assert again.truth == day.truth
    for one, other in zip(again.frames(), day.frames(), strict=True):
        assert np.array_equal(one, other)


def test_plates_shine_by_night(tmp_path: Path) -> None:
    night = Rendered(tmp_path, night=True)
    frames = night.frames()
    assert frames[0].mean() < 50
    sample = max((s for v in night.truth.objects for s in v.samples if v.plate == "京A12345"), key=_plate_width)
    assert sample.plate_box is not None
    left, top, width, height = (round(value) for value in sample.plate_box)
    plate = frames[sample.at_us // FRAME_US][top : top + height, left : left + width]
    assert plate.max() > 180


def _plate_width(sample: Any) -> float:
    return float(sample.plate_width)


def test_truth_is_written_as_json(day: Rendered, tmp_path: Path) -> None:
    file = tmp_path / "truth.json"
    day.truth.write(file)
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["objects"][0]["plate"] == day.truth.objects[0].plate
    assert written["fps"] == 25


def test_plates_that_cannot_pass_in_time_are_refused(tmp_path: Path) -> None:
    plates = [PlateSpec(f"京A{number:05}", "blue", "cn_standard") for number in range(40)]
    with pytest.raises(InvalidInput, match="km/h"):
        render("vehicles", tmp_path / "out.mp4", seconds=4, plates=plates)


@pytest.mark.parametrize(("kind", "seconds", "said"), [("ufo", 4, "no scene"), ("vehicles", 0.5, "not between")])
def test_what_cannot_be_rendered_is_refused(tmp_path: Path, kind: str, seconds: float, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        render(kind, tmp_path / "out.mp4", seconds=seconds)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="file"):
        render("walkers", tmp_path / "file" / "out.mp4", seconds=8)


def test_nothing_is_left_when_rendering_is_interrupted(tmp_path: Path) -> None:
    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render("vehicles", tmp_path / "out.mp4", tmp_path / "sub.mp4", seconds=4, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_truth_is_a_record_of_the_request(day: Rendered) -> None:
    truth: SceneTruth = day.truth
    assert (truth.kind, truth.seed, truth.night, truth.duration_us) == ("vehicles", 3, False, 5_000_000)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_vehicles_come_as_seldom_as_asked(seed: int) -> None:
    scene = VehiclesScene(seconds=24, seed=seed, night=False, plates=None, every_s=6)
    assert len(scene.passages) == 4
    assert all(0 < passage.start_s < passage.end_s < 24 for passage in scene.passages)


def test_of_the_boxes_that_changed_none_is_left_out() -> None:
    boxes = [(0, 0, 100, 100), (10, 4, 110, 104), (500, 500, 510, 510), (900, 0, 910, 10)]
    assert _joined(boxes) == [(0, 0, 110, 104), (500, 500, 510, 510), (900, 0, 910, 10)]

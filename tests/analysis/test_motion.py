from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.frames import Luma
from analysis.motion import MotionDetector, MotionObservation, MotionTracker, union
from analysis.video_file import frames

STEP_US = 200_000


def _picture(seed: int, square: tuple[int, int] | None = None, light: int = 0) -> Luma:
    """Noise like a camera's on a textured ground, with a bright square where something is."""
    ground = np.random.default_rng(1).integers(60, 120, (36, 64)).repeat(10, axis=0).repeat(10, axis=1)
    picture = ground + np.random.default_rng(seed).normal(0, 3, ground.shape) + light
    if square is not None:
        x, y = square
        picture[y : y + 40, x : x + 30] = 210 + light
    return np.clip(picture, 0, 255).astype(np.uint8)


def _run(pictures: list[Luma]) -> list[MotionObservation]:
    tracker = MotionTracker()
    found = [tracker.update(picture, index * STEP_US) for index, picture in enumerate(pictures)]
    return [one for one in (*found, tracker.end()) if one is not None]


def test_a_quiet_picture_is_quiet() -> None:
    assert _run([_picture(seed) for seed in range(60)]) == []


def test_something_that_crosses_is_one_observation() -> None:
    crossing = [_picture(100 + step, (40 + 25 * step, 160)) for step in range(20)]
    (motion,) = _run([*(_picture(n) for n in range(20)), *crossing, *(_picture(200 + n) for n in range(20))])
    assert motion.start_us == 20 * STEP_US
    assert 39 * STEP_US <= motion.end_us <= 42 * STEP_US
    assert 0.003 < motion.peak_area < 0.03
    x, y, width, height = motion.box
    assert x == pytest.approx(40 / 640, abs=0.02)
    assert x + width == pytest.approx((40 + 25 * 19 + 30) / 640, abs=0.03)
    assert y == pytest.approx(160 / 360, abs=0.03)
    assert height == pytest.approx(40 / 360, abs=0.04)


def test_a_short_pause_does_not_split_an_observation() -> None:
    moving = [_picture(100 + step, (40 + 25 * step, 160)) for step in range(8)]
    later = [_picture(150 + step, (300 + 25 * step, 160)) for step in range(8)]
    quiet = [_picture(200 + n) for n in range(5)]
    assert len(_run([*(_picture(n) for n in range(10)), *moving, *quiet, *later])) == 1


def test_light_that_changes_everywhere_is_not_motion() -> None:
    steps = [_picture(n, light=60) for n in range(20, 40)]
    drift = [_picture(n, light=60 - n) for n in range(50)]
    assert _run([*(_picture(n) for n in range(20)), *steps, *drift]) == []


def test_one_odd_picture_is_not_motion() -> None:
    odd = [_picture(90, (200, 160))]
    assert _run([*(_picture(n) for n in range(20)), *odd, *(_picture(n) for n in range(30, 50))]) == []


def test_long_motion_is_reported_every_minute() -> None:
    pictures = [_picture(n) for n in range(10)]
    pictures += [_picture(n, (40 + 25 * (n % 20), 100 + 60 * (n % 3))) for n in range(400)]
    found = _run(pictures)
    assert len(found) == 2
    assert found[0].end_us - found[0].start_us <= 61_000_000
    assert found[1].start_us >= found[0].end_us


def test_a_picture_of_another_size_does_not_break_the_detector() -> None:
    detector = MotionDetector()
    for shape in ((90, 160), (360, 640), (480, 352)):
        assert detector.update(np.full(shape, 90, np.uint8)).boxes == ()


def test_union_holds_all_boxes() -> None:
    assert union((0.1, 0.2, 0.1, 0.1), (0.5, 0.1, 0.2, 0.3)) == pytest.approx((0.1, 0.1, 0.6, 0.3))


@pytest.mark.parametrize(
    ("name", "least"),
    [("intel_car-detection.mp4", 2), ("bgslib_video02.avi", 1)],
)
def test_real_footage_with_motion(shared_data: Path, name: str, least: int) -> None:
    tracker = MotionTracker()
    found, next_us = [], 0
    for frame in frames(shared_data / "video" / name):
        if frame.start_us >= next_us:
            next_us = frame.start_us + STEP_US
            found.append(tracker.update(frame.luma(), frame.start_us))
    found.append(tracker.end())
    assert len([one for one in found if one is not None]) >= least


def test_real_footage_without_motion(shared_data: Path) -> None:
    """The first seconds of this camera, before anybody comes, again and again."""
    quiet = []
    for frame in frames(shared_data / "video" / "intel_one-by-one-person-detection.mp4"):
        if frame.start_us > 4_500_000:
            break
        quiet.append(frame.luma())
    assert _run((quiet + quiet[::-1]) * 3) == []

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from foundation.errors import InvalidInput
from simulator.scenes import SceneTruth, render
from simulator.scenes.stage import FRAME_US

SECONDS = 8.0


def _decoded(file: Path) -> list[Any]:
    with av.open(str(file)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def _rendered(kind: str, folder: Path, **options: Any) -> tuple[SceneTruth, list[Any]]:
    truth = render(kind, folder / "main.mp4", folder / "sub.mp4", seconds=SECONDS, **options)
    return truth, _decoded(folder / "sub.mp4")


def _within(picture: Any, box: tuple[float, float, float, float]) -> Any:
    """The part of a sub stream's picture in a box of the main stream's."""
    left, top, width, height = (round(value / 3) for value in box)
    return picture[top : top + height, left : left + width]


def test_walkers_are_where_the_truth_says(tmp_path: Path) -> None:
    truth, frames = _rendered("walkers", tmp_path, seed=4)
    empty = frames[0].astype(int)
    walkers = [each for each in truth.objects if each.kind == "walker"]
    assert len(walkers) >= 2
    for walker in walkers:
        assert 0 < walker.start_us < walker.end_us < truth.duration_us
        middle = walker.samples[len(walker.samples) // 2]
        seen = _within(np.abs(frames[middle.at_us // FRAME_US].astype(int) - empty), middle.box)
        assert (seen > 20).mean() > 0.25
    assert {stay.zone for walker in walkers for stay in walker.stays} <= {zone.name for zone in truth.zones}
    assert any(walker.stays for walker in walkers)


def test_an_object_lies_for_the_time_the_truth_says(tmp_path: Path) -> None:
    truth, frames = _rendered("left_object", tmp_path, seed=4)
    (bag,) = [each for each in truth.objects if each.kind == "bag"]

    def change(at_us: int) -> float:
        difference = np.abs(frames[at_us // FRAME_US].astype(int) - frames[0])
        return float(_within(difference, bag.samples[0].box).mean())

    assert change(bag.start_us + (bag.end_us - bag.start_us) // 2) > 15
    assert change(truth.duration_us - FRAME_US) < 4
    assert bag.end_us - bag.start_us == pytest.approx(0.54 * SECONDS * 1e6, abs=2 * FRAME_US)


def test_each_kind_of_tampering_shows_in_its_interval(tmp_path: Path) -> None:
    truth, frames = _rendered("tamper", tmp_path, seed=3)
    shown = {
        tamper.kind: frames[tamper.start_us // FRAME_US + 2 : tamper.end_us // FRAME_US - 1] for tamper in truth.tampers
    }
    assert list(shown) == ["black", "freeze", "blur", "cover", "turn"]
    empty = frames[0].astype(int)
    assert all(frame.max() < 20 for frame in shown["black"])
    assert np.abs(shown["freeze"][0].astype(int) - shown["freeze"][-1].astype(int)).mean() < 1
    assert _sharpness(shown["blur"][-1]) < 0.2 * _sharpness(frames[0])
    assert shown["cover"][-1][100:].mean() < 60
    assert np.abs(shown["turn"][-1].astype(int) - empty).mean() > 15
    for before, after in zip(truth.tampers, truth.tampers[1:], strict=False):
        assert before.end_us < after.start_us


def _sharpness(frame: Any) -> float:
    return float(cv2.Laplacian(frame, cv2.CV_64F).var())


def test_walkers_need_time(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="walks"):
        render("walkers", tmp_path / "out.mp4", seconds=2, seed=1)

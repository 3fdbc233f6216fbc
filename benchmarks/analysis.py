"""Analysis: what motion and plates cost a camera, and how well plates are read beside a general text reader.

    python -m benchmarks.analysis [--seconds 12] [--data ../shared/data]

Costs are CPU time on rendered vehicle scenes (a car about every second, by day and by night). Accuracy is on single
pictures of real plates, one reading each, with O and 0, I and 1 taken alike, as the truth of the sets does. The peer
looks for text in the whole picture with PP-OCRv6's detector and reads every line it finds with PP-OCRv6's recogniser;
it is right when any line it found is the plate.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from analysis.camera import CameraAnalysis
from analysis.frames import Frame
from analysis.plates import models
from analysis.plates.colour import plate_colour
from analysis.plates.detector import Picture, detect
from analysis.plates.reader import read, rectify
from analysis.video_file import frames
from simulator.scenes import SceneTruth, render

_TEXT_DETECTOR = models.ModelFile("rapidocr", "rapidocr/models/PP-OCRv6_det_small.onnx")
_SAME = str.maketrans("OI", "01")


@dataclass
class Stopwatch:
    """CPU time of this process."""

    cpu_s: float = 0.0
    runs: int = 0
    _since: float = field(default=0.0, repr=False)

    def __enter__(self) -> None:
        self._since = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.cpu_s += time.process_time() - self._since
        self.runs += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        for night in (False, True):
            _costs(Path(folder), arguments.seconds, night=night)
    for name in ("openalpr_eu", "openalpr_us"):
        if (arguments.data / "lpr_images" / name).is_dir():
            _accuracy(arguments.data / "lpr_images" / name)


def _costs(folder: Path, seconds: float, *, night: bool) -> None:
    main_file, sub_file = folder / f"{night}.mp4", folder / f"{night}-sub.mp4"
    truth = render("vehicles", main_file, sub_file, seconds=seconds, seed=12, night=night)
    decode_sub, decode_main, motion, plates = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
    camera = CameraAnalysis(plates=True)
    found: list[str] = []
    large = _timed(frames(main_file), decode_main)
    for small in _timed(frames(sub_file), decode_sub):
        with motion:
            camera.see_small(small)
        frame = next(large)
        if camera.wants_plates:
            with plates:
                found += [one.plate for one in camera.see_large(frame)]
    found += [one.plate for one in camera.end()[1]]
    print(f"\nScene by {'night' if night else 'day'}, {seconds:g} s, percent of a core")
    for name, watch in (
        ("decoding the sub stream", decode_sub),
        ("motion", motion),
        ("decoding the main stream (while something moves)", decode_main),
        ("plates", plates),
    ):
        print(f"  {name:50} {100 * watch.cpu_s / seconds:5.1f}")
    print(f"  passages {_passages(truth)}, read right {_right(truth, found)}, wrong {_wrong(truth, found)}")


def _timed(source: Iterator[Frame], watch: Stopwatch) -> Iterator[Frame]:
    while True:
        with watch:
            frame = next(source, None)
        if frame is None:
            return
        yield frame


def _passages(truth: SceneTruth) -> int:
    return sum(one.plate is not None for one in truth.objects)


def _right(truth: SceneTruth, found: list[str]) -> int:
    return sum(found.count(one.plate) == 1 for one in truth.objects if one.plate)


def _wrong(truth: SceneTruth, found: list[str]) -> int:
    known = {one.plate for one in truth.objects}
    return sum(plate not in known for plate in found)


def _accuracy(folder: Path) -> None:
    ours, theirs = Stopwatch(), Stopwatch()
    detection, reading = Stopwatch(), Stopwatch()
    right = peer_right = 0
    for picture, text in _labelled(folder):
        with ours:
            texts = list(_plates(picture, detection, reading))
        right += text in texts
        with theirs:
            lines = list(_text_lines(picture))
        peer_right += text in lines
    print(f"\n{folder.name}: {ours.runs} plates                 right    CPU ms a picture")
    print(f"  vedette                          {right / ours.runs:6.1%}    {1000 * ours.cpu_s / ours.runs:6.0f}")
    print(f"  PP-OCRv6 on the whole picture    {peer_right / ours.runs:6.1%}    {1000 * theirs.cpu_s / ours.runs:6.0f}")
    print(f"  of ours: {_each(detection)} a detection, {_each(reading)} a reading")


def _each(watch: Stopwatch) -> str:
    return f"{1000 * watch.cpu_s / max(watch.runs, 1):.0f} ms"


def _labelled(folder: Path) -> Iterator[tuple[Picture, str]]:
    for truth in sorted(folder.glob("*.txt")):
        for line in truth.read_text(encoding="utf-8").splitlines():
            name, *_, text = line.split("\t")
            yield np.asarray(cv2.imread(str(folder / name)), np.uint8), text.strip().upper().translate(_SAME)


def _plates(picture: Picture, detection: Stopwatch, reading: Stopwatch) -> Iterator[str]:
    small, scale = _fitted(picture, 800)
    with detection:
        boxes = detect(small, least_score=0.3)
    for box in boxes:
        flat = rectify(picture, box.moved(0, 0, 1 / scale).corners, 0.015)
        with reading:
            text = read(flat, plate_colour(flat)).text
        yield text.translate(_SAME)


def _text_lines(picture: Picture) -> Iterator[str]:
    """DB text detection (Liao et al. 2020) as PP-OCR does it, then each line's reading."""
    small, scale = _fitted(picture, 960)
    height, width = (max(side // 32 * 32, 32) for side in small.shape[:2])
    resized = cv2.resize(small, (width, height)).astype(np.float32)
    blob = ((resized / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)).transpose(2, 0, 1)[None]
    found = models.session(_TEXT_DETECTOR).run(None, {"x": blob.astype(np.float32)})[0][0, 0]
    contours, _ = cv2.findContours((found > 0.3).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    to_picture = np.array([small.shape[1] / width / scale, small.shape[0] / height / scale], np.float32)
    for contour in contours:
        centre, sides, angle = cv2.minAreaRect(contour)
        if min(sides) < 3:
            continue
        grown = 1.6 * sides[0] * sides[1] / (2 * (sides[0] + sides[1])) * 2  # the region was trained shrunk
        corners = cv2.boxPoints((centre, (sides[0] + grown, sides[1] + grown), angle)) * to_picture
        yield read(rectify(picture, _clockwise(corners), 0.0), "white").text.translate(_SAME)


def _clockwise(corners: np.typing.NDArray[np.float32]) -> np.typing.NDArray[np.float32]:
    """From the top left, with the longer sides on top and below."""
    order = np.argsort(corners[:, 0])
    left, right = corners[order[:2]], corners[order[2:]]
    (top_left, bottom_left), (top_right, bottom_right) = (side[np.argsort(side[:, 1])] for side in (left, right))
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def _fitted(picture: Picture, side: int) -> tuple[Picture, float]:
    scale = side / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8), scale


if __name__ == "__main__":
    main()

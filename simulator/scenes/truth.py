"""What a scene really shows. Times are microseconds from the file's start; places are pixels of the main picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simulator.scenes.picture import Points

ObjectKind = Literal["vehicle", "walker", "bag"]
TamperKind = Literal["black", "freeze", "blur", "cover", "turn"]
Polygon = tuple[tuple[float, float], ...]  # fractions of the picture


@dataclass(frozen=True, slots=True)
class Line:
    """A line to count at; `towards` is a crossing that comes nearer to the camera."""

    name: str
    points: Polygon


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    points: Polygon


@dataclass(frozen=True, slots=True)
class Crossing:
    line: str
    at_us: int
    direction: Literal["towards", "away"]


@dataclass(frozen=True, slots=True)
class Stay:
    zone: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The box of one frame, within the picture; `plate_width` is 0 unless the whole plate is in the picture."""

    at_us: int
    box: tuple[float, float, float, float]  # left, top, width, height in pixels
    plate_box: tuple[float, float, float, float] | None = None
    plate_width: float = 0.0


def visible_box(points: Points, width: int, height: int) -> tuple[float, float, float, float] | None:
    """Left, top, width and height of the points' box within a picture."""
    left, top = np.clip(points.min(axis=0), 0, [width, height])
    right, bottom = np.clip(points.max(axis=0), 0, [width, height])
    if right - left < 1 or bottom - top < 1:
        return None
    return (round(float(left), 1), round(float(top), 1), round(float(right - left), 1), round(float(bottom - top), 1))


@dataclass(frozen=True, slots=True)
class SceneObject:
    id: int
    kind: ObjectKind
    start_us: int  # first frame with anything of it in the picture
    end_us: int  # end of the last such frame
    samples: list[Sample]
    plate: str | None = None
    plate_colour: str | None = None
    plate_series: str | None = None
    body: str | None = None
    speed_kmh: float | None = None
    direction: Literal["towards", "away"] | None = None
    crossings: list[Crossing] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tamper:
    kind: TamperKind
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class SceneTruth:
    kind: str
    seed: int
    night: bool
    fps: int
    frames: int
    duration_us: int
    width: int
    height: int
    sub_width: int
    sub_height: int
    camera: dict[str, float]
    lines: list[Line]
    zones: list[Zone]
    objects: list[SceneObject]
    tampers: list[Tamper]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

"""Walkers who cross a square, some through its zones; and an object that one of them leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Literal

import numpy as np

from foundation.errors import InvalidInput
from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Box, Picture, clipped_box
from simulator.scenes.plaza import GATE_LINE_M, KEEP_CLEAR, LAWN, Area, draw_plaza
from simulator.scenes.stage import FRAME_US, HEIGHT, WIDTH, Stage
from simulator.scenes.truth import Crossing, Line, Sample, SceneObject, Stay, Tamper, Zone, visible_box
from simulator.scenes.walker import BAG_M, Walker, Waypoint, draw_bag, draw_shadow, upright

_CAMERA = PinholeCamera(WIDTH, HEIGHT, 1700, 4.2, 26.0)
_NIGHT_LIGHT = 0.42
_FASTEST_MPS = 7.0
_NEAR_M, _FAR_M = 1.9, 30.0  # beyond these the picture shows nobody
_SPOT = (-1.4, 10.6)


class WalkersScene:
    """With `bag`, one walker puts a bag down at a quarter of the time and another takes it away near the end."""

    def __init__(self, *, seconds: float, seed: int, night: bool, bag: bool = False) -> None:
        random = Random(seed)
        light = _NIGHT_LIGHT if night else 1.0
        self._stage = Stage(draw_plaza(_CAMERA, seed, night=night))
        self._light, self._frames = light, range(0, round(seconds * 25) * FRAME_US, FRAME_US)
        self._bag_s = (0.26 * seconds, 0.80 * seconds) if bag else None
        self._walkers = _carriers(random, seconds, self._bag_s, light) if self._bag_s else []
        for number in range(2 if bag else max(2, round(seconds / 3.5))):
            self._walkers.append(Walker(random, _way(random, seconds, number), light=light))
        self.camera = {"mount_m": _CAMERA.mount_m, "pitch_deg": _CAMERA.pitch_deg, "focal_px": _CAMERA.focal_px}
        self.lines = [_gate_line()]
        self.zones = [_zone(area) for area in (LAWN, KEEP_CLEAR)]

    def frame(self, at_us: int) -> tuple[Picture, Sequence[Box]]:
        wiped, at_s = self._stage.begin(), at_us / 1e6
        figures = [(place[1], walker) for walker in self._walkers if (place := walker.place_at(at_s))]
        if self._bag_s and self._bag_s[0] < at_s < self._bag_s[1]:
            self._stage.drew(draw_shadow(self._stage.picture, _CAMERA, _SPOT, 0.5))
            self._stage.drew(draw_bag(self._stage.picture, _CAMERA, _SPOT, 0.0, self._light))
        for _, walker in sorted(figures, key=lambda figure: -figure[0]):
            self._stage.drew(walker.draw(self._stage.picture, _CAMERA, at_s))
        return self._stage.picture, wiped + self._stage.drawn

    def objects(self) -> list[SceneObject]:
        objects = [self._walker_truth(number, walker) for number, walker in enumerate(self._walkers, start=1)]
        if self._bag_s:
            objects.append(self._bag_truth(len(objects) + 1, self._bag_s))
        return objects

    def tampers(self) -> list[Tamper]:
        return []

    def _walker_truth(self, number: int, walker: Walker) -> SceneObject:
        samples = []
        for at_us in self._frames:
            place = walker.place_at(at_us / 1e6)
            box = visible_box(walker.body(_CAMERA, place), WIDTH, HEIGHT) if place else None
            if box:
                samples.append(Sample(at_us, box))
        return SceneObject(
            id=number,
            kind="walker",
            start_us=samples[0].at_us,
            end_us=samples[-1].at_us + FRAME_US,
            samples=samples,
            crossings=_crossings(walker),
            stays=[stay for area in (LAWN, KEEP_CLEAR) for stay in _stays(walker, area, self._frames)],
        )

    def _bag_truth(self, number: int, lies_s: tuple[float, float]) -> SceneObject:
        """Only while it lies: from the first frame on the ground to the end of the last."""
        box = visible_box(upright(_CAMERA, _SPOT, *BAG_M), WIDTH, HEIGHT)
        lying = [at_us for at_us in self._frames if lies_s[0] < at_us / 1e6 < lies_s[1]]
        samples = [Sample(at_us, box) for at_us in lying] if box else []
        return SceneObject(number, "bag", lying[0], lying[-1] + FRAME_US, samples)


def _way(random: Random, seconds: float, number: int) -> list[Waypoint]:
    """In at one edge, through a point, out at another; every third goes through a zone."""
    area = (LAWN, KEEP_CLEAR)[number // 3 % 2]
    if number % 3 == 0:
        via = (random.uniform(area.left + 0.5, area.right - 0.5), random.uniform(area.near + 0.5, area.far - 0.5))
    else:
        via = (random.uniform(-4.0, 4.0), random.uniform(6.5, 16.0))
    places = [_edge(random, via), via, _edge(random, via)]
    length = sum(float(np.hypot(b[0] - a[0], b[1] - a[1])) for a, b in pairwise(places))
    room = seconds - 0.8
    speed = max(random.uniform(1.0, 1.7), length / room)
    if speed > _FASTEST_MPS:
        raise InvalidInput(
            f"nobody walks {length:.0f} m in {room:.1f} s.", where="--seconds", mend="Ask for at least 8 s."
        )
    return _timed(places, 0.4 + random.uniform(0, room - length / speed), speed)


def _timed(places: Sequence[tuple[float, float]], start_s: float, speed: float) -> list[Waypoint]:
    way, at_s = [Waypoint(start_s, *places[0])], start_s
    for before, place in pairwise(places):
        at_s += float(np.hypot(place[0] - before[0], place[1] - before[1])) / speed
        way.append(Waypoint(at_s, *place))
    return way


def _edge(random: Random, via: tuple[float, float]) -> tuple[float, float]:
    """A place outside the picture, to the left, the right, far off or under the camera."""
    match random.choices(("left", "right", "far", "near"), weights=(4, 4, 2, 1))[0]:
        case "far":
            return via[0] + random.uniform(-2, 2), _FAR_M
        case "near":
            return via[0] * 0.3, _NEAR_M
        case side:
            y = via[1] + random.uniform(-2, 3)
            return _beside(y) * (-1 if side == "left" else 1), y


def _beside(y: float) -> float:
    """How far to the side a walker is just out of the picture."""
    x = 0.0
    while clipped_box(upright(_CAMERA, (x, y), 1.4, 1.9), WIDTH, HEIGHT):
        x += 0.5
    return x


def _carriers(random: Random, seconds: float, lies_s: tuple[float, float], light: float) -> list[Walker]:
    stand = 0.03 * seconds
    left, beside = -_beside(_SPOT[1]), _SPOT[0] - 0.3
    here = (beside, _SPOT[1] + 0.1)
    out = (left, _SPOT[1] + 0.1)
    down, up = lies_s
    bringer = [(0.02 * seconds, *out), (down - stand, *here), (down + stand, *here), (0.50 * seconds, *out)]
    taker = [(0.56 * seconds, *out), (up - stand, *here), (up + stand, *here), (0.98 * seconds, *out)]
    return [
        Walker(random, [Waypoint(*point) for point in bringer], light=light, carries=(0.0, down)),
        Walker(random, [Waypoint(*point) for point in taker], light=light, carries=(up, seconds)),
    ]


def _crossings(walker: Walker) -> list[Crossing]:
    crossings = []
    for start, end in pairwise(walker.way):
        before, after = start.y - GATE_LINE_M, end.y - GATE_LINE_M
        if before * after < 0:
            at_s = start.at_s + (end.at_s - start.at_s) * before / (before - after)
            direction: Literal["towards", "away"] = "towards" if after < 0 else "away"
            crossings.append(Crossing("gate line", round(at_s * 1e6), direction))
    return crossings


def _stays(walker: Walker, area: Area, frames: range) -> list[Stay]:
    """Intervals in which the feet are in the area, to the frame."""
    inside = [at_us for at_us in frames if (place := walker.place_at(at_us / 1e6)) and area.holds(*place)]
    stays: list[Stay] = []
    for at_us in inside:
        if stays and stays[-1].end_us == at_us:
            stays[-1] = Stay(area.name, stays[-1].start_us, at_us + FRAME_US)
        else:
            stays.append(Stay(area.name, at_us, at_us + FRAME_US))
    return stays


def _gate_line() -> Line:
    ends = _CAMERA.project(np.array([[-9.0, GATE_LINE_M, 0.0], [9.0, GATE_LINE_M, 0.0]]))
    return Line("gate line", tuple((round(float(x) / WIDTH, 5), round(float(y) / HEIGHT, 5)) for x, y in ends))


def _zone(area: Area) -> Zone:
    corners = _CAMERA.project(np.column_stack([area.corners, np.zeros(4)]))
    return Zone(area.name, tuple((round(float(x) / WIDTH, 5), round(float(y) / HEIGHT, 5)) for x, y in corners))

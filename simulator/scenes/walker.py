"""A walker: a figure without a face whose legs and arms swing with its steps, and the bag it may carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import cv2
import numpy as np

from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Bgr, Box, Image, Picture, Points, Texture, union

_PHASES = 16
_SHEET_HEIGHT = 280
_ASPECT = 0.62
_STRIDE_M = 1.5
_CLOTHES: tuple[Bgr, ...] = (
    (60, 56, 170),
    (150, 92, 44),
    (70, 70, 72),
    (196, 196, 190),
    (60, 120, 60),
    (40, 150, 210),
    (120, 60, 110),
)
_TROUSERS: tuple[Bgr, ...] = ((86, 58, 44), (44, 44, 46), (96, 108, 118), (60, 80, 100))
BAG_M = (0.46, 0.42)


@dataclass(frozen=True, slots=True)
class Waypoint:
    at_s: float
    x: float
    y: float


class Walker:
    """Goes straight from waypoint to waypoint; two at one place are a stop."""

    def __init__(
        self,
        random: Random,
        way: Sequence[Waypoint],
        *,
        light: float = 1.0,
        carries: tuple[float, float] | None = None,
    ) -> None:
        self.way = way
        self.height_m = random.uniform(1.58, 1.86)
        self._coat, self._trousers = random.choice(_CLOTHES), random.choice(_TROUSERS)
        self._light, self._carries = light, carries

    def place_at(self, at_s: float) -> tuple[float, float] | None:
        if not self.way[0].at_s <= at_s <= self.way[-1].at_s:
            return None
        times = [point.at_s for point in self.way]
        x = np.interp(at_s, times, [point.x for point in self.way])
        y = np.interp(at_s, times, [point.y for point in self.way])
        return float(x), float(y)

    def carries_at(self, at_s: float) -> bool:
        return self._carries is not None and self._carries[0] <= at_s <= self._carries[1]

    def draw(self, picture: Picture, camera: PinholeCamera, at_s: float) -> Box | None:
        place = self.place_at(at_s)
        if place is None:
            return None
        boxes = [draw_shadow(picture, camera, place, 0.42)]
        phase = int(self._gone(at_s) / _STRIDE_M * _PHASES) % _PHASES if self._moves(at_s) else -1
        figure = _figure(phase, self._coat, self._trousers, self._light)
        corners = self.corners(camera, place)
        boxes.append(figure.draw(picture, corners[[1, 0, 3, 2]] if self._leftward(at_s) else corners))
        if self.carries_at(at_s):
            boxes.append(draw_bag(picture, camera, (place[0] + 0.26, place[1] - 0.05), 0.32, self._light))
        touched = [box for box in boxes if box is not None]
        return union(touched) if touched else None

    def corners(self, camera: PinholeCamera, place: tuple[float, float]) -> Points:
        return upright(camera, place, self.height_m * _ASPECT, self.height_m)

    def body(self, camera: PinholeCamera, place: tuple[float, float]) -> Points:
        """The corners of the figure itself, without the room its limbs swing in."""
        return upright(camera, place, self.height_m * 0.36, self.height_m)

    def _gone(self, at_s: float) -> float:
        """Metres walked so far."""
        gone = 0.0
        for start, end in zip(self.way, self.way[1:], strict=False):
            length = float(np.hypot(end.x - start.x, end.y - start.y))
            share = np.clip((at_s - start.at_s) / max(end.at_s - start.at_s, 1e-9), 0, 1)
            gone += length * float(share)
        return gone

    def _moves(self, at_s: float) -> bool:
        return self._gone(at_s + 0.02) - self._gone(at_s - 0.02) > 1e-6

    def _leftward(self, at_s: float) -> bool:
        for start, end in zip(self.way, self.way[1:], strict=False):
            if start.at_s <= at_s <= end.at_s and end.x != start.x:
                return end.x < start.x
        return False


def draw_bag(
    picture: Picture, camera: PinholeCamera, place: tuple[float, float], up: float, light: float
) -> Box | None:
    return _bag(light).draw(picture, upright(camera, place, *BAG_M, up=up))


def draw_shadow(picture: Picture, camera: PinholeCamera, place: tuple[float, float], half: float) -> Box | None:
    x, y = place
    ground = [(x - half, y + half, 0), (x + half, y + half, 0), (x + half, y - half, 0), (x - half, y - half, 0)]
    return _shadow().draw(picture, camera.project(np.array(ground, np.float64)))


def upright(
    camera: PinholeCamera, place: tuple[float, float], width: float, height: float, *, up: float = 0.0
) -> Points:
    """A standing rectangle that faces the camera."""
    x, y = place
    half = width / 2
    return camera.project(
        np.array([(x - half, y, up + height), (x + half, y, up + height), (x + half, y, up), (x - half, y, up)])
    )


@cache
def _figure(phase: int, coat: Bgr, trousers: Bgr, light: float) -> Texture:
    """`phase` of the stride, -1 standing; walking to the right."""
    scale = 2
    height, width = _SHEET_HEIGHT * scale, int(_SHEET_HEIGHT * _ASPECT) * scale
    image, alpha = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    swing = 0.0 if phase < 0 else float(np.sin(2 * np.pi * phase / _PHASES)) * 0.46
    hip, shoulder = (0.0, 0.50), (0.0, 0.80)
    skin, shoes = (136, 160, 196), (34, 34, 36)
    pen = _Pen(image, alpha, light)
    _arm(pen, shoulder, -swing, _darker(coat), skin)
    _leg(pen, hip, swing, _darker(trousers), shoes)
    _leg(pen, hip, -swing, trousers, shoes)
    pen.line((0.0, 0.545), (0.0, 0.77), 0.165, coat)
    pen.line((-0.015, 0.79), (0.015, 0.79), 0.15, coat)
    _arm(pen, (0.01, 0.79), swing, _darker(coat, 0.86), skin)
    pen.line((0.0, 0.84), (0.01, 0.90), 0.06, skin)
    pen.line((0.012, 0.925), (0.014, 0.935), 0.105, skin)
    pen.line((-0.006, 0.945), (0.012, 0.955), 0.10, (34, 36, 42))
    size = (width // scale, height // scale)
    mask, alpha = alpha, np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)
    # The nearest colour stands under the soft edge, so that no dark rim shows.
    spread = cv2.dilate(image, np.ones((5, 5), np.uint8))
    cv2.copyTo(image, mask, spread)
    return Texture(np.asarray(cv2.resize(spread, size, interpolation=cv2.INTER_AREA), np.uint8), alpha)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws thick round-ended lines; coordinates are shares of the figure's height, x from its middle, y upwards."""

    image: Image
    alpha: Image
    light: float

    def line(self, start: tuple[float, float], end: tuple[float, float], width: float, colour: Bgr) -> None:
        height = self.alpha.shape[0]
        points = [(int(self.alpha.shape[1] / 2 + x * height), int((1.0 - y) * height)) for x, y in (start, end)]
        lit = (int(colour[0] * self.light), int(colour[1] * self.light), int(colour[2] * self.light))
        cv2.line(self.image, points[0], points[1], lit, int(width * height))
        cv2.line(self.alpha, points[0], points[1], 255, int(width * height))


def _leg(pen: _Pen, hip: tuple[float, float], swing: float, colour: Bgr, shoe: Bgr) -> None:
    bend = max(0.0, -swing) * 0.7
    knee = (hip[0] + 0.25 * np.sin(swing), hip[1] - 0.25 * np.cos(swing))
    foot = (knee[0] + 0.23 * np.sin(swing - bend), knee[1] - 0.23 * np.cos(swing - bend))
    pen.line(hip, knee, 0.088, colour)
    pen.line(knee, foot, 0.070, colour)
    pen.line(foot, (foot[0] + 0.055, foot[1] - 0.005), 0.042, shoe)


def _arm(pen: _Pen, shoulder: tuple[float, float], swing: float, colour: Bgr, skin: Bgr) -> None:
    elbow = (shoulder[0] + 0.16 * np.sin(swing), shoulder[1] - 0.16 * np.cos(swing))
    hand = (elbow[0] + 0.14 * np.sin(swing + 0.25), elbow[1] - 0.14 * np.cos(swing + 0.25))
    pen.line(shoulder, elbow, 0.062, colour)
    pen.line(elbow, hand, 0.052, colour)
    pen.line(hand, (hand[0], hand[1] - 0.012), 0.046, skin)


def _darker(colour: Bgr, factor: float = 0.72) -> Bgr:
    return (int(colour[0] * factor), int(colour[1] * factor), int(colour[2] * factor))


@cache
def _bag(light: float) -> Texture:
    image, alpha = np.zeros((120, 132, 3), np.uint8), np.zeros((120, 132), np.uint8)
    body = _darker((48, 66, 122), light)
    for target, colour in ((image, body), (alpha, (255, 255, 255))):
        cv2.rectangle(target, (12, 34), (120, 112), colour, -1)
        cv2.rectangle(target, (6, 42), (126, 104), colour, -1)
        cv2.ellipse(target, (66, 36), (30, 26), 0, 180, 360, colour, 7, cv2.LINE_AA)
    cv2.rectangle(image, (12, 60), (120, 66), _darker(body, 0.5), -1)
    cv2.rectangle(image, (56, 54), (76, 74), _darker((60, 170, 200), light), -1)
    cv2.rectangle(image, (12, 96), (120, 112), _darker(body, 0.75), -1)
    return Texture(image, alpha)


@cache
def _shadow() -> Texture:
    alpha = np.zeros((64, 64), np.uint8)
    cv2.ellipse(alpha, (32, 32), (18, 14), 0, 0, 360, 130, -1)
    return Texture(np.full((64, 64, 3), 20, np.uint8), np.asarray(cv2.GaussianBlur(alpha, (0, 0), 4), np.uint8))

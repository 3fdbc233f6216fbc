"""A square before a building, seen from a wall: paving, a lawn, an area to be kept clear, a bench, planters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.scenes.camera import PinholeCamera
from simulator.scenes.ground import ground_under, noise, polygon, strip
from simulator.scenes.picture import Bgr, Image

GATE_LINE_M = 12.0
_STONE: Bgr = (150, 156, 160)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the ground, in metres."""

    name: str
    left: float
    near: float
    right: float
    far: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.near <= y <= self.far

    @property
    def corners(self) -> NDArray[np.float64]:
        return np.array(
            [(self.left, self.near), (self.right, self.near), (self.right, self.far), (self.left, self.far)]
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A box of which the front and the top are seen, in metres."""

    left: float
    near: float
    width: float
    depth: float
    foot: float
    top: float


LAWN = Area("lawn", 2.6, 13.0, 8.6, 18.0)
KEEP_CLEAR = Area("keep clear", -3.6, 6.6, -0.6, 9.4)


def draw_plaza(camera: PinholeCamera, seed: int, *, night: bool) -> Image:
    ground = ground_under(camera)
    rng = np.random.default_rng(seed)
    image = _surface(ground, rng)
    strip(image, camera, (-40, 40), (GATE_LINE_M, GATE_LINE_M + 0.12), (120, 150, 172))
    _hatching(image, camera)
    for x, y in ((-6.8, 19.0), (-2.4, 24.0), (2.2, 24.0)):
        _block(image, camera, Block(x, y, 1.3, 1.3, 0.0, 0.55), (104, 116, 126))
        _block(image, camera, Block(x + 0.1, y + 0.1, 1.1, 1.1, 0.55, 1.0), (48, 96, 62))
    _block(image, camera, Block(3.0, 10.6, 2.0, 0.45, 0.0, 0.45), (58, 92, 132))
    light = _night_light(ground) if night else _day_light(ground)
    return np.asarray(np.clip(image.astype(np.float32) * light, 0, 255), np.uint8)


def _surface(ground: NDArray[np.float32], rng: np.random.Generator) -> Image:
    x, y = ground[:, :, 0], ground[:, :, 1]
    fine, coarse = noise(x, y, 40.0, rng), noise(x, y, 0.9, rng)
    row = np.floor(y / 0.8)
    joints = ((y / 0.8) % 1 < 0.03) | (((x + 0.4 * (row % 2)) / 0.8) % 1 < 0.03)
    slabs = np.sin(np.floor((x + 0.4 * (row % 2)) / 0.8) * 12.9898 + row * 78.233) * 0.03
    paving = np.array(_STONE) * (1 + 0.05 * fine + 0.04 * coarse + slabs - 0.16 * joints)[:, :, None]
    grass = np.array((60, 116, 88)) * (1 + 0.30 * fine + 0.12 * coarse)[:, :, None]
    on_lawn = (x > LAWN.left) & (x < LAWN.right) & (y > LAWN.near) & (y < LAWN.far)
    rim = 0.18
    inside = (x > LAWN.left + rim) & (x < LAWN.right - rim) & (y > LAWN.near + rim) & (y < LAWN.far - rim)
    image = np.where(inside[:, :, None], grass, np.where(on_lawn[:, :, None], 186.0, paving))
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def _hatching(image: Image, camera: PinholeCamera) -> None:
    area, yellow = KEEP_CLEAR, (60, 176, 216)
    for start in np.arange(area.left, area.right - 0.2, 0.8):
        bottom = [(start, area.near), (start + 0.16, area.near)]
        shift = min(1.2, area.right - start - 0.16)
        polygon(image, camera, np.array([*bottom, (start + shift + 0.16, area.far), (start + shift, area.far)]), yellow)
    for x in (area.left, area.right):
        strip(image, camera, (x - 0.06, x + 0.06), (area.near, area.far), yellow)
    for y in (area.near, area.far):
        strip(image, camera, (area.left - 0.06, area.right + 0.06), (y - 0.06, y + 0.06), yellow)


def _block(image: Image, camera: PinholeCamera, block: Block, colour: Bgr) -> None:
    left, near, right, far = block.left, block.near, block.left + block.width, block.near + block.depth
    if block.foot == 0:
        shadow = np.array([(left, near), (right + 0.7, near + 0.1), (right + 0.7, far + 0.1), (left, far)])
        polygon(image, camera, shadow, (92, 96, 98))
    low, high = block.foot, block.top
    front = [(left, near, low), (right, near, low), (right, near, high), (left, near, high)]
    top = [(left, near, high), (right, near, high), (right, far, high), (left, far, high)]
    for corners, light in ((front, 0.75), (top, 1.15)):
        shade = tuple(min(255, int(channel * light)) for channel in colour)
        points = np.rint(camera.project(np.array(corners, np.float64)) * 16).astype(np.int32)
        cv2.fillPoly(image, [points], shade, cv2.LINE_AA, 4)


def _day_light(ground: NDArray[np.float32]) -> NDArray[np.float32]:
    """The shadow of the building the camera hangs on."""
    shade = np.clip((5.6 + 0.12 * ground[:, :, 0] - ground[:, :, 1]) / 0.5, 0, 1)
    return np.asarray((1.08 - 0.30 * shade)[:, :, None], np.float32)


def _night_light(ground: NDArray[np.float32]) -> NDArray[np.float32]:
    x, y = ground[:, :, 0], ground[:, :, 1]
    light = np.full(x.shape, 0.20, np.float32)
    for lamp_x, lamp_y in ((-4.0, 10.0), (5.0, 17.0), (-5.0, 25.0)):
        light += 0.42 * np.exp(-((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / 24)
    return np.asarray(light[:, :, None] * np.array([0.80, 0.94, 1.06]), np.float32)

"""A road seen from a gantry: asphalt, markings, kerbs, verges. Drawn once a scene, by day or by night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.scenes.camera import PinholeCamera
from simulator.scenes.ground import ground_under, noise, polygon, strip
from simulator.scenes.picture import Bgr, Image

LANE_M = 3.6
_MARKING: Bgr = (205, 208, 208)
_YELLOW: Bgr = (70, 176, 214)
_ASPHALT, _KERB, _PAVING, _GRASS = (98, 96, 95), (172, 176, 178), (142, 150, 156), (58, 108, 84)
_DASH_M, _GAP_M = 4.0, 6.0
_FAR_M = 90.0


def draw_road(camera: PinholeCamera, lanes: int, seed: int, *, night: bool) -> Image:
    """`lanes` are centred on x = 0; a yellow line parts the directions in the middle."""
    ground = ground_under(camera)
    rng = np.random.default_rng(seed)
    half = lanes * LANE_M / 2 + 0.5
    image = _surfaces(ground, half, rng)
    for lane in range(1, lanes):
        _lane_line(image, camera, (lane - lanes / 2) * LANE_M, middle=lane * 2 == lanes)
    for x in (-half + 0.35, half - 0.35):
        strip(image, camera, (x - 0.08, x + 0.08), (0.5, _FAR_M), _MARKING)
    _arrows(image, camera, lanes)
    light = _night_light(ground, half) if night else _day_light(ground, rng)
    return np.asarray(np.clip(image.astype(np.float32) * light, 0, 255), np.uint8)


def _surfaces(ground: NDArray[np.float32], half: float, rng: np.random.Generator) -> Image:
    x, y = ground[:, :, 0], ground[:, :, 1]
    fine, coarse = noise(x, y * 0.5, 60.0, rng), noise(x, y * 0.7, 1.6, rng)
    ruts = 0.05 * np.cos(2 * np.pi * x / (LANE_M / 2))
    joints = ((x / 0.6) % 1 < 0.04) | ((y / 0.6) % 1 < 0.04)
    beyond = np.abs(x) - half
    surface = (beyond > 0).astype(np.uint8) + (beyond > 0.25) + (beyond > 2.6)
    relief = np.choose(
        surface,
        [
            0.07 * fine + 0.05 * coarse - ruts,
            0.05 * coarse,
            0.05 * coarse + 0.04 * fine - 0.18 * joints,
            0.30 * fine + 0.18 * coarse,
        ],
    )
    colours = np.array([_ASPHALT, _KERB, _PAVING, _GRASS], np.float32)
    return np.asarray(np.clip(colours[surface] * (1 + relief[:, :, None]), 0, 255), np.uint8)


def _lane_line(image: Image, camera: PinholeCamera, x: float, *, middle: bool) -> None:
    if middle:
        for side in (-0.16, 0.16):
            strip(image, camera, (x + side - 0.06, x + side + 0.06), (0.5, _FAR_M), _YELLOW)
        return
    for start in np.arange(1.0, _FAR_M, _DASH_M + _GAP_M):
        strip(image, camera, (x - 0.075, x + 0.075), (start, start + _DASH_M), _MARKING)


def _arrows(image: Image, camera: PinholeCamera, lanes: int) -> None:
    """Straight-ahead arrows: towards the camera on the left half, away from it on the right."""
    shape = np.array([(-0.08, 0), (0.08, 0), (0.08, 2.6), (0.26, 2.6), (0, 4.4), (-0.26, 2.6), (-0.08, 2.6)])
    for lane in range(lanes):
        x = (lane + 0.5 - lanes / 2) * LANE_M
        away = x > 0 and lanes > 1
        points = shape if away else shape * [1, -1] + [0, 4.4]
        polygon(image, camera, points + np.array([x, 21.0]), _MARKING)


def _day_light(ground: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The dappled shade of trees on one verge."""
    x, y = ground[:, :, 0], ground[:, :, 1]
    leaves = noise(x, y, 1.3, rng) + 0.5 * noise(x, y, 4.0, rng)
    near_verge = 1 / (1 + np.exp(-(x - 4.2) / 0.8))
    shade = near_verge / (1 + np.exp(-leaves * 5))
    return np.asarray((1.10 - 0.42 * shade)[:, :, None], np.float32)


def _night_light(ground: NDArray[np.float32], half: float) -> NDArray[np.float32]:
    """Sodium street lamps every 25 m along the right kerb: colour factors for B, G, R."""
    x, y = ground[:, :, 0], ground[:, :, 1]
    light = np.full(x.shape, 0.16, np.float32)
    for lamp in (-5.0, 20.0, 45.0, 70.0):
        light += 0.36 * np.exp(-((x - half + 1.5) ** 2 / 70 + (y - lamp) ** 2 / 60))
    return np.asarray(light[:, :, None] * np.array([0.72, 0.92, 1.10]), np.float32)

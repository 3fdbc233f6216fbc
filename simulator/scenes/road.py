"""A road seen from a gantry: asphalt, markings, kerbs, verges. Drawn once a scene, by day or by night."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Bgr, Image, Points

LANE_M = 3.6
_MARKING: Bgr = (205, 208, 208)
_YELLOW: Bgr = (70, 176, 214)
_DASH_M, _GAP_M = 4.0, 6.0
_FAR_M = 90.0


def draw_road(camera: PinholeCamera, lanes: int, seed: int, *, night: bool) -> Image:
    """`lanes` are centred on x = 0; a yellow line parts the directions in the middle."""
    ground = _ground(camera)
    rng = np.random.default_rng(seed)
    half = lanes * LANE_M / 2 + 0.5
    image = _surfaces(ground, half, rng)
    for lane in range(1, lanes):
        _lane_line(image, camera, (lane - lanes / 2) * LANE_M, middle=lane * 2 == lanes)
    for x in (-half + 0.35, half - 0.35):
        _strip(image, camera, (x - 0.08, x + 0.08), (0.5, _FAR_M), _MARKING)
    _arrows(image, camera, lanes)
    light = _night_light(ground, half) if night else _day_light(ground, rng)
    return np.asarray(np.clip(image.astype(np.float32) * light, 0, 255), np.uint8)


def _ground(camera: PinholeCamera) -> NDArray[np.float32]:
    """World x and y under every pixel: (height, width, 2)."""
    corners = [(0, 0), (camera.width, 0), (camera.width, camera.height), (0, camera.height)]
    world = np.array([camera.ground_at(corner) for corner in corners], np.float32)
    to_world = cv2.getPerspectiveTransform(np.array(corners, np.float32), world)
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    pixels = np.stack([columns, rows], axis=2).astype(np.float32)
    return np.asarray(cv2.perspectiveTransform(pixels, to_world), np.float32)


def _surfaces(ground: NDArray[np.float32], half: float, rng: np.random.Generator) -> Image:
    x, y = ground[:, :, 0], ground[:, :, 1]
    fine, coarse = _noise(x, y * 0.5, 60.0, rng), _noise(x, y * 0.7, 1.6, rng)
    ruts = 0.05 * np.cos(2 * np.pi * x / (LANE_M / 2))
    asphalt = np.array([98, 96, 95]) * (1 + 0.07 * fine + 0.05 * coarse - ruts)[:, :, None]
    joints = ((x / 0.6) % 1 < 0.04) | ((y / 0.6) % 1 < 0.04)
    paving = np.array([142, 150, 156]) * (1 + 0.05 * coarse - 0.18 * joints + 0.04 * fine)[:, :, None]
    grass = np.array([58, 108, 84]) * (1 + 0.30 * fine + 0.18 * coarse)[:, :, None]
    kerb = np.array([172, 176, 178]) * (1 + 0.05 * coarse)[:, :, None]
    beyond = np.abs(x)[:, :, None] - half
    image = np.where(beyond < 0, asphalt, np.where(beyond < 0.25, kerb, np.where(beyond < 2.6, paving, grass)))
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def _noise(
    x: NDArray[np.float32], y: NDArray[np.float32], per_m: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth value noise of -1 to 1 that lies on the ground."""
    size = 512
    # Padded all round before it is blurred, so that its edges meet when it repeats.
    tile = np.pad(rng.uniform(-2.5, 2.5, (size, size)).astype(np.float32), 8, mode="wrap")
    tile = cv2.GaussianBlur(tile, (0, 0), 1.2)[8:-8, 8:-8].astype(np.float32)
    columns, rows = np.mod(x * per_m, size).astype(np.float32), np.mod(y * per_m, size).astype(np.float32)
    return np.asarray(cv2.remap(tile, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _lane_line(image: Image, camera: PinholeCamera, x: float, *, middle: bool) -> None:
    if middle:
        for side in (-0.16, 0.16):
            _strip(image, camera, (x + side - 0.06, x + side + 0.06), (0.5, _FAR_M), _YELLOW)
        return
    for start in np.arange(1.0, _FAR_M, _DASH_M + _GAP_M):
        _strip(image, camera, (x - 0.075, x + 0.075), (start, start + _DASH_M), _MARKING)


def _arrows(image: Image, camera: PinholeCamera, lanes: int) -> None:
    """Straight-ahead arrows: towards the camera on the left half, away from it on the right."""
    shape = np.array([(-0.08, 0), (0.08, 0), (0.08, 2.6), (0.26, 2.6), (0, 4.4), (-0.26, 2.6), (-0.08, 2.6)])
    for lane in range(lanes):
        x = (lane + 0.5 - lanes / 2) * LANE_M
        away = x > 0 and lanes > 1
        points = shape if away else shape * [1, -1] + [0, 4.4]
        _polygon(image, camera, points + np.array([x, 21.0]), _MARKING)


def _strip(
    image: Image, camera: PinholeCamera, across: tuple[float, float], along: tuple[float, float], colour: Bgr
) -> None:
    corners = [(across[0], along[0]), (across[1], along[0]), (across[1], along[1]), (across[0], along[1])]
    _polygon(image, camera, np.array(corners), colour)


def _polygon(image: Image, camera: PinholeCamera, ground: Points, colour: Bgr) -> None:
    pixels = camera.project(np.column_stack([ground, np.zeros(len(ground))]))
    # OpenCV takes fixed-point coordinates with 4 fractional bits; far outside the picture they would overflow.
    points = np.clip(np.rint(pixels * 16), -(1 << 20), 1 << 20).astype(np.int32)
    worn = image.copy()
    cv2.fillPoly(worn, [points], colour, cv2.LINE_AA, 4)
    cv2.addWeighted(worn, 0.85, image, 0.15, 0, dst=image)


def _day_light(ground: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The dappled shade of trees on one verge."""
    x, y = ground[:, :, 0], ground[:, :, 1]
    leaves = _noise(x, y, 1.3, rng) + 0.5 * _noise(x, y, 4.0, rng)
    near_verge = 1 / (1 + np.exp(-(x - 4.2) / 0.8))
    shade = near_verge / (1 + np.exp(-leaves * 5))
    return (1.10 - 0.42 * shade)[:, :, None].astype(np.float32)


def _night_light(ground: NDArray[np.float32], half: float) -> NDArray[np.float32]:
    """Sodium street lamps every 25 m along the right kerb: colour factors for B, G, R."""
    x, y = ground[:, :, 0], ground[:, :, 1]
    light = np.full(x.shape, 0.16, np.float32)
    for lamp in (-5.0, 20.0, 45.0, 70.0):
        light += 0.36 * np.exp(-((x - half + 1.5) ** 2 / 70 + (y - lamp) ** 2 / 60))
    return np.asarray(light[:, :, None] * np.array([0.72, 0.92, 1.10]), np.float32)

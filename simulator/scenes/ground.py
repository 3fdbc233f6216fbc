"""Drawing on the ground plane: where each pixel looks, noise that lies there, painted strips."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Bgr, Image, Points


def ground_under(camera: PinholeCamera) -> NDArray[np.float32]:
    """World x and y under every pixel: (height, width, 2)."""
    corners = [(0, 0), (camera.width, 0), (camera.width, camera.height), (0, camera.height)]
    world = np.array([camera.ground_at(corner) for corner in corners], np.float32)
    to_world = cv2.getPerspectiveTransform(np.array(corners, np.float32), world)
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    pixels = np.stack([columns, rows], axis=2).astype(np.float32)
    return np.asarray(cv2.perspectiveTransform(pixels, to_world), np.float32)


def noise(
    x: NDArray[np.float32], y: NDArray[np.float32], per_m: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth value noise of -1 to 1 that lies on the ground."""
    size = 512
    # Padded all round before it is blurred, so that its edges meet when it repeats.
    tile = np.pad(rng.uniform(-2.5, 2.5, (size, size)).astype(np.float32), 8, mode="wrap")
    tile = cv2.GaussianBlur(tile, (0, 0), 1.2)[8:-8, 8:-8].astype(np.float32)
    columns, rows = np.mod(x * per_m, size).astype(np.float32), np.mod(y * per_m, size).astype(np.float32)
    lying = cv2.remap(tile, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(lying, np.float32)


def strip(
    image: Image, camera: PinholeCamera, across: tuple[float, float], along: tuple[float, float], colour: Bgr
) -> None:
    corners = [(across[0], along[0]), (across[1], along[0]), (across[1], along[1]), (across[0], along[1])]
    polygon(image, camera, np.array(corners), colour)


def polygon(image: Image, camera: PinholeCamera, ground: Points, colour: Bgr) -> None:
    pixels = camera.project(np.column_stack([ground, np.zeros(len(ground))]))
    # OpenCV takes fixed-point coordinates with 4 fractional bits; far outside the picture they would overflow.
    points = np.clip(np.rint(pixels * 16), -(1 << 20), 1 << 20).astype(np.int32)
    worn = image.copy()
    cv2.fillPoly(worn, [points], colour, cv2.LINE_AA, 4)
    cv2.addWeighted(worn, 0.85, image, 0.15, 0, dst=image)

"""A picture in planar YUV 4:2:0, and textures that are warped into it with smooth edges.

Scenes are composed in the encoder's own format: nothing is converted per frame, and chroma costs a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
Bgr = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom exclusive

# ITU-R BT.709 with limited range, for columns B, G, R.
_BT709 = np.array(
    [
        [15.73, 157.38, 46.78, 16.0],
        [112.0, -86.71, -25.29, 128.0],
        [-10.24, -101.76, 112.0, 128.0],
    ]
) / [[255, 255, 255, 1]]
_SMALLEST_LEVEL = 8


def to_yuv(image: Image) -> NDArray[np.float32]:
    """BGR to Y, U, V of limited range, full resolution."""
    return cv2.transform(image.astype(np.float32), _BT709.astype(np.float32)).astype(np.float32)


class Picture:
    """One I420 frame in one block of memory, with its planes as views."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.block: Image = np.zeros((height * 3 // 2, width), np.uint8)
        chroma = self.block[height:].reshape(2, height // 2, width // 2)
        self.y: Image = self.block[:height]
        self.u: Image = chroma[0]
        self.v: Image = chroma[1]

    @classmethod
    def of(cls, image: Image) -> Picture:
        """From BGR."""
        picture = cls(image.shape[1], image.shape[0])
        yuv = to_yuv(image)
        half = cv2.resize(yuv, (picture.width // 2, picture.height // 2), interpolation=cv2.INTER_AREA)
        picture.y[:] = np.rint(yuv[:, :, 0])
        picture.u[:] = np.rint(half[:, :, 1])
        picture.v[:] = np.rint(half[:, :, 2])
        return picture

    def restore(self, background: Picture, box: Box) -> None:
        left, top, right, bottom = box
        self.y[top:bottom, left:right] = background.y[top:bottom, left:right]
        rows, columns = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        self.u[rows, columns] = background.u[rows, columns]
        self.v[rows, columns] = background.v[rows, columns]

    def shrink_into(self, small: Picture, changed: Sequence[Box] | None) -> None:
        """Into a picture a whole number of times smaller; None: everything may have changed."""
        factor = self.width // small.width
        for box in [(0, 0, self.width, self.height)] if changed is None else _joined(changed):
            grid = 2 * factor
            left, top = box[0] // grid * 2, box[1] // grid * 2
            right, bottom = -(-box[2] // grid) * 2, -(-box[3] // grid) * 2
            for source, target, scale in ((self.y, small.y, 1), (self.u, small.u, 2), (self.v, small.v, 2)):
                rows, columns = slice(top // scale, bottom // scale), slice(left // scale, right // scale)
                wide = source[rows.start * factor : rows.stop * factor, columns.start * factor : columns.stop * factor]
                size = (columns.stop - columns.start, rows.stop - rows.start)
                target[rows, columns] = cv2.resize(wide, size, interpolation=cv2.INTER_AREA)

    def bgr(self) -> Image:
        """For looking at, and for tests; not on the way to the encoder."""
        chroma = [cv2.resize(plane, (self.width, self.height)) for plane in (self.u, self.v)]
        yuv = np.dstack([self.y, *chroma]).astype(np.float64) - [16, 128, 128]
        return np.clip(np.rint(yuv @ np.linalg.inv(_BT709[:, :3]).T), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Level:
    # Four channels each: OpenCV warps four together several times faster than two or three.
    luma: Image  # Y, alpha, unused, unused
    chroma: Image  # U, V, alpha, unused, at half the size


class Texture:
    """A flat surface: premultiplied YUV with alpha, at each halving of its size."""

    def __init__(self, image: Image, alpha: Image | None = None) -> None:
        if alpha is None:
            alpha = np.full(image.shape[:2], 255, np.uint8)
        self.height, self.width = alpha.shape
        share = alpha[:, :, None].astype(np.float32) / 255.0
        layers = np.empty((*alpha.shape, 4), np.float32)
        np.multiply(to_yuv(image), share, out=layers[:, :, :3])
        layers[:, :, 3] = alpha
        self._levels = [_level(layers)]
        while min(layers.shape[:2]) >= 2 * _SMALLEST_LEVEL:
            size = (layers.shape[1] // 2, layers.shape[0] // 2)
            layers = cv2.resize(layers, size, interpolation=cv2.INTER_AREA).astype(np.float32)
            self._levels.append(_level(layers))

    def draw(self, picture: Picture, corners: Points) -> Box | None:
        """Warp onto the corners (4 x 2 pixels: top left, top right, bottom right, bottom left)."""
        box = clipped_box(corners, picture.width, picture.height)
        if box is None:
            return None
        level = self._level_for(corners)
        left, top, right, bottom = box
        luma = _warp(level.luma, corners - [left, top], (right - left, bottom - top))
        _over(picture.y[top:bottom, left:right], luma, 0, 1)
        half = ((right - left) // 2, (bottom - top) // 2)
        chroma = _warp(level.chroma, (corners - [left, top]) / 2, half)
        rows, columns = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        _over(picture.u[rows, columns], chroma, 0, 2)
        _over(picture.v[rows, columns], chroma, 1, 2)
        return box

    def _level_for(self, corners: Points) -> _Level:
        across = max(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[3])), 1.0)
        down = max(np.hypot(*(corners[3] - corners[0])), np.hypot(*(corners[2] - corners[1])), 1.0)
        # Between the two directions: the lesser alone would shimmer, the greater alone would smear.
        shrink = np.sqrt(self.width / across * self.height / down)
        return self._levels[int(np.clip(np.floor(np.log2(max(shrink, 1.0)) + 0.3), 0, len(self._levels) - 1))]


class Glow:
    """Light that is added to luma: a lamp's halo or its pool on the road."""

    def __init__(self, strength: NDArray[np.float32]) -> None:
        self._luma: Image = np.clip(strength, 0, 255).astype(np.uint8)

    def draw(self, picture: Picture, corners: Points) -> Box | None:
        box = clipped_box(corners, picture.width, picture.height)
        if box is None:
            return None
        left, top, right, bottom = box
        light = _warp(self._luma, corners - [left, top], (right - left, bottom - top))
        region = picture.y[top:bottom, left:right]
        cv2.add(region, light, dst=region)
        return box


def clipped_box(points: Points, width: int, height: int) -> Box | None:
    """The even-aligned box of the points within the picture, with a pixel to spare."""
    low, high = np.floor(points.min(axis=0)).astype(int) - 1, np.ceil(points.max(axis=0)).astype(int) + 2
    left, top = max(0, int(low[0])) & ~1, max(0, int(low[1])) & ~1
    right, bottom = min(width, int(high[0]) + 1 & ~1), min(height, int(high[1]) + 1 & ~1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _level(layers: NDArray[np.float32]) -> _Level:
    half_size = (max(1, layers.shape[1] // 2), max(1, layers.shape[0] // 2))
    half = cv2.resize(layers, half_size, interpolation=cv2.INTER_AREA)
    return _Level(_channels(layers, (0, 3)), _channels(half, (1, 2, 3)))


def _channels(layers: NDArray[Any], chosen: tuple[int, ...]) -> Image:
    packed = np.zeros((*layers.shape[:2], 4), np.uint8)
    for place, channel in enumerate(chosen):
        packed[:, :, place] = np.rint(layers[:, :, channel])
    return packed


def _warp(source: Image, corners: Points, size: tuple[int, int]) -> Image:
    height, width = source.shape[:2]
    edges = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    # Corners are edges of pixels, OpenCV's coordinates are their centres.
    transform = cv2.getPerspectiveTransform(edges - 0.5, (corners - 0.5).astype(np.float32))
    return np.asarray(cv2.warpPerspective(source, transform, size, flags=cv2.INTER_LINEAR), np.uint8)


def _over(region: Image, layers: Image, colour: int, alpha: int) -> None:
    cv2.multiply(region, cv2.bitwise_not(cv2.extractChannel(layers, alpha)), dst=region, scale=1 / 255)
    cv2.add(region, cv2.extractChannel(layers, colour), dst=region)


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, with two of them as one where that is less to do: what moved was there and is here."""
    joined: list[Box] = []
    for box in boxes:
        for place, other in enumerate(joined):
            both = union((box, other))
            if _area(both) <= _area(box) + _area(other):
                joined[place] = both
                break
        else:
            joined.append(box)
    return joined


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def union(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )

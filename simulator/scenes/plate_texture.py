"""A number plate as a picture, flat and sharp: GA 36 for Chinese plates, and two Latin layouts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from simulator.plates import PlateSeries, PlateSpec
from simulator.scenes.picture import Bgr, Image

PIXELS_PER_MM = 2.0


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """Millimetres. `cells` are (left, width) of each character; `top` and `height` hold for all."""

    width: float
    height: float
    cells: tuple[tuple[float, float], ...]
    cell_top: float
    cell_height: float
    dot: float | None
    ground: Bgr
    ink: Bgr


_BLACK: Bgr = (22, 20, 20)
_WHITE: Bgr = (244, 244, 244)
_GA36 = ((15.5, 45.0), (72.5, 45.0), *((151.5 + 57.0 * i, 45.0) for i in range(5)))
_GA36_EIGHT = ((15.5, 45.0), (69.5, 43.0), *((161.5 + 52.0 * i, 43.0) for i in range(6)))
_LATIN_EU = (
    *((62.0 + 55.0 * i, 46.0) for i in range(2)),
    *((195.0 + 55.0 * i, 46.0) for i in range(3)),
    *((383.0 + 55.0 * i, 46.0) for i in range(2)),
)
_LATIN_AMERICA = (*((18.0 + 51.0 * i, 43.0) for i in range(3)), *((184.0 + 51.0 * i, 43.0) for i in range(4)))


def _chinese(ground: Bgr, ink: Bgr) -> PlateLayout:
    return PlateLayout(440, 140, _GA36, 25, 90, 134.5, ground, ink)


LAYOUTS: dict[PlateSeries, PlateLayout] = {
    "cn_standard": _chinese((168, 70, 16), _WHITE),
    "cn_new_energy": PlateLayout(480, 140, _GA36_EIGHT, 25, 90, None, (128, 200, 88), _BLACK),
    "cn_large": _chinese((20, 178, 244), _BLACK),
    "cn_police": _chinese(_WHITE, _BLACK),
    "cn_learner": _chinese((20, 178, 244), _BLACK),
    "cn_hong_kong_macau": _chinese((34, 30, 28), _WHITE),
    "eu_latin": PlateLayout(520, 110, _LATIN_EU, 17, 76, None, _WHITE, _BLACK),
    "latin_america": PlateLayout(400, 130, _LATIN_AMERICA, 42, 72, None, _WHITE, _BLACK),
}
_RED: Bgr = (40, 30, 205)


def draw_plate(plate: PlateSpec) -> Image:
    """The plate from edge to edge, BGR, at `PIXELS_PER_MM`."""
    layout = LAYOUTS[plate.series]
    image = _ground(layout, plate.series)
    for character, (left, width) in zip(plate.text, layout.cells, strict=False):
        ink = _RED if character == "警" else layout.ink
        _stamp(image, character, (left, layout.cell_top, width, layout.cell_height), ink)
    if layout.dot is not None:
        centre = (_px(layout.dot), _px(layout.cell_top + layout.cell_height / 2))
        cv2.circle(image, centre, _px(5.0), layout.ink, -1, cv2.LINE_AA)
    _bolts(image, layout)
    return image


def _px(millimetres: float) -> int:
    return round(millimetres * PIXELS_PER_MM)


def _ground(layout: PlateLayout, series: PlateSeries) -> Image:
    image = np.empty((_px(layout.height), _px(layout.width), 3), np.uint8)
    image[:] = layout.ground
    if series == "cn_new_energy":
        # GA 36-2018: small new-energy plates fade from white at the top to green.
        fade = np.linspace(0.0, 1.0, image.shape[0])[:, None, None] ** 0.9
        image[:] = (np.array(_WHITE) * (1 - fade) + np.array(layout.ground) * fade).astype(np.uint8)
    if series == "eu_latin":
        image[:, : _px(44)] = (150, 60, 10)
        for angle in np.arange(0, 2 * np.pi, np.pi / 6):
            star = (_px(22 + 10 * np.cos(angle)), _px(34 + 10 * np.sin(angle)))
            cv2.circle(image, star, _px(1.2), (80, 180, 200), -1, cv2.LINE_AA)
    if series == "latin_america":
        image[: _px(30)] = (150, 60, 10)
    _border(image, layout.ink if series != "cn_new_energy" else (60, 110, 50))
    return image


def _border(image: Image, ink: Bgr) -> None:
    height, width = image.shape[:2]
    inset, radius, line = _px(3.5), _px(9), _px(2.5)
    left, top, right, bottom = inset, inset, width - inset, height - inset
    for x, y, start in ((left, top, 180), (right, top, 270), (right, bottom, 0), (left, bottom, 90)):
        centre = (x + (radius if x == left else -radius), y + (radius if y == top else -radius))
        cv2.ellipse(image, centre, (radius, radius), 0, start, start + 90, ink, line, cv2.LINE_AA)
    for y in (top, bottom):
        cv2.line(image, (left + radius, y), (right - radius, y), ink, line, cv2.LINE_AA)
    for x in (left, right):
        cv2.line(image, (x, top + radius), (x, bottom - radius), ink, line, cv2.LINE_AA)


def _bolts(image: Image, layout: PlateLayout) -> None:
    shade: Bgr = (150, 150, 150)
    for x in (0.24, 0.76):
        for y in (9.0, layout.height - 9.0):
            cv2.circle(image, (_px(layout.width * x), _px(y)), _px(3.2), shade, -1, cv2.LINE_AA)


@cache
def _glyph(character: str) -> Image:
    """The character's ink as alpha, cropped to its own edges."""
    size = 240
    canvas = np.zeros((size * 2, size * 2, 3), np.uint8)
    cv2.putText(canvas, character, (size // 2, size * 3 // 2), (255, 255, 255), cv2.FontFace("uni"), size, 0)
    ink = canvas[:, :, 0]
    x, y, width, height = cv2.boundingRect(ink)
    return np.ascontiguousarray(ink[y : y + height, x : x + width])


def _stamp(image: Image, character: str, cell: tuple[float, float, float, float], ink: Bgr) -> None:
    """The glyph stretched into its cell, its strokes brought to a plate's weight."""
    glyph = _glyph(character)
    left, top, width, height = (_px(value) for value in cell)
    if character in "1I":
        left, width = left + width // 4, width // 2
    # Dense hanzi would run together under the weight of a Latin letter.
    weight = max(1, round(height * (0.024 if character.isascii() else 0.008)))
    inner = cv2.resize(glyph, (width - 2 * weight, height - 2 * weight), interpolation=cv2.INTER_AREA)
    alpha = cv2.copyMakeBorder(inner, weight, weight, weight, weight, cv2.BORDER_CONSTANT, value=(0,))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * weight + 1, weight + 1))
    alpha = cv2.dilate(alpha, kernel).astype(np.float32)[:, :, None] / 255.0
    region = image[top : top + height, left : left + width]
    region[:] = (region * (1 - alpha) + np.array(ink, np.float32) * alpha).astype(np.uint8)

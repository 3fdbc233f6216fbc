"""The outsides of a vehicle as flat textures: fascia, hood, windscreen, roof, tail, side. All BGR with alpha."""

from __future__ import annotations

import cv2
import numpy as np

from simulator.scenes.picture import Bgr, Image
from simulator.scenes.vehicle_shape import BodyKind, Shape

PIXELS_PER_M = 240
GLASS: Bgr = (54, 46, 38)
_TRIM: Bgr = (34, 32, 30)
_RUBBER: Bgr = (26, 26, 26)
Panel = tuple[Image, Image]


def front(shape: Shape, kind: BodyKind, paint: Bgr) -> Panel:
    """Bumper, grille, lamps, between the front's bottom edge and the hood's."""
    image, alpha = _blank(2 * shape.front_bottom.half, shape.hood_front.up - shape.front_bottom.up)
    height, width = alpha.shape
    _shade(image, paint, 1.05, 0.72)
    _rounded(alpha, (0.05, 0.05, 0.07, 0.07))
    _box(image, (0.0, 0.88, 1.0, 1.0), _TRIM)
    lower = (0.22, 0.80, 0.78, 0.94) if kind != "lorry" else (0.1, 0.78, 0.9, 0.92)
    _box(image, lower, _RUBBER, 0.03)
    _grille(image, (0.27, 0.12, 0.73, 0.44))
    for side in (0.0, 1.0):
        _head_lamp(image, side, head_lamp_top(kind))
        _ellipse(image, (abs(side - 0.12), 0.76), (0.035, 0.05), (190, 196, 200))
    cv2.ellipse(image, (width // 2, int(height * 0.27)), (int(width * 0.03),) * 2, 0, 0, 360, (215, 215, 215), 3)
    return image, alpha


def head_lamp_top(kind: BodyKind) -> float:
    """As a share of the fascia's height, from its top."""
    return 0.42 if kind == "lorry" else 0.17


def rear(shape: Shape, kind: BodyKind, paint: Bgr) -> Panel:
    """Boot lid or doors, lamps, bumper."""
    image, alpha = _blank(2 * shape.rear_bottom.half, shape.deck_rear.up - shape.rear_bottom.up)
    _shade(image, paint, 1.0, 0.68)
    _rounded(alpha, (0.04, 0.04, 0.06, 0.06))
    _box(image, (0.0, 0.84, 1.0, 1.0), _TRIM)
    _box(image, (0.0, 0.60, 1.0, 0.612), _darker(paint, 0.5))
    for left, right in ((0.03, 0.24), (0.76, 0.97)):
        _box(image, (left, 0.10, right, 0.34), (24, 18, 120), 0.03)
        _box(image, (left + 0.02, 0.13, right - 0.02, 0.22), (40, 36, 190), 0.02)
        _box(image, (left + 0.03, 0.26, right - 0.03, 0.31), (200, 205, 215), 0.01)
    _box(image, (0.30, 0.08, 0.70, 0.11), (196, 196, 196), 0.01)
    _box(image, (0.06, 0.70, 0.20, 0.74), (30, 24, 150), 0.01)
    _box(image, (0.80, 0.70, 0.94, 0.74), (30, 24, 150), 0.01)
    return image, alpha


def hood(shape: Shape, paint: Bgr) -> Panel:
    """From the windscreen (top) down to the front edge."""
    image, alpha = _blank(2 * shape.hood_front.half, shape.cowl.back - shape.hood_front.back)
    height, width = alpha.shape
    _shade(image, paint, 1.02, 1.28)
    sheen = np.exp(-(((np.linspace(-1, 1, width) - 0.25) / 0.28) ** 2)) * 26
    image[:] = cv2.add(image, np.repeat(np.tile(sheen, (height, 1))[:, :, None], 3, axis=2).astype(np.uint8))
    for x in (0.16, 0.84):
        inward = 0.07 if x < 0.5 else -0.07
        start, end = (int(width * x), 0), (int(width * (x + inward)), height)
        cv2.line(image, start, end, _darker(paint, 0.8), 3, cv2.LINE_AA)
    _box(image, (0.0, 0.0, 1.0, 0.05), _TRIM)
    return image, alpha


def glass(shape: Shape, paint: Bgr, *, people: bool) -> Panel:
    """A windscreen or rear window with its pillars; the sky is mirrored in its upper part."""
    image, alpha = _blank(2 * shape.cowl.half, 0.95)
    height, width = alpha.shape
    image[:] = paint
    inner = np.zeros_like(alpha)
    polygon = np.array([[0.035, 0.97], [0.06, 0.05], [0.94, 0.05], [0.965, 0.97]]) * [width, height]
    cv2.fillPoly(inner, [polygon.astype(np.int32)], 255, cv2.LINE_AA)
    pane = np.empty_like(image)
    _shade(pane, GLASS, 1.9, 0.9)
    if people:
        for x in (0.30, 0.70):
            _ellipse(pane, (x, 0.62), (0.075, 0.20), (30, 27, 24))
            _ellipse(pane, (x, 1.02), (0.16, 0.30), (28, 25, 24))
        _box(pane, (0.46, 0.06, 0.54, 0.14), (18, 18, 18), 0.01)
        _ellipse(pane, (0.70, 0.98), (0.11, 0.10), (16, 16, 16))
    share = inner[:, :, None].astype(np.float32) / 255
    image[:] = (image * (1 - share) + pane * share).astype(np.uint8)
    return image, alpha


def roof(shape: Shape, paint: Bgr) -> Panel:
    image, alpha = _blank(2 * shape.roof_front.half, shape.roof_rear.back - shape.roof_front.back)
    _shade(image, paint, 1.22, 1.15)
    _box(image, (0.0, 0.0, 0.035, 1.0), _darker(paint, 0.6))
    _box(image, (0.965, 0.0, 1.0, 1.0), _darker(paint, 0.6))
    return image, alpha


def deck(shape: Shape, paint: Bgr) -> Panel:
    """The boot lid, from the rear window (top) to its rear edge."""
    image, alpha = _blank(2 * shape.deck_rear.half, max(0.15, shape.deck_rear.back - shape.deck_front.back))
    _shade(image, paint, 1.0, 1.25)
    return image, alpha


def side(shape: Shape, paint: Bgr) -> Panel:
    """The flank below the windows, front at the left; wheels included."""
    belt = shape.cowl.up
    image, alpha = _blank(shape.length, belt)
    height, width = alpha.shape
    _shade(image, paint, 0.92, 0.55)
    polygon = [(shape.front_bottom.back, belt - 0.2), (shape.hood_front.back, belt - shape.hood_front.up)]
    polygon += [(shape.cowl.back, 0.0), (shape.deck_front.back, 0.0), (shape.length, belt - shape.deck_rear.up)]
    polygon += [(shape.length, belt - shape.rear_bottom.up), (0.0, belt - shape.front_bottom.up)]
    alpha[:] = 0
    cv2.fillPoly(alpha, [(np.array(polygon) * PIXELS_PER_M).astype(np.int32)], 255, cv2.LINE_AA)
    for door in (0.30, 0.52, 0.74):
        cv2.line(image, (int(width * door), int(height * 0.02)), (int(width * door), int(height * 0.78)), _TRIM, 2)
    radius = int(0.33 * PIXELS_PER_M)
    for wheel in (0.85, shape.length - 0.95):
        centre = (int(wheel * PIXELS_PER_M), height - radius)
        for size, colour in ((radius, _RUBBER), (int(radius * 0.62), (150, 150, 150)), (int(radius * 0.2), _TRIM)):
            cv2.circle(image, centre, size, colour, -1, cv2.LINE_AA)
        cv2.circle(alpha, centre, radius, 255, -1, cv2.LINE_AA)
    return image, alpha


def side_glass(shape: Shape, paint: Bgr) -> Panel:
    """Windows between belt and roof, on a surface from cowl to rear deck; front at the left."""
    length = shape.deck_front.back - shape.cowl.back
    image, alpha = _blank(length, 0.6)
    height, width = alpha.shape
    image[:] = _darker(paint, 0.85)
    slope_front = (shape.roof_front.back - shape.cowl.back) / length
    slope_rear = (shape.deck_front.back - shape.roof_rear.back) / length
    outline = np.array([[0, 1], [slope_front, 0], [1 - slope_rear, 0], [1, 1]]) * [width, height]
    alpha[:] = 0
    cv2.fillPoly(alpha, [outline.astype(np.int32)], 255, cv2.LINE_AA)
    pane = np.array([[0.06, 0.93], [slope_front + 0.03, 0.12], [0.97 - slope_rear, 0.12], [0.94, 0.93]])
    cv2.fillPoly(image, [(pane * [width, height]).astype(np.int32)], GLASS, cv2.LINE_AA)
    cv2.line(image, (int(width * 0.52), 0), (int(width * 0.52), height), _TRIM, 10)
    return image, alpha


def _blank(width_m: float, height_m: float) -> Panel:
    size = (max(16, round(height_m * PIXELS_PER_M)), max(16, round(width_m * PIXELS_PER_M)))
    return np.zeros((*size, 3), np.uint8), np.full(size, 255, np.uint8)


def _shade(image: Image, colour: Bgr, top: float, bottom: float) -> None:
    """Fill with a colour that is `top` times as bright at the top and `bottom` times at the bottom."""
    factor = np.linspace(top, bottom, image.shape[0])[:, None, None]
    image[:] = np.clip(np.array(colour) * factor + np.maximum(factor - 1.0, 0) * 40, 0, 255).astype(np.uint8)


def _darker(colour: Bgr, factor: float) -> Bgr:
    return (int(colour[0] * factor), int(colour[1] * factor), int(colour[2] * factor))


def _box(
    image: Image, fractions: tuple[float, float, float, float], colour: Bgr, corner: float = 0.0, line: int = -1
) -> None:
    height, width = image.shape[:2]
    left, top = int(width * fractions[0]), int(height * fractions[1])
    right, bottom = int(width * fractions[2]), int(height * fractions[3])
    radius = int(corner * width)
    if radius == 0:
        cv2.rectangle(image, (left, top), (right, bottom), colour, line, cv2.LINE_AA)
        return
    radius = min(radius, (right - left) // 2, (bottom - top) // 2)
    cv2.rectangle(image, (left + radius, top), (right - radius, bottom), colour, -1)
    cv2.rectangle(image, (left, top + radius), (right, bottom - radius), colour, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(image, (x, y), radius, colour, -1, cv2.LINE_AA)


def _ellipse(image: Image, centre: tuple[float, float], axes: tuple[float, float], colour: Bgr) -> None:
    height, width = image.shape[:2]
    place = (int(width * centre[0]), int(height * centre[1]))
    cv2.ellipse(image, place, (int(width * axes[0]), int(height * axes[1])), 0, 0, 360, colour, -1, cv2.LINE_AA)


def _grille(image: Image, fractions: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = fractions
    _box(image, (left - 0.012, top - 0.03, right + 0.012, bottom + 0.03), (176, 176, 176), 0.03)
    _box(image, fractions, _RUBBER, 0.025)
    for bar in np.linspace(top + 0.05, bottom - 0.05, 5):
        _box(image, (left + 0.01, bar, right - 0.01, bar + 0.014), (92, 92, 92))


def _head_lamp(image: Image, side: float, top: float) -> None:
    height, width = image.shape[:2]
    outline = np.array([[0.03, 0.02], [0.23, 0.08], [0.22, 0.21], [0.06, 0.20]]) + np.array([0.0, top - 0.06])
    outline[:, 0] = np.abs(side - outline[:, 0])
    points = (outline * [width, height]).astype(np.int32)
    cv2.fillPoly(image, [points], (70, 66, 62), cv2.LINE_AA)
    cv2.polylines(image, [points], True, (150, 150, 150), 2, cv2.LINE_AA)
    for x, size in ((0.09, 0.032), (0.165, 0.026)):
        _ellipse(image, (abs(side - x), top + 0.075), (size, size * width / height), (205, 210, 214))
        _ellipse(image, (abs(side - x), top + 0.075), (size * 0.55, size * 0.55 * width / height), (250, 250, 250))


def _rounded(alpha: Image, radii: tuple[float, float, float, float]) -> None:
    """Round the four corners (top left, top right, bottom right, bottom left), radii in widths."""
    height, width = alpha.shape
    for corner, radius in enumerate(radii):
        size = int(radius * width)
        patch = np.zeros((size, size), np.uint8)
        x, y = (size if corner in (0, 3) else 0), (size if corner in (0, 1) else 0)
        cv2.circle(patch, (x, y), size, 255, -1, cv2.LINE_AA)
        rows = slice(0, size) if corner in (0, 1) else slice(height - size, height)
        columns = slice(0, size) if corner in (0, 3) else slice(width - size, width)
        alpha[rows, columns] = patch

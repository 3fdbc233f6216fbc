"""A vehicle that stands on the ground plane and is drawn panel by panel into the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.plates import PlateSpec
from simulator.scenes import vehicle_panels as panels
from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Bgr, Box, Glow, Image, Picture, Points, Texture, union
from simulator.scenes.plate_texture import LAYOUTS, draw_plate
from simulator.scenes.vehicle_shape import SHAPES, BodyKind, Edge, Shape

PAINTS: tuple[Bgr, ...] = (
    (226, 226, 224),
    (40, 38, 38),
    (150, 148, 146),
    (52, 40, 150),
    (120, 72, 34),
    (84, 92, 98),
    (196, 200, 200),
    (60, 78, 52),
)
_CARGO: Bgr = (214, 216, 214)
_NIGHT_LIGHT = 0.34
_NIGHT_PLATE = 0.86
_POOL_M = 11.0
_SEAM = 0.012  # panels overlap by so many metres, or the road would shine through between them


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the leading edge's middle stands on the ground, and which way it goes."""

    x: float
    y: float
    towards: bool


class Vehicle:
    def __init__(self, kind: BodyKind, paint: Bgr, plate: PlateSpec, *, night: bool) -> None:
        self.kind, self.shape, self.plate, self.night = kind, SHAPES[kind], plate, night
        self._paint = paint
        light = _NIGHT_PLATE if night else 1.0
        self._plate = Texture(_dim(_framed(draw_plate(plate)), light))
        layout = LAYOUTS[plate.series]
        self._plate_size = (layout.width / 1000, layout.height / 1000)

    def draw(self, picture: Picture, camera: PinholeCamera, pose: Pose) -> Box | None:
        """Returns what was touched, or None when nothing is in the picture."""
        boxes = [self._shadow(picture, camera, pose)]
        if self.night:
            boxes.append(self._pool(picture, camera, pose))
        seen = self._seen_panels(pose)
        boxes += [self._texture(name).draw(picture, camera.project(_place(corners, pose))) for name, corners in seen]
        boxes.append(self._plate.draw(picture, camera.project(self._plate_corners(pose, frame=0.012))))
        if self.night:
            boxes += self._lamps(picture, camera, pose)
        touched = [box for box in boxes if box is not None]
        return union(touched) if touched else None

    def _texture(self, name: str) -> Texture:
        return _panel(name, self.kind, self._paint, self.night)

    def outline(self, camera: PinholeCamera, pose: Pose) -> Points:
        """The pixels that bound the body: (n, 2)."""
        shape = self.shape
        edges = shape.edges
        corners = [(sign * edge.half, edge.back, edge.up) for edge in edges for sign in (-1, 1)]
        corners += [(sign * edge.half, edge.back, 0.0) for edge in (edges[0], edges[-1]) for sign in (-1, 1)]
        return camera.project(_place(np.array(corners), pose))

    def plate_corners(self, camera: PinholeCamera, pose: Pose) -> Points:
        return camera.project(self._plate_corners(pose))

    def reach(self, camera: PinholeCamera, pose: Pose) -> Points:
        """Outline with shadow and headlights: whatever the vehicle changes in the picture."""
        ahead = _POOL_M if self.night and pose.towards else 0.4
        ground = _ground_quad(self.shape, -ahead, self.shape.length + 0.5, self.shape.half_width + 1.2)
        return np.vstack([self.outline(camera, pose), camera.project(_place(ground, pose))])

    def _plate_corners(self, pose: Pose, frame: float = 0.0) -> Points:
        width, height = (side / 2 + frame for side in self._plate_size)
        shape = self.shape
        if pose.towards:
            up, back = shape.front_plate_up, -0.02
        else:
            up, back = shape.rear_plate_up, shape.length + 0.02
        left = -1 if pose.towards else 1
        corners = [(x * width * left, back, up + z * height) for x, z in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
        return _place(np.array(corners), pose)

    def _seen_panels(self, pose: Pose) -> list[tuple[str, Points]]:
        shape = self.shape
        flanks = self._flanks(pose)
        front = [
            ("roof", _strip(shape.roof_rear, shape.roof_front)),
            ("windscreen", _strip(shape.roof_front, shape.cowl)),
            ("hood", _strip(shape.cowl, shape.hood_front)),
            ("front", _strip(shape.hood_front, shape.front_bottom)),
        ]
        rear = [
            ("roof", _strip(shape.roof_front, shape.roof_rear, mirrored=True)),
            ("rear_window", _strip(shape.roof_rear, shape.deck_front, mirrored=True)),
            ("deck", _strip(shape.deck_front, shape.deck_rear, mirrored=True)),
            ("rear", _strip(shape.deck_rear, shape.rear_bottom, mirrored=True)),
        ]
        return flanks + (front if pose.towards else rear)

    def _flanks(self, pose: Pose) -> list[tuple[str, Points]]:
        """The side that faces the camera."""
        if abs(pose.x) < self.shape.half_width:
            return []
        shape = self.shape
        sign = 1.0 if (pose.x > 0) == pose.towards else -1.0
        foot, belt, top = sign * shape.half_width, sign * shape.cowl.half, sign * shape.roof_front.half
        up, roof = shape.cowl.up, shape.roof_front.up
        lower = [(belt, 0.0, up), (belt, shape.length, up), (foot, shape.length, 0.0), (foot, 0.0, 0.0)]
        front, rear = shape.cowl.back, shape.deck_front.back
        upper = [(top, front, roof), (top, rear, roof), (belt, rear, up), (belt, front, up)]
        return [("side", np.array(lower)), ("side_glass", np.array(upper))]

    def _shadow(self, picture: Picture, camera: PinholeCamera, pose: Pose) -> Box | None:
        ground = _ground_quad(self.shape, -0.35, self.shape.length + 0.35, self.shape.half_width + 0.45)
        return _shadow_texture().draw(picture, camera.project(_place(ground, pose)))

    def _pool(self, picture: Picture, camera: PinholeCamera, pose: Pose) -> Box | None:
        if not pose.towards or pose.y < _POOL_M:
            return None
        ground = _ground_quad(self.shape, -_POOL_M, -0.1, self.shape.half_width + 1.2)
        return _pool_glow().draw(picture, camera.project(_place(ground, pose)))

    def _lamps(self, picture: Picture, camera: PinholeCamera, pose: Pose) -> list[Box | None]:
        shape, size = self.shape, 0.30 if pose.towards else 0.16
        edge, foot = (shape.hood_front, shape.front_bottom) if pose.towards else (shape.deck_rear, shape.rear_bottom)
        down = (0.075 + panels.head_lamp_top(self.kind)) if pose.towards else 0.2
        up, back = edge.up - down * (edge.up - foot.up), (-0.02 if pose.towards else shape.length + 0.02)
        glow = _head_glow() if pose.towards else _tail_glow()
        boxes = []
        for x in (-edge.half * 0.74, edge.half * 0.74):
            square = np.array([(x + i * size, back, up + j * size) for i, j in ((-1, 1), (1, 1), (1, -1), (-1, -1))])
            boxes.append(glow.draw(picture, camera.project(_place(square, pose))))
        return boxes


def _place(local: Points, pose: Pose) -> Points:
    """Vehicle coordinates (right of the driver, back from the front, up) to the world's."""
    turned = [-1.0, 1.0, 1.0] if pose.towards else [1.0, -1.0, 1.0]
    return local * turned + [pose.x, pose.y, 0.0]


def _strip(upper: Edge, lower: Edge, *, mirrored: bool = False) -> Points:
    """Corners as a texture has them. Seen from the front, the picture's left is the driver's right."""
    left = -1.0 if mirrored else 1.0
    return np.array(
        [
            (left * upper.half, upper.back, upper.up + _SEAM),
            (-left * upper.half, upper.back, upper.up + _SEAM),
            (-left * lower.half, lower.back, lower.up),
            (left * lower.half, lower.back, lower.up),
        ]
    )


def _ground_quad(shape: Shape, start: float, end: float, half: float) -> Points:
    return np.array([(-half, start, 0.0), (half, start, 0.0), (half, end, 0.0), (-half, end, 0.0)])


@cache
def _panel(name: str, kind: BodyKind, paint: Bgr, night: bool) -> Texture:
    image, alpha = _drawn_panel(name, kind, paint)
    return Texture(_dim(image, _NIGHT_LIGHT if night else 1.0), alpha)


def _drawn_panel(name: str, kind: BodyKind, paint: Bgr) -> panels.Panel:
    shape = SHAPES[kind]
    cargo = _CARGO if kind == "lorry" else paint
    match name:
        case "front":
            return panels.front(shape, kind, paint)
        case "rear":
            return panels.rear(shape, kind, paint)
        case "hood":
            return panels.hood(shape, paint)
        case "windscreen":
            return panels.glass(shape, paint, people=True)
        case "rear_window":
            return panels.glass(shape, cargo, people=False)
        case "roof":
            return panels.roof(shape, cargo)
        case "deck":
            return panels.deck(shape, paint)
        case "side":
            return panels.side(shape, paint)
        case "side_glass":
            return panels.side_glass(shape, cargo)
    raise AssertionError(name)


def _dim(image: Image, light: float) -> Image:
    return image if light == 1.0 else (image * light).astype(np.uint8)


def _framed(plate: Image) -> Image:
    """With the black holder of 12 mm around it."""
    border = 24
    return np.asarray(cv2.copyMakeBorder(plate, *(border,) * 4, cv2.BORDER_CONSTANT, value=(30, 30, 30)), np.uint8)


@cache
def _shadow_texture() -> Texture:
    alpha = np.zeros((128, 96), np.uint8)
    alpha[14:-14, 14:-14] = 170
    alpha = cv2.GaussianBlur(alpha, (0, 0), 5).astype(np.uint8)
    return Texture(np.full((128, 96, 3), 18, np.uint8), alpha)


@cache
def _pool_glow() -> Glow:
    """The dipped beams' light on the road; row 0 is farthest from the vehicle."""
    y, x = np.mgrid[0:1:128j, -1:1:96j]
    beams = np.exp(-(((np.abs(x) - 0.33) / 0.33) ** 2)) * np.sin(np.pi * np.clip(y, 0, 1) ** 1.7) ** 1.2
    return Glow((beams * 74).astype(np.float32))


@cache
def _head_glow() -> Glow:
    return Glow(_halo(core=0.20, height=250.0))


@cache
def _tail_glow() -> Glow:
    return Glow(_halo(core=0.35, height=110.0))


def _halo(core: float, height: float) -> NDArray[np.float32]:
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    radius = np.hypot(x, y)
    fade = np.clip(1.0 - radius, 0, 1)
    return np.asarray(height * np.exp(-((radius / core) ** 2)) + 70 * fade**2, np.float32)

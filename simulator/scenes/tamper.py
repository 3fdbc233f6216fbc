"""A camera that somebody meddles with: the road of the vehicles, with one interval for each kind of tampering."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from simulator.plates import PlateSpec
from simulator.scenes.picture import Box, Image, Picture, Texture
from simulator.scenes.stage import FRAME_US, HEIGHT, WIDTH
from simulator.scenes.truth import SceneObject, Tamper, TamperKind
from simulator.scenes.vehicles import VehiclesScene

ORDER: tuple[TamperKind, ...] = ("black", "freeze", "blur", "cover", "turn")
_WHOLE: list[Box] = [(0, 0, WIDTH, HEIGHT)]
_BLUR_FACTOR = 24
_TURN_DEG = 25.0
_STILL: tuple[TamperKind, ...] = ("black", "freeze", "turn")
_EVERY_S = 6.0  # the road is there to be hidden, not to be read


class TamperScene:
    def __init__(self, *, seconds: float, seed: int, night: bool, plates: Sequence[PlateSpec] | None) -> None:
        self._scene = VehiclesScene(seconds=seconds, seed=seed, night=night, plates=plates, every_s=_EVERY_S)
        self.camera, self.lines, self.zones = self._scene.camera, self._scene.lines, self._scene.zones
        self._tampers = [_interval(kind, place, seconds) for place, kind in enumerate(ORDER)]
        self._turned = Picture.of(self._scene.background(yaw_deg=_TURN_DEG))
        self._cover = Texture(_cloth(seed))
        self._picture = Picture(WIDTH, HEIGHT)
        self._last: TamperKind | None = None

    def frame(self, at_us: int) -> tuple[Picture, Sequence[Box]]:
        tamper = next((each for each in self._tampers if each.start_us <= at_us < each.end_us), None)
        kind = tamper.kind if tamper else None
        same, self._last = kind == self._last, kind
        if tamper is None:
            picture, changed = self._scene.frame(at_us)
            return picture, changed if same else _WHOLE
        if same and kind in _STILL:
            return self._picture, []
        # A frozen camera repeats the last picture it took.
        picture, _ = self._scene.frame(tamper.start_us - FRAME_US if kind == "freeze" else at_us)
        self._spoil(tamper.kind, picture)
        return self._picture, _WHOLE

    def objects(self) -> list[SceneObject]:
        """What there is to see where nobody meddles; a passage within an interval may be partly or wholly hidden."""
        return self._scene.objects()

    def tampers(self) -> list[Tamper]:
        return list(self._tampers)

    def _spoil(self, kind: TamperKind, picture: Picture) -> None:
        spoilt = self._picture
        if kind == "black":
            spoilt.y[:], spoilt.u[:], spoilt.v[:] = 16, 128, 128
        elif kind == "blur":
            for source, target in ((picture.y, spoilt.y), (picture.u, spoilt.u), (picture.v, spoilt.v)):
                target[:] = _defocused(source)
        elif kind == "turn":
            spoilt.block[:] = self._turned.block
        else:
            spoilt.block[:] = picture.block
            if kind == "cover":
                # A strip of the road still shows at the top.
                corners = np.array([(-40, 70), (WIDTH + 40, 20), (WIDTH + 40, HEIGHT + 40), (-40, HEIGHT + 40)])
                self._cover.draw(spoilt, corners.astype(np.float64))


def _interval(kind: TamperKind, place: int, seconds: float) -> Tamper:
    """The middle two fifths of the kind's share of the time, on frame times."""
    share = seconds * 1e6 / len(ORDER)
    start, end = (round((place + part) * share / FRAME_US) * FRAME_US for part in (0.3, 0.7))
    return Tamper(kind, start, end)


def _defocused(plane: Image) -> Image:
    small = (max(1, plane.shape[1] // _BLUR_FACTOR), max(1, plane.shape[0] // _BLUR_FACTOR))
    tiny = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(tiny, plane.shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def _cloth(seed: int) -> Image:
    """A dark cloth with folds."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, 480)
    folds = sum(np.sin(2 * np.pi * (x * k + rng.random())) / k for k in (2, 3, 5, 9))
    shade = np.tile(1 + 0.22 * folds, (270, 1)) * np.linspace(1.1, 0.8, 270)[:, None]
    return np.asarray(np.clip(shade[:, :, None] * np.array([46, 44, 52]), 0, 255), np.uint8)

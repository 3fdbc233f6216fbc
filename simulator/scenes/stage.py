"""The picture a scene plays on: what moved last time is wiped, what moves now is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simulator.scenes.picture import Box, Image, Picture
from simulator.scenes.truth import Line, SceneObject, Tamper, Zone

WIDTH, HEIGHT = 1920, 1080
SUB_WIDTH, SUB_HEIGHT = 640, 360
FRAME_US = 40_000


class Scene(Protocol):
    """Frames at any order of times, and the truth about them."""

    camera: dict[str, float]
    lines: list[Line]
    zones: list[Zone]

    def frame(self, at_us: int) -> tuple[Picture, Sequence[Box]]:
        """The picture and the boxes of it that may differ from the call before."""

    def objects(self) -> list[SceneObject]: ...

    def tampers(self) -> list[Tamper]: ...


class Stage:
    def __init__(self, background: Image) -> None:
        self._background = Picture.of(background)
        self.picture = Picture.of(background)
        self._drawn: list[Box] = []

    def begin(self) -> list[Box]:
        """Wipe what was drawn; returns where."""
        wiped, self._drawn = self._drawn, []
        for box in wiped:
            self.picture.restore(self._background, box)
        return wiped

    def drew(self, box: Box | None) -> None:
        if box is not None:
            self._drawn.append(box)

    @property
    def drawn(self) -> list[Box]:
        return self._drawn

"""Vehicles with readable plates, towards and away, over a counting line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

import numpy as np

from simulator.plates import PlateSpec
from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import Box, Image, Picture
from simulator.scenes.road import LANE_M, draw_road
from simulator.scenes.stage import FRAME_US, HEIGHT, WIDTH, Stage
from simulator.scenes.traffic import Lane, Passage, frames_of, plan_traffic
from simulator.scenes.truth import Crossing, Line, Sample, SceneObject, Tamper, Zone, visible_box

_LINE_M = 18.0


@dataclass(frozen=True, slots=True)
class Site:
    """A gantry's view: the plates are 50 to 130 pixels wide over most of the picture."""

    lanes: tuple[bool, ...]  # towards? from the left
    kmh: tuple[float, float]
    focal_px: float
    mount_m: float
    pitch_deg: float


SITES = (
    Site((True, False), (30.0, 60.0), 3800, 6.0, 18.0),
    Site((True, True), (40.0, 75.0), 4000, 6.4, 18.5),
    Site((True,), (6.0, 22.0), 3600, 5.0, 16.5),
)


class VehiclesScene:
    def __init__(
        self,
        *,
        seconds: float,
        seed: int,
        night: bool,
        plates: Sequence[PlateSpec] | None,
        site: Site | None = None,
        every_s: float | None = None,
    ) -> None:
        """Random vehicles, where no plates are named, come every so many seconds, or as close as the lanes allow."""
        random = Random(seed)
        chosen = site or SITES[seed % len(SITES)]
        self._camera = PinholeCamera(WIDTH, HEIGHT, chosen.focal_px, chosen.mount_m, chosen.pitch_deg)
        count = len(chosen.lanes)
        lanes = [Lane((i + 0.5 - count / 2) * LANE_M, towards) for i, towards in enumerate(chosen.lanes)]
        wanted = None if plates is None else list(plates)
        self.passages = plan_traffic(
            random, self._camera, lanes, seconds=seconds, kmh=chosen.kmh, plates=wanted, night=night, every_s=every_s
        )
        self._lanes, self._seed, self._night = count, seed, night
        self._stage = Stage(self.background())
        self.camera = {"mount_m": chosen.mount_m, "pitch_deg": chosen.pitch_deg, "focal_px": chosen.focal_px}
        self.lines = [self._line(count)]
        self.zones: list[Zone] = []

    def frame(self, at_us: int) -> tuple[Picture, Sequence[Box]]:
        wiped = self._stage.begin()
        posed = [(passage, pose) for passage in self.passages if (pose := passage.pose_at(at_us))]
        # Far ones first, so that near ones cover them.
        for passage, pose in sorted(posed, key=lambda each: -each[1].y):
            self._stage.drew(passage.vehicle.draw(self._stage.picture, self._camera, pose))
        return self._stage.picture, wiped + self._stage.drawn

    def background(self, yaw_deg: float = 0.0) -> Image:
        """The empty road, from the camera turned so far to the right."""
        return draw_road(replace(self._camera, yaw_deg=yaw_deg), self._lanes, self._seed, night=self._night)

    def objects(self) -> list[SceneObject]:
        return [self._object(number, passage) for number, passage in enumerate(self.passages, start=1)]

    def tampers(self) -> list[Tamper]:
        return []

    def _line(self, lanes: int) -> Line:
        half = lanes * LANE_M / 2
        ends = self._camera.project(np.array([[-half, _LINE_M, 0.0], [half, _LINE_M, 0.0]]))
        points = tuple((float(x) / WIDTH, float(y) / HEIGHT) for x, y in np.round(ends, 1))
        return Line("counting line", points)

    def _object(self, number: int, passage: Passage) -> SceneObject:
        samples = [sample for at_us in frames_of(passage) if (sample := self._sample(passage, at_us))]
        plate = passage.vehicle.plate
        direction: Literal["towards", "away"] = "towards" if passage.lane.towards else "away"
        return SceneObject(
            id=number,
            kind="vehicle",
            start_us=samples[0].at_us,
            end_us=samples[-1].at_us + FRAME_US,
            samples=samples,
            plate=plate.text,
            plate_colour=plate.colour,
            plate_series=plate.series,
            body=passage.vehicle.kind,
            speed_kmh=round(passage.speed_mps * 3.6, 2),
            direction=direction,
            crossings=[Crossing(self.lines[0].name, passage.crosses_us(_LINE_M), direction)],
        )

    def _sample(self, passage: Passage, at_us: int) -> Sample | None:
        pose = passage.pose_at(at_us)
        if pose is None:
            return None
        box = visible_box(passage.vehicle.outline(self._camera, pose), WIDTH, HEIGHT)
        if box is None:
            return None
        plate = passage.vehicle.plate_corners(self._camera, pose)
        whole = bool((plate >= 0).all() and (plate <= [WIDTH, HEIGHT]).all())
        width = float(np.hypot(*(plate[1] - plate[0]))) if whole else 0.0
        return Sample(at_us, box, visible_box(plate, WIDTH, HEIGHT) if whole else None, round(width, 1))

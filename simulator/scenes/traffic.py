"""Who drives when: passages along lanes that begin and end inside the file, one vehicle a lane at a time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np

from foundation.errors import InvalidInput
from simulator.plates import PlateSeries, PlateSpec, random_plate
from simulator.scenes.camera import PinholeCamera
from simulator.scenes.picture import clipped_box
from simulator.scenes.stage import FRAME_US
from simulator.scenes.vehicle import PAINTS, Pose, Vehicle
from simulator.scenes.vehicle_shape import BodyKind

MAX_KMH = 80.0
_EDGE_S = 0.4  # nothing moves at the file's first and last moments
_STEP_M = 1.0
_SERIES_SHARES: dict[PlateSeries, int] = {
    "cn_standard": 9,
    "cn_new_energy": 5,
    "cn_large": 2,
    "cn_police": 1,
    "cn_learner": 1,
    "cn_hong_kong_macau": 1,
    "eu_latin": 2,
    "latin_america": 1,
}


@dataclass(frozen=True, slots=True)
class Lane:
    x: float
    towards: bool


@dataclass(frozen=True, slots=True)
class Passage:
    vehicle: Vehicle
    lane: Lane
    speed_mps: float
    start_s: float
    first_m: float  # where the leading edge is at `start_s`
    last_m: float

    @property
    def end_s(self) -> float:
        return self.start_s + abs(self.last_m - self.first_m) / self.speed_mps

    def pose_at(self, at_us: int) -> Pose | None:
        at_s = at_us / 1e6
        if not self.start_s <= at_s <= self.end_s:
            return None
        gone = (at_s - self.start_s) * self.speed_mps
        y = self.first_m - gone if self.lane.towards else self.first_m + gone
        return Pose(self.lane.x, y, self.lane.towards)

    def crosses_us(self, y: float) -> int:
        """When the leading edge is at a distance."""
        return round((self.start_s + abs(self.first_m - y) / self.speed_mps) * 1e6)


def plan_traffic(
    random: Random,
    camera: PinholeCamera,
    lanes: list[Lane],
    *,
    seconds: float,
    kmh: tuple[float, float],
    plates: list[PlateSpec] | None,
    night: bool,
    every_s: float | None = None,
) -> list[Passage]:
    """A passage for each of the plates, or random ones: one each `every_s` seconds, or as many as the time holds."""
    passages: list[Passage] = []
    if plates is None and every_s is not None:
        plates = [random_plate(random, _random_series(random)) for _ in range(max(1, round(seconds / every_s)))]
    for number, lane in enumerate(lanes):
        chosen = None if plates is None else plates[number :: len(lanes)]
        planned = _plan_lane(random, camera, lane, seconds=seconds, kmh=kmh, plates=chosen, night=night)
        passages += planned
    return sorted(passages, key=lambda passage: passage.start_s)


def _plan_lane(
    random: Random,
    camera: PinholeCamera,
    lane: Lane,
    *,
    seconds: float,
    kmh: tuple[float, float],
    plates: list[PlateSpec] | None,
    night: bool,
) -> list[Passage]:
    queue = _Queue(random, camera, lane, kmh=kmh, night=night)
    room = seconds - 2 * _EDGE_S
    if plates is None:
        while queue.add(random_plate(random, _random_series(random)), room):
            pass
    else:
        for plate in plates:
            queue.add(plate, None)
        queue.hurry(room)
    return queue.passages(room)


class _Queue:
    def __init__(
        self, random: Random, camera: PinholeCamera, lane: Lane, *, kmh: tuple[float, float], night: bool
    ) -> None:
        self._random, self._camera, self._lane, self._kmh, self._night = random, camera, lane, kmh, night
        self._waiting: list[tuple[Vehicle, tuple[float, float], float]] = []

    def add(self, plate: PlateSpec, room: float | None) -> bool:
        vehicle = random_vehicle(self._random, plate, night=self._night)
        way = _visible_way(vehicle, self._camera, self._lane)
        speed = self._random.uniform(*self._kmh) / 3.6
        if room is not None and self._needed() + abs(way[1] - way[0]) / speed > room:
            return False
        self._waiting.append((vehicle, way, speed))
        return True

    def hurry(self, room: float) -> None:
        """Raise the speeds until all pass in time."""
        faster = max(1.0, self._needed() / room)
        self._waiting = [(vehicle, way, speed * faster) for vehicle, way, speed in self._waiting]
        fastest = max((speed * 3.6 for _, _, speed in self._waiting), default=0.0)
        if fastest > MAX_KMH:
            raise InvalidInput(
                f"{len(self._waiting)} vehicles in one lane would need {fastest:.0f} km/h to pass in {room:.1f} s.",
                where="scene",
                mend="Ask for more seconds or fewer plates.",
            )

    def passages(self, room: float) -> list[Passage]:
        """One after another, with the time left over spread between them."""
        slack = room - self._needed()
        shares = [self._random.random() + 0.2 for _ in range(len(self._waiting) + 1)]
        at_s, planned = _EDGE_S, []
        for (vehicle, way, speed), share in zip(self._waiting, shares, strict=False):
            at_s += slack * share / sum(shares)
            planned.append(Passage(vehicle, self._lane, speed, at_s, *way))
            at_s = planned[-1].end_s
        return planned

    def _needed(self) -> float:
        return sum(abs(way[1] - way[0]) / speed for _, way, speed in self._waiting)


def random_vehicle(random: Random, plate: PlateSpec, *, night: bool) -> Vehicle:
    kind: BodyKind = "lorry" if plate.series == "cn_large" else random.choice(("saloon", "saloon", "suv", "suv", "van"))
    paint = PAINTS[0] if plate.series == "cn_police" else random.choice(PAINTS)
    return Vehicle(kind, paint, plate, night=night)


def _random_series(random: Random) -> PlateSeries:
    return random.choices(list(_SERIES_SHARES), weights=list(_SERIES_SHARES.values()))[0]


def _visible_way(vehicle: Vehicle, camera: PinholeCamera, lane: Lane) -> tuple[float, float]:
    """Leading-edge distances just before anything of it shows, and just after nothing does."""
    nearest = vehicle.shape.length * 0.1 if lane.towards else vehicle.shape.length * 0.9
    shown = [
        y
        for y in np.arange(nearest, 140.0, _STEP_M)
        if clipped_box(vehicle.reach(camera, Pose(lane.x, float(y), lane.towards)), camera.width, camera.height)
    ]
    near, far = float(min(shown)) - _STEP_M, float(max(shown)) + _STEP_M
    return (far, near) if lane.towards else (near, far)


def frames_of(passage: Passage) -> range:
    """Times of the frames the passage may show in, in microseconds."""
    first = int(np.ceil(passage.start_s * 1e6 / FRAME_US)) * FRAME_US
    return range(first, int(passage.end_s * 1e6) + 1, FRAME_US)

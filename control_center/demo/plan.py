"""What the demo shows: a small city, six cameras, and the plates that drive past them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

from device_registry.models import Level
from simulator.plates import PlateSeries, PlateSpec, random_plates

SEED = 20261
SCENE_S = 24.0
PERSONS = 400

CITY = ("110000000000", "示范市 Model City", "city")
CENTERS: tuple[tuple[str, str, Level, str], ...] = (
    ("110100000000", "东城县 East County", "county", "110000000000"),
    ("110200000000", "西城县 West County", "county", "110000000000"),
    ("110101010000", "河滨派出所 Riverside Station", "station", "110100000000"),
    ("110201010000", "古塔派出所 Old Tower Station", "station", "110200000000"),
)


class Place(NamedTuple):
    """Where a camera hangs, WGS 84, and which way it looks, degrees clockwise from north."""

    latitude: float
    longitude: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera and the scene before it. Vehicle scenes show the planned plates; the others show none."""

    code: str
    name: str
    center_code: str
    path: str
    kind: str
    night: bool = False
    plates: tuple[PlateSpec, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class DemoPlan:
    cameras: tuple[CameraPlan, ...]
    stolen: tuple[PlateSpec, ...]
    expired: tuple[PlateSpec, ...]

    @property
    def plates(self) -> tuple[PlateSpec, ...]:
        return tuple(plate for camera in self.cameras for plate in camera.plates)

    @property
    def unlisted(self) -> tuple[PlateSpec, ...]:
        """Plates that drive past and stand on no record."""
        return tuple(plate for plate in self.plates if plate not in self.stolen and plate not in self.expired)


def make_plan(seed: int = SEED) -> DemoPlan:
    """The same plan for the same seed. Of each scene's plates the first is stolen and the second's record expired."""
    chinese: tuple[PlateSeries, ...] = ("cn_standard", "cn_new_energy", "cn_standard", "cn_large")
    mixed: tuple[PlateSeries, ...] = ("cn_new_energy", "cn_standard", "eu_latin", "cn_police")
    plates = random_plates(random.Random(seed), chinese + mixed + chinese, 12)  # noqa: S311 - a repeatable plan
    by_scene = [tuple(plates[start : start + 4]) for start in (0, 4, 8)]
    riverside, old_tower = "110101010000", "110201010000"
    road, ramp, bridge = by_scene
    cameras = (
        CameraPlan(
            "11010101001320000001", "滨河路卡口 Riverside Road", riverside, "road-day", "vehicles", False, road,
            Place(39.9312, 116.4405, 95),
        ),
        CameraPlan(
            "11010101001320000002", "高速入口 Motorway Ramp", riverside, "ramp-day", "vehicles", False, ramp,
            Place(39.9365, 116.4461, 20),
        ),
        CameraPlan(
            "11010101001320000003", "北桥夜间 North Bridge", riverside, "bridge-night", "vehicles", True, bridge,
            Place(39.9398, 116.4377, 340),
        ),
        CameraPlan(
            "11020101001320000001", "古塔广场 Old Tower Square", old_tower, "square", "walkers",
            place=Place(39.9294, 116.3702, 150),
        ),
        CameraPlan(
            "11020101001320000002", "车站大厅 Station Hall", old_tower, "hall", "left_object",
            place=Place(39.9251, 116.3664, 250),
        ),
        CameraPlan(
            "11020101001320000003", "仓库后院 Depot Yard", old_tower, "depot", "tamper",
            place=Place(39.9236, 116.3731, 60),
        ),
    )  # fmt: skip
    return DemoPlan(
        cameras=cameras,
        stolen=tuple(scene[0] for scene in by_scene),
        expired=tuple(scene[1] for scene in by_scene),
    )

"""How many pixels a metre of a target gets, through an ideal (pinhole) lens, and what that is enough for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from foundation.errors import InvalidInput

# Least pixels per metre, rising. IEC 62676-4:2025, and the DORI of its edition of 2014.
CLASSES_2025 = {
    "overview": 20.0,
    "outline": 40.0,
    "discern": 80.0,
    "perceive": 125.0,
    "characterise": 250.0,
    "validate": 500.0,
    "scrutinise": 1500.0,
}
CLASSES_DORI = {"detection": 25.0, "observation": 62.5, "recognition": 125.0, "identification": 250.0}


@dataclass(frozen=True, slots=True)
class Optics:
    sensor_width_mm: float
    focal_length_mm: float
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        for name in ("sensor_width_mm", "focal_length_mm", "width_px", "height_px"):
            require_positive(name, getattr(self, name))

    @property
    def focal_px(self) -> float:
        """Pixels are taken to be square."""
        return self.width_px * self.focal_length_mm / self.sensor_width_mm

    @property
    def fov_deg(self) -> float:
        """Horizontal field of view."""
        return math.degrees(2 * math.atan(self.width_px / 2 / self.focal_px))


@dataclass(frozen=True, slots=True)
class Mounting:
    """`tilt_deg` below the horizon, -90 to 90; `None`: aimed at the target."""

    height_m: float = 0.0
    tilt_deg: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.height_m) and self.height_m >= 0):
            raise InvalidInput("it is no height above ground.", where="height_m", mend="Give metres, 0 or more.")
        if self.tilt_deg is not None and not -90 <= self.tilt_deg <= 90:
            raise InvalidInput("it lies outside -90 to 90 degrees.", where="tilt_deg", mend="Give degrees downwards.")


@dataclass(frozen=True, slots=True)
class Density:
    """Pixels per metre: across the picture, and along an upright target, which a view from above shortens."""

    across: float
    upright: float
    in_picture: bool


def density(optics: Optics, mounting: Mounting, distance_m: float, target_height_m: float = 0.0) -> Density:
    """At a point `target_height_m` above ground, `distance_m` away along the ground, straight ahead of the camera.

    Raises `InvalidInput`. Distortion by the lens is left out: wide lenses have fewer pixels at their edges.
    """
    require_positive("distance_m", distance_m)
    if not math.isfinite(target_height_m):
        raise InvalidInput("it is no height above ground.", where="target_height_m", mend="Give metres.")
    drop_m = mounting.height_m - target_height_m
    aimed = mounting.tilt_deg is None
    tilt = math.atan2(drop_m, distance_m) if mounting.tilt_deg is None else math.radians(mounting.tilt_deg)
    depth_m = distance_m * math.cos(tilt) + drop_m * math.sin(tilt)
    if depth_m <= 0:
        return Density(0.0, 0.0, in_picture=False)
    below_axis_m = drop_m * math.cos(tilt) - distance_m * math.sin(tilt)
    across = optics.focal_px / depth_m
    return Density(
        across=across,
        upright=across * distance_m / depth_m,
        in_picture=aimed or abs(across * below_axis_m) <= optics.height_px / 2,
    )


def reached(classes: dict[str, float], pixels_per_m: float) -> str | None:
    """The highest class that so many pixels per metre are enough for."""
    return next((name for name, least in reversed(classes.items()) if pixels_per_m >= least), None)


def require_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InvalidInput("it is not a number above zero.", where=name, mend="Give a positive number.")

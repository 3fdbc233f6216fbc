"""A pinhole camera above a flat ground: metres of the world to pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from simulator.scenes.picture import Points


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """World, in metres: x to the right, y away along the ground, z up; the camera hangs over (0, 0)."""

    width: int
    height: int
    focal_px: float
    mount_m: float
    pitch_deg: float  # below the horizon
    yaw_deg: float = 0.0  # to the right

    def project(self, world: Points) -> Points:
        """(n, 3) metres to (n, 2) pixels. Points behind the camera are drawn far outside the picture."""
        right, down, forward = _axes(self.pitch_deg, self.yaw_deg)
        ray = world - [0.0, 0.0, self.mount_m]
        depth = np.maximum(ray @ forward, 0.2)
        pixels = np.empty((len(world), 2))
        pixels[:, 0] = self.width / 2 + self.focal_px * (ray @ right) / depth
        pixels[:, 1] = self.height / 2 + self.focal_px * (ray @ down) / depth
        return pixels

    def ground_at(self, pixel: tuple[float, float]) -> tuple[float, float]:
        """Where the ground is seen through a pixel below the horizon."""
        right, down, forward = _axes(self.pitch_deg, self.yaw_deg)
        x = (pixel[0] - self.width / 2) / self.focal_px
        y = (pixel[1] - self.height / 2) / self.focal_px
        ray = forward + x * right + y * down
        reach = self.mount_m / -ray[2]
        return float(ray[0] * reach), float(ray[1] * reach)


@cache
def _axes(pitch_deg: float, yaw_deg: float) -> tuple[Points, Points, Points]:
    """Unit vectors of the world to the picture's right, down its columns, and into it."""
    pitch, yaw = np.radians(pitch_deg), np.radians(yaw_deg)
    heading = np.array([np.sin(yaw), np.cos(yaw), 0.0])
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    forward = heading * np.cos(pitch) - np.array([0.0, 0.0, np.sin(pitch)])
    down = -heading * np.sin(pitch) - np.array([0.0, 0.0, np.cos(pitch)])
    return right, down, forward

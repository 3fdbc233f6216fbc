"""How long and how much footage is kept: of a camera, and of a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from foundation.clock import US_PER_S
from foundation.settings import RecorderSettings

_DAY_US = 86_400 * US_PER_S


@dataclass(slots=True, frozen=True)
class CameraRetention:
    """A camera's own values; None where the settings hold. They lie within the settings' minimum and maximum: whoever
    sets them is refused others, and nothing is bent here."""

    days: float | None = None
    size_bytes: int | None = None


@dataclass(slots=True, frozen=True)
class RetentionPolicy:
    """What holds for one disk."""

    days: float
    min_days: float = 0.0  # younger footage goes only when the disk is full
    min_free_bytes: int = 0
    disk_bytes: int | None = None  # of footage on the disk; None: as much as fits
    hold_quota: float = 1.0  # share of the disk that may be held before people have to do something
    cameras: Mapping[str, CameraRetention] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: RecorderSettings, cameras: Mapping[str, CameraRetention]) -> RetentionPolicy:
        return cls(
            settings.retention_days,
            settings.retention_min_days,
            settings.min_free_bytes,
            settings.retention_bytes,
            settings.hold_quota,
            cameras,
        )

    def keep_us(self, camera_id: str) -> int:
        own = self.cameras.get(camera_id)
        return int((self.days if own is None or own.days is None else own.days) * _DAY_US)

    def camera_bytes(self, camera_id: str) -> int | None:
        own = self.cameras.get(camera_id)
        return None if own is None else own.size_bytes

    @property
    def min_keep_us(self) -> int:
        return int(self.min_days * _DAY_US)

    @property
    def longest_us(self) -> int:
        return max([int(self.days * _DAY_US), *map(self.keep_us, self.cameras)])

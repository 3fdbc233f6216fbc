"""How long and how much footage is kept: of a camera, and of a disk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class CameraRetention:
    """A camera's own values; None where the settings hold. They lie within the settings' minimum and maximum: whoever
    sets them is refused others, and nothing is bent here."""

    days: float | None = None
    size_bytes: int | None = None

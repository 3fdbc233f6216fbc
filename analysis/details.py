"""The JSON `detail` of each kind of observation."""

from __future__ import annotations

from typing import Any

from analysis.motion import Box, MotionObservation
from analysis.plates.watcher import PlateRead


def motion_detail(motion: MotionObservation) -> dict[str, Any]:
    return {"peak_area": round(motion.peak_area, 4), "box": _rounded(motion.box)}


def plate_detail(read: PlateRead) -> dict[str, Any]:
    return {
        "plate": read.plate,
        "plate_colour": read.colour,
        "plate_series": read.series,
        "confidence": read.confidence,
        "box": _rounded(read.box),
        "reads": read.reads,
        "direction": read.direction,
    }


def _rounded(box: Box) -> list[float]:
    return [round(side, 4) for side in box]

"""What a recording brought, told from the disks and not from what the recorder says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.clock import US_PER_S
from ingest.footage import FootageIndex
from ingest.footage.mp4_reader import read_init
from ingest.playback.fragment_heads import fragment_heads
from ingest.standalone.order import STREAM, Order, camera_id

_EVER = (0, 1 << 62)


@dataclass(slots=True, frozen=True)
class StreamResult:
    url: str
    duration_s: float
    access_units: int
    bytes: int
    fragments: int
    gaps: int
    folder: str  # relative to the folder of the recording
    error: str | None  # why nothing was recorded at the end; None where all is well


@dataclass(slots=True, frozen=True)
class Result:
    streams: list[StreamResult]
    cpu_s: float
    peak_pss_bytes: int


def result_of(order: Order, number: int, report: dict[str, Any], failure: str | None) -> StreamResult:
    disk, camera = order.disk_of(number), camera_id(number)
    index = FootageIndex(disk)
    segments = index.segments(camera, STREAM, *_EVER)
    return StreamResult(
        url=order.urls[number],
        duration_s=sum(one.duration_us for one in segments) / US_PER_S,
        access_units=sum(_units(disk / one.path) for one in segments),
        bytes=sum(one.size_bytes for one in segments),
        fragments=sum(one.fragments for one in segments),
        gaps=len(index.gaps(camera, STREAM, *_EVER)),
        folder=f"disks/{disk.name}/{camera}",
        error=failure or _error(report, recorded=bool(segments)),
    )


def _error(report: dict[str, Any], *, recorded: bool) -> str | None:
    if report.get("state") != "recording":
        return report.get("cause") or "no picture came before the end."
    return None if recorded else "nothing was written."


def _units(file: Path) -> int:
    """Counted in the file: the index knows fragments."""
    with file.open("rb") as stream:
        return sum(len(head.samples) for head in fragment_heads(stream, len(read_init(stream))))

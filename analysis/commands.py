"""What analysis adds to the command `vedette`: `analyse`, which runs over video files what the center runs live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foundation.clock import US_PER_S

if TYPE_CHECKING:
    from analysis.motion import MotionObservation
    from analysis.plates.watcher import PlateRead


def register(app: typer.Typer) -> None:
    app.command("analyse")(analyse)


def analyse(
    files: Annotated[list[Path], typer.Argument(help="Video files of a fixed camera.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find motion and number plates in video files; times count from each file's start."""
    import json

    from analysis.plates import models

    models.check()
    for file in files:
        for found in observations(file):
            if as_json:
                typer.echo(json.dumps({"file": str(file), **found.as_json()}, ensure_ascii=False))
            else:
                typer.echo(f"{file.name}  {found}")


@dataclass(slots=True, frozen=True)
class Found:
    kind: str
    start_us: int
    end_us: int
    detail: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "start_us": self.start_us, "end_us": self.end_us, "detail": self.detail}

    def __str__(self) -> str:
        span = f"{self.start_us / US_PER_S:8.2f} - {self.end_us / US_PER_S:8.2f} s  {self.kind:10}"
        if self.kind == "motion":
            return f"{span}  {self.detail['peak_area']:.1%} of the picture at most"
        direction = f", {self.detail['direction']}" if self.detail["direction"] else ""
        return (
            f"{span}  {self.detail['plate']}  ({self.detail['plate_colour']}, {self.detail['plate_series']}, "
            f"confidence {self.detail['confidence']:.2f}, {self.detail['reads']} readings{direction})"
        )


def observations(file: Path) -> Iterator[Found]:
    """Motion and plates of one file, as they end."""
    from analysis.camera import CameraAnalysis
    from analysis.video_file import frames

    camera = CameraAnalysis(plates=True)
    for frame in frames(file):
        yield from _found(camera.see_small(frame), camera.see_large(frame) if camera.wants_plates else [])
        if not camera.wants_plates:
            yield from _found(None, camera.end_plates())
    yield from _found(*camera.end())


def _found(motion: MotionObservation | None, plates: list[PlateRead]) -> Iterator[Found]:
    from analysis.details import motion_detail, plate_detail

    if motion is not None:
        yield Found("motion", motion.start_us, motion.end_us, motion_detail(motion))
    for plate in plates:
        yield Found("plate_read", plate.start_us, plate.end_us, plate_detail(plate))

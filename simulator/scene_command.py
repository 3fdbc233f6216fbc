"""`vedette scene`: footage of our own making with its truth.

It stands beside the package `scenes`, because importing that loads OpenCV and FFmpeg.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("scene")(scene)


def scene(
    kind: Annotated[str, typer.Argument(help="vehicles, walkers, left_object or tamper.")],
    out: Annotated[Path, typer.Option(help="MP4 of the main stream, 1920x1080.")],
    truth: Annotated[Path, typer.Option(help="JSON file that says what the scene shows.")],
    sub: Annotated[Path | None, typer.Option(help="MP4 of the sub stream, 640x360.")] = None,
    seconds: Annotated[float, typer.Option(help="Length of the footage.")] = 24.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same scene.")] = 1,
    night: Annotated[bool, typer.Option(help="By night.")] = False,
    plate: Annotated[list[str] | None, typer.Option(help="Plate of a vehicle that passes; may be repeated.")] = None,
) -> None:
    """Render footage of a made-up scene, with the exact truth of what it shows."""
    from rich.progress import Progress

    from simulator.plates import plate_of
    from simulator.scenes import render
    from simulator.scenes.encoding import whole_file

    plates = [plate_of(text) for text in plate] if plate else None
    with Progress(transient=True) as bar:
        task = bar.add_task(f"Rendering {kind}", total=1.0)
        made = render(
            kind,
            out,
            sub,
            seconds=seconds,
            seed=seed,
            night=night,
            plates=plates,
            progress=lambda done: bar.update(task, completed=done),
        )
    with whole_file(truth) as partial:
        made.write(partial)
    typer.echo(f"{out}: {made.frames} frames, {len(made.objects)} objects; truth in {truth}")

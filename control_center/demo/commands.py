"""`vedette demo`: a living center on this machine, and the check that its main job is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    footage: Annotated[
        list[Path] | None, typer.Option(help="Real footage to show instead of the scenes; may be given again.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of the demo's data.")] = Path("var/demo"),
    check: Annotated[
        bool, typer.Option("--check", help="Run without a person, print one JSON object, exit 0 or 1.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the console; the next one carries the media.")] = 8760,
    files: Annotated[list[Path] | None, typer.Argument(help="More footage files.", show_default=False)] = None,
) -> None:
    """Start a center with six virtual cameras and sample records, on loopback."""
    from control_center.demo.run import run_check, run_demo

    named = [*(footage or []), *(files or [])]
    if check:
        raise typer.Exit(run_check(named, data))
    run_demo(named, data, port)

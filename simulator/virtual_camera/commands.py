"""`vedette virtual-camera`: replay files as cameras until interrupted."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from foundation.errors import InvalidInput
from foundation.logging import configure
from foundation.settings import LogSettings
from simulator.virtual_camera.counts import PathCounts
from simulator.virtual_camera.faults import KINDS
from simulator.virtual_camera.server import DEFAULT_PORT, VirtualCamera


def register(app: typer.Typer) -> None:
    app.command("virtual-camera")(virtual_camera)


def virtual_camera(
    files: Annotated[list[Path], typer.Argument(help="H.264 or H.265 in MP4, MKV or as an elementary stream.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port on 127.0.0.1; 0 picks a free one.")] = (
        DEFAULT_PORT
    ),
    user: Annotated[str | None, typer.Option(help="User name that clients must give.")] = None,
    password: Annotated[
        str | None, typer.Option(help="The user's password.", envvar="VEDETTE_CAMERA_PASSWORD", show_envvar=True)
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help=f"Misbehave, on all paths or on one: [PATH=]KIND. KIND: {KINDS}.")
    ] = None,
    summary: Annotated[bool, typer.Option("--json", help="Print what was sent as JSON at the end.")] = False,
) -> None:
    """Replay each file in a loop as an RTSP camera; its path is the file's name without the ending."""
    configure(LogSettings(level="info", format="text"))
    camera = VirtualCamera(_named(files), port=port, user=user, password=password, faults=fault or ())
    asyncio.run(_run(camera, urls_to_stderr=summary))
    if summary:
        typer.echo(json.dumps({"paths": {name: _figures(counts) for name, counts in camera.counts.items()}}))


async def _run(camera: VirtualCamera, *, urls_to_stderr: bool) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await camera.start()
    for path in camera.paths:
        typer.echo(camera.url(path), err=urls_to_stderr)
    await stop.wait()
    await camera.close()


def _named(files: Sequence[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for file in files:
        if file.stem in named:
            raise InvalidInput(
                f"{named[file.stem]} would have the same path, {file.stem!r}.",
                where=str(file),
                mend="Rename one of the two.",
            )
        named[file.stem] = file
    return named


def _figures(counts: PathCounts) -> dict[str, int]:
    figures = asdict(counts)
    del figures["playing"]  # nobody is, at the end
    return figures

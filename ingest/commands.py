"""`vedette footage`: what is recorded on this machine's disks, read straight from their indexes; `vedette record`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from foundation.clock import SYSTEM_CLOCK, US_PER_S, to_iso
from foundation.errors import InvalidInput
from foundation.settings import load_settings
from ingest.footage import FootageIndex

_HOUR_US = 3600 * US_PER_S
_Config = Annotated[Path | None, typer.Option("--config", help="Settings file.")]
_Camera = Annotated[str | None, typer.Option("--camera", help="Only this camera, by the beginning of its identifier.")]


def register(app: typer.Typer) -> None:
    footage = typer.Typer(help="Look at the footage on this machine's disks.", no_args_is_help=True)
    footage.command("ls")(list_footage)
    footage.command("gaps")(list_gaps)
    footage.command("at")(show_moment)
    footage.command("check")(check_footage)
    app.add_typer(footage, name="footage")
    app.command("record")(record)


def list_footage(camera: _Camera = None, config: _Config = None) -> None:
    """Segments, bytes, first and last moment of each stream, per disk."""
    table = Table("disk", "camera", "stream", "segments", "MiB", "from (UTC)", "to (UTC)")
    for index, camera_id, stream, figures in _streams(camera, config):
        segments, size, first_us, last_us = figures
        mebibytes = f"{size / (1 << 20):.1f}"
        table.add_row(str(index.disk), camera_id, stream, str(segments), mebibytes, to_iso(first_us), to_iso(last_us))
    _console().print(table)


def list_gaps(
    camera: _Camera = None,
    hours: Annotated[float, typer.Option(help="How far to look back.", min=0)] = 24.0,
    config: _Config = None,
) -> None:
    """When nothing was recorded, and why."""
    now_us = SYSTEM_CLOCK.now_us()
    table = Table("camera", "stream", "from (UTC)", "to (UTC)", "seconds", "cause")
    for index, camera_id, stream, _ in _streams(camera, config):
        for gap in index.gaps(camera_id, stream, now_us - int(hours * _HOUR_US), now_us):
            seconds = f"{(gap.end_us - gap.start_us) / US_PER_S:.1f}"
            table.add_row(camera_id, stream, to_iso(gap.start_us), to_iso(gap.end_us), seconds, gap.cause)
    _console().print(table)


def show_moment(
    camera: Annotated[str, typer.Argument(help="Identifier of the camera.", show_default=False)],
    time: Annotated[str, typer.Argument(help="Moment, by ISO 8601; UTC unless it says otherwise.", show_default=False)],
    stream: Annotated[str, typer.Option(help="main, sub or audio.")] = "main",
    config: _Config = None,
) -> None:
    """What was recorded at a moment: the file and its keyframe, or why there is none and what is near."""
    from ingest.playback.moment import moment

    found = moment(load_settings(config).footage_disks, camera, stream, _moment_us(time))
    table = Table("", "file", "from (UTC)", "to (UTC)")
    for name, place in (("before", found.before), ("there", found.at), ("after", found.after)):
        if place is not None:
            table.add_row(name, str(place.file), to_iso(place.segment.start_us), to_iso(place.segment.end_us))
        elif name == "there" and found.gap is not None:
            table.add_row(f"gap: {found.gap.cause}", "", to_iso(found.gap.start_us), to_iso(found.gap.end_us))
    _console().print(table)
    if (keyframe := found.nearest_keyframe()) is not None:
        typer.echo(f"nearest keyframe: {to_iso(keyframe.start_us)}, byte {keyframe.offset} of {keyframe.file}")


def check_footage(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended; no recorder may run.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every file: boxes, and SHA-256 of access units.")] = False,
    disk: Annotated[list[Path] | None, typer.Option(help="Only this footage folder; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    config: _Config = None,
) -> None:
    """Compare files and index of the footage disks. Ends with 0 if nothing is found that nothing explains, else 1."""
    from ingest.footage.check.command import run_check

    if not run_check(load_settings(config), disk or [], repair=repair, deep=deep, as_json=as_json):
        raise typer.Exit(1)


def record(
    sources: Annotated[
        Path, typer.Option(help="File with one RTSP URL a line; # begins a comment.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="New or empty folder for the footage.", show_default=False)],
    duration: Annotated[float, typer.Option(help="Seconds to record.", min=1, max=30 * 86_400, show_default=False)],
    processes: Annotated[int, typer.Option(help="Recorder processes, each with a disk folder.", min=1, max=64)] = 1,
    credentials: Annotated[
        Path | None, typer.Option(help="File of user names and passwords by host, as netrc(5).", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Record RTSP URLs without a center. Ends with 0 if all of them were recorded to the end, else with 1."""
    from ingest.standalone.preparing import prepare
    from ingest.standalone.sources import read_sources

    order = prepare(read_sources(sources, credentials), out, processes, duration, as_json=as_json)
    # What follows needs none of what the command line has imported, and is measured: the process becomes another.
    os.execv(sys.executable, [sys.executable, "-m", "ingest.standalone", str(order)])  # noqa: S606, itself


def _moment_us(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        mend = "Write it as 2026-11-25T14:03:00Z."
        raise InvalidInput("this is no moment by ISO 8601.", where="TIME", mend=mend) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * US_PER_S)


def _streams(camera: str | None, config: Path | None) -> list[tuple[FootageIndex, str, str, tuple[int, int, int, int]]]:
    indexes = [FootageIndex(disk) for disk in load_settings(config).footage_disks]
    return [
        (index, camera_id, stream, (segments, size, first_us, last_us))
        for index in indexes
        for camera_id, stream, segments, size, first_us, last_us in index.streams()
        if camera_id.startswith(camera or "")
    ]


def _console() -> Console:
    """Full width into a pipe, so that nothing is cut off."""
    return Console(width=None if sys.stdout.isatty() else 200)

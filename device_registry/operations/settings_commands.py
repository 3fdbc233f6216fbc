"""`vedette cameras settings`: how devices encode, what stands in their picture, and how their sensor is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.operations.time_commands import Center, Codes, CodesFile, DryRun, MaxFailures
from foundation.errors import InvalidInput

if TYPE_CHECKING:
    from device_registry.onvif.setting import Value
    from device_registry.operations.running import Wanted

_settings = typer.Typer(no_args_is_help=True, help="Encoders, on-screen text and pictures of devices.")
Stream = Annotated[str, typer.Option(help="Whose encoder: main or sub.")]
_RESOLUTION = re.compile(r"[1-9]\d{1,4}x[1-9]\d{1,4}")


def register(cameras: typer.Typer) -> None:
    cameras.add_typer(_settings, name="settings")


@_settings.command("show")
def show_settings(code: Annotated[str, typer.Argument(help="Code of a camera.")], center: Center = None) -> None:
    """Show how a camera is set: both encoders, on-screen text, picture."""
    from rich.table import Table

    from device_registry.onvif.setting import shown
    from device_registry.operations import camera_parts
    from device_registry.operations.opening import console, opened

    table = Table("", "Setting", "Value")
    with opened() as desk:
        (target,) = desk.targets([code], None, center)
        for part, values in camera_parts.read(target, desk.allowed):
            for name, value in values.items():
                table.add_row(part, name, shown(value))
    console().print(table)


@_settings.command("apply")
def apply_settings(
    codes: Codes = None,
    codes_file: CodesFile = None,
    center: Center = None,
    stream: Stream = "main",
    codec: Annotated[str | None, typer.Option(help="H264 or H265.")] = None,
    resolution: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT, as 1920x1080.")] = None,
    frame_rate: Annotated[float | None, typer.Option(min=0.1, max=240, help="Pictures a second.")] = None,
    bitrate: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="At most, kbit/s.")] = None,
    gop: Annotated[int | None, typer.Option(min=1, max=10_000, help="Frames from keyframe to keyframe.")] = None,
    dry_run: DryRun = False,
    max_failures: MaxFailures = None,
) -> None:
    """Set cameras alike. What one has already is left as it is; what it does not offer is told, with the nearest."""
    from device_registry.operations import camera_parts
    from device_registry.operations.opening import opened
    from device_registry.operations.report import show
    from device_registry.operations.running import Run

    if stream not in ("main", "sub"):
        raise InvalidInput("there is no such stream.", where=f"--stream {stream[:20]}", mend="Write main or sub.")
    encoder = _given(
        codec=_codec(codec),
        resolution=_resolution(resolution),
        frame_rate=_whole(frame_rate),
        bit_rate_kbps=bitrate,
        gop=gop,
    )
    if not encoder:
        raise InvalidInput("nothing is named that should change.", mend="See `vedette cameras settings apply --help`.")
    wanted: Wanted = camera_parts.wanted(stream, encoder)
    with opened() as desk:
        targets = desk.targets(codes or (), codes_file, center)
        run = Run(desk.core, desk.actor, desk.allowed, dry_run=dry_run, max_failures=max_failures)
        show(run.over(targets, wanted))


def _given(**values: Value) -> Mapping[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _whole(rate: float | None) -> float | None:
    """ONVIF's first media service knows whole rates alone."""
    return int(rate) if rate is not None and rate == int(rate) else rate


def _codec(text: str | None) -> str | None:
    codec = text and text.upper().replace(".", "")
    if codec not in (None, "H264", "H265"):
        raise InvalidInput("there is no such codec.", where=f"--codec {str(text)[:20]}", mend="Write H264 or H265.")
    return codec


def _resolution(text: str | None) -> str | None:
    if text is not None and not _RESOLUTION.fullmatch(text):
        raise InvalidInput("this is no resolution.", where=f"--resolution {text[:20]}", mend="Write 1920x1080.")
    return text

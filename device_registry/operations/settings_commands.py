"""`vedette cameras settings`: how devices encode, what stands in their picture, and how their sensor is set."""

from __future__ import annotations

import math
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
    from device_registry.opening import console
    from device_registry.operations import camera_parts
    from device_registry.operations.opening import opened

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
    text: Annotated[
        str | None, typer.Option(help="On-screen text; {code} and {name} are the camera's; none: no text.")
    ] = None,
    text_at: Annotated[str | None, typer.Option(help="UpperLeft, UpperRight, LowerLeft or LowerRight.")] = None,
    brightness: Annotated[float | None, typer.Option(help="In the device's own numbers.")] = None,
    saturation: Annotated[float | None, typer.Option(help="In the device's own numbers.")] = None,
    contrast: Annotated[float | None, typer.Option(help="In the device's own numbers.")] = None,
    exposure: Annotated[str | None, typer.Option(help="auto or manual.")] = None,
    ir_cut: Annotated[str | None, typer.Option(help="Infrared filter: on by day, off by night, auto.")] = None,
    dry_run: DryRun = False,
    max_failures: MaxFailures = None,
) -> None:
    """Set cameras alike. What one has already is left as it is; what it does not offer is told, with the nearest."""
    from device_registry.opening import actor
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
    picture = _given(
        brightness=_whole(brightness),
        saturation=_whole(saturation),
        contrast=_whole(contrast),
        exposure=_mode("--exposure", exposure, ("AUTO", "MANUAL")),
        ir_cut=_mode("--ir-cut", ir_cut, ("ON", "OFF", "AUTO")),
    )
    words = _words(text, text_at)
    if not (encoder or picture or words):
        raise InvalidInput("nothing is named that should change.", mend="See `vedette cameras settings apply --help`.")
    wanted: Wanted = camera_parts.wanted(stream, encoder, picture, words)
    with opened() as desk:
        targets = desk.targets(codes or (), codes_file, center)
        run = Run(desk.core, actor(), desk.allowed, dry_run=dry_run, max_failures=max_failures)
        show(run.over(targets, wanted))


def _given(**values: Value) -> Mapping[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _whole(value: float | None) -> float | None:
    """Whole numbers without a fraction, as devices write them; an infinite one is refused."""
    if value is not None and not math.isfinite(value):
        raise InvalidInput("this is no number that a device could take.", mend="Give a plain number.")
    return int(value) if value is not None and value == int(value) else value


def _mode(option: str, text: str | None, known: tuple[str, ...]) -> str | None:
    if text is not None and text.upper() not in known:
        mend = f"Write {', '.join(known).lower()}."
        raise InvalidInput("there is no such mode.", where=f"{option} {text[:20]}", mend=mend)
    return text and text.upper()


def _words(text: str | None, text_at: str | None) -> Mapping[str, Value]:
    """The word none takes the text away."""
    from device_registry.onvif.osd import MOST_LETTERS, POSITIONS

    if text_at is not None and text_at not in POSITIONS:
        mend = f"Write {', '.join(POSITIONS)}."
        raise InvalidInput("there is no such place.", where=f"--text-at {text_at[:20]}", mend=mend)
    if text is not None and not (0 < len(text.strip()) <= MOST_LETTERS and text.isprintable()):
        mend = f"Write 1 to {MOST_LETTERS} printable characters, or none."
        raise InvalidInput("the text is empty, too long or not printable.", where="--text", mend=mend)
    given: dict[str, Value] = {} if text is None else {"text": None if text == "none" else " ".join(text.split())}
    return given | ({} if text_at is None else {"text_at": text_at})


def _codec(text: str | None) -> str | None:
    codec = text and text.upper().replace(".", "")
    if codec not in (None, "H264", "H265"):
        raise InvalidInput("there is no such codec.", where=f"--codec {str(text)[:20]}", mend="Write H264 or H265.")
    return codec


def _resolution(text: str | None) -> str | None:
    if text is not None and not _RESOLUTION.fullmatch(text):
        raise InvalidInput("this is no resolution.", where=f"--resolution {text[:20]}", mend="Write 1920x1080.")
    return text

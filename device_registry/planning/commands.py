"""`vedette cameras plan`: pixel density and coverage before a camera is bought or moved; needs no database."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from device_registry.planning.density import CLASSES_2025, CLASSES_DORI, Mounting, Optics, density, reached
from device_registry.planning.sector import sector

_plan = typer.Typer(no_args_is_help=True, help="What a camera would see: pixels per metre, and the ground covered.")


def register(cameras: typer.Typer) -> None:
    cameras.add_typer(_plan, name="plan")


@_plan.command("density")
def tell_density(
    sensor: Annotated[float, typer.Option(help="Width of the sensor, mm.")],
    lens: Annotated[float, typer.Option(help="Focal length, mm.")],
    distance: Annotated[float, typer.Option(help="To the target along the ground, m.")],
    width: Annotated[int, typer.Option(help="Pixels across the picture.")] = 1920,
    height: Annotated[int, typer.Option(help="Pixels down the picture.")] = 1080,
    mounted: Annotated[float, typer.Option(help="Height of the camera above ground, m.")] = 0.0,
    tilt: Annotated[float | None, typer.Option(help="Degrees below the horizon; empty: aimed at the target.")] = None,
    target: Annotated[float, typer.Option(help="Height of the target above ground, m.")] = 0.0,
) -> None:
    """Tell the pixels per metre of a target, and the classes of IEC 62676-4 that they reach."""
    optics = Optics(sensor, lens, width, height)
    found = density(optics, Mounting(mounted, tilt), distance, target)
    typer.echo(f"field of view {optics.fov_deg:.1f} degrees")
    if not found.in_picture:
        typer.echo("the target is not in the picture: change tilt, lens or distance")
        raise typer.Exit(1)
    for name, pixels_per_m in (("across", found.across), ("upright", found.upright)):
        new, old = (reached(classes, pixels_per_m) or "none" for classes in (CLASSES_2025, CLASSES_DORI))
        typer.echo(f"{name}: {pixels_per_m:.1f} pixels/m; IEC 62676-4:2025 {new}, DORI {old}")


@_plan.command("sector")
def tell_sector(
    latitude: Annotated[float, typer.Option(help="WGS 84, degrees north.")],
    longitude: Annotated[float, typer.Option(help="WGS 84, degrees east.")],
    azimuth: Annotated[float, typer.Option(help="Degrees clockwise from true north.")],
    fov: Annotated[float, typer.Option(help="Horizontal field of view, degrees.")],
    range_m: Annotated[float, typer.Option("--range", help="How far it is to see, m.")],
) -> None:
    """Print the ground covered as a GeoJSON polygon."""
    typer.echo(json.dumps(sector(latitude, longitude, azimuth, fov, range_m)))

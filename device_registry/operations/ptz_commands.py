"""`vedette cameras ptz`: a camera steered from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.operations.time_commands import Center
from foundation.audit import AuditAction

if TYPE_CHECKING:
    from device_registry.operations.steering import Steering, Who
    from foundation.scope import Scope

_ptz = typer.Typer(no_args_is_help=True, help="Steer cameras that turn.")
Code = Annotated[str, typer.Argument(help="Code of a camera.")]
Take = Annotated[bool, typer.Option("--take", help="Take control over from an operator at a console.")]


def register(cameras: typer.Typer) -> None:
    cameras.add_typer(_ptz, name="ptz")


@_ptz.command("move")
def move(
    code: Code,
    pan: Annotated[float, typer.Option(min=-1, max=1, help="Speed to the right; negative: to the left.")] = 0.0,
    tilt: Annotated[float, typer.Option(min=-1, max=1, help="Speed upwards; negative: downwards.")] = 0.0,
    zoom: Annotated[float, typer.Option(min=-1, max=1, help="Speed inwards; negative: outwards.")] = 0.0,
    seconds: Annotated[float, typer.Option(min=0.1, max=10, help="For how long.")] = 1.0,
    take: Take = False,
    center: Center = None,
) -> None:
    """Turn and zoom for a moment; the camera stops by itself."""
    with _at(code, center, take) as (steering, camera_id, scope, who):
        steering.move(camera_id, scope, who, pan, tilt, zoom, seconds)


@_ptz.command("stop")
def stop(code: Code, take: Take = False, center: Center = None) -> None:
    """Stop where it is."""
    with _at(code, center, take) as (steering, camera_id, scope, who):
        steering.stop(camera_id, scope, who)


@_ptz.command("home")
def home(code: Code, take: Take = False, center: Center = None) -> None:
    """Turn to the home position."""
    with _at(code, center, take) as (steering, camera_id, scope, who):
        steering.go_home(camera_id, scope, who)


@_ptz.command("presets")
def presets(code: Code, center: Center = None) -> None:
    """List the presets that the device keeps."""
    from rich.table import Table

    from device_registry.opening import console

    table = Table("Token", "Name")
    with _at(code, center) as (steering, camera_id, scope, _):
        for preset in steering.presets(camera_id, scope):
            table.add_row(preset.token, preset.name)
    console().print(table)


@_ptz.command("go")
def go(
    code: Code,
    token: Annotated[str, typer.Argument(help="Token of a preset.")],
    take: Take = False,
    center: Center = None,
) -> None:
    """Turn to a preset."""
    with _at(code, center, take) as (steering, camera_id, scope, who):
        steering.go_to_preset(camera_id, scope, who, token)


@_ptz.command("keep")
def keep(
    code: Code,
    name: Annotated[str, typer.Argument(help="What the preset is called.")],
    token: Annotated[str | None, typer.Option(help="Token of a preset to change; empty: a new one.")] = None,
    take: Take = False,
    center: Center = None,
) -> None:
    """Keep where it looks now as a preset."""
    from device_registry.opening import console

    with _at(code, center, take) as (steering, camera_id, scope, who):
        kept = steering.keep_preset(camera_id, scope, who, name, token, AuditAction.CLI_PRESET_CHANGE)
    console().print(f"Preset {kept.token}: {kept.name}.")


@_ptz.command("remove")
def remove(
    code: Code,
    token: Annotated[str, typer.Argument(help="Token of a preset.")],
    take: Take = False,
    center: Center = None,
) -> None:
    """Remove a preset from the device."""
    with _at(code, center, take) as (steering, camera_id, scope, who):
        steering.remove_preset(camera_id, scope, who, token, AuditAction.CLI_PRESET_CHANGE)


@contextmanager
def _at(code: str, center: str | None, take: bool = False) -> Iterator[tuple[Steering, str, Scope, Who]]:
    """Control is given up again at the end: a command line has nobody who watches."""
    from device_registry.opening import actor, scope_of
    from device_registry.operations.control import LEASE_S, Priority, Steerer
    from device_registry.operations.opening import opened
    from device_registry.operations.steering import Steering
    from foundation.database import reading

    with opened() as desk:
        (target,) = desk.targets([code], None, center)
        with reading(desk.core) as session:
            scope = scope_of(session, desk.settings, center)
        steering = Steering(desk.core, desk.keyring, desk.allowed)
        steerer = Steerer(actor(), Priority.SUPERVISOR, AuditAction.CLI_PTZ_TAKE)
        who: Who = lambda _session, _camera: steerer  # noqa: E731
        if take:
            steering.take(target.camera_id, scope, who, LEASE_S)
        try:
            yield steering, target.camera_id, scope, who
        finally:
            steering.release(target.camera_id, scope, actor())

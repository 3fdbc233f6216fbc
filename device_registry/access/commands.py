"""`vedette cameras users` and `pins`: who may sign in at a device, and which certificate it must show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.login import Login
from device_registry.opening import actor, console, opened, password_of, scope_of
from foundation.clock import SYSTEM_CLOCK
from foundation.errors import InvalidInput, NotFound
from foundation.settings import load_settings

if TYPE_CHECKING:
    from device_registry.access.pins import Seen
    from device_registry.onvif.users import DeviceUser


def register(cameras: typer.Typer) -> None:
    cameras.command("users")(device_users)
    cameras.command("pins")(show_pins)


def device_users(
    code: Annotated[str, typer.Argument(help="Code of a camera; or, with --username, the host of any device.")],
    username: Annotated[str | None, typer.Option(help="Administrator at that host; the password is asked for.")] = None,
    add: Annotated[str | None, typer.Option(help="Name of a user to add; its password is asked for.")] = None,
    level: Annotated[str, typer.Option(help="What it may: administrator, operator or user.")] = "operator",
    use: Annotated[
        bool, typer.Option("--use", help="Make the password, and let the device's cameras sign in as this user.")
    ] = False,
    remove: Annotated[str | None, typer.Option(help="Name of a user to remove.")] = None,
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
    in_clear: Annotated[
        bool, typer.Option("--in-clear", help="Tell the password over http, where it can be read.")
    ] = False,
) -> None:
    """List the users of a device and what each may; at a registered one, add a user or remove one."""
    from device_registry.access import device_users as users

    if add is not None and remove is not None:
        raise InvalidInput("a user is added or removed.", mend="Give one of --add and --remove.")
    if username is not None:
        if add is not None or remove is not None:
            raise InvalidInput("users are changed at registered devices.", mend="Name a camera's code.")
        _print_users(_users_at(code, username), username)
        return
    with opened() as (core, settings):
        device = users.of_camera(core, settings, code, center, actor=actor())
        if add is not None:
            device.refuse_clear(allowed=in_clear)
            if use:
                device.add_and_use(add, level)
            else:
                device.add(Login(add, _ask_password(add)), level)
        elif remove is not None:
            device.remove(remove)
        _print_users(device.users(), device.username)


def _users_at(host: str, username: str) -> list[DeviceUser]:
    from device_registry.onvif.device import Device
    from device_registry.onvif.endpoint import resolve
    from device_registry.onvif.users import users

    endpoint = resolve(host, load_settings().devices.networks)
    device = Device(endpoint, Login(username, password_of(username)))
    device.learn_time()
    return users(device)


def _ask_password(name: str) -> str:
    from device_registry.rotation.passwords import checked

    return checked(password_of(name))


def _print_users(found: list[DeviceUser], own: str) -> None:
    from rich.table import Table

    table = Table("User", "Level", "")
    for user in found:
        table.add_row(user.name, user.level, "signed in here" if user.name == own else "")
    console().print(table)


def show_pins(
    accept: Annotated[
        list[str] | None, typer.Option(help="Code of a camera: pin what its device shows now; may stand several times.")
    ] = None,
    accept_new: Annotated[bool, typer.Option("--accept-new", help="Pin what devices without a pin show.")] = False,
) -> None:
    """Show which devices show another certificate than the pinned one, none yet, or encrypt with an old TLS."""
    from device_registry import cameras
    from device_registry.access import pins
    from foundation.database import reading, transaction

    with opened() as (core, settings):
        with reading(core) as session:
            scope = scope_of(session, settings)
            known = cameras.list_cameras(session, scope)
        codes = set(accept or ())
        if unknown := codes - {camera.code for camera in known}:
            raise NotFound("there is no such camera here.", where=f"camera {min(unknown)}", mend="See `cameras ls`.")
        found = pins.look(known, settings.devices.networks)
        # All cameras of a device are asked to be shown the same.
        addresses = {one.address for one in found if one.camera.code in codes}
        taken = [one for one in found if one.address in addresses or (accept_new and one.standing == "new")]
        if taken:
            with transaction(core) as session:
                changed = pins.accept(session, SYSTEM_CLOCK, scope, taken, actor=actor())
            console().print(f"{changed} pinned.")
        left = [one for one in found if one not in taken]
        _print_pins(left)
    if any(one.standing in ("changed", "old_tls") for one in left):
        raise typer.Exit(1)


def _print_pins(found: list[Seen]) -> None:
    from rich.table import Column, Table

    table = Table("Camera", "Address", "", Column("Shows", overflow="fold"), Column("Pinned or fault", overflow="fold"))
    for one in found:
        if one.standing != "pinned":
            beside = str(one.fault) if one.fault is not None else one.pinned or ""
            table.add_row(one.camera.code, one.address, one.standing, one.shown or "", beside)
    out = console()
    if table.row_count:
        out.print(table)
    counts = ", ".join(f"{count} {standing}" for standing, count in Counter(one.standing for one in found).items())
    out.print(f"{len(found)} encrypted services{f': {counts}' if counts else ''}.")

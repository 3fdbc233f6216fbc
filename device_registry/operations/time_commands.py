"""`vedette cameras time`: the clocks of devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foundation.clock import US_PER_S

_time = typer.Typer(no_args_is_help=True, help="Clocks, zones and time servers of devices.")

Codes = Annotated[list[str] | None, typer.Argument(help="Codes of cameras.")]
CodesFile = Annotated[Path | None, typer.Option("--codes", help="File with one code a line; # begins a comment line.")]
Center = Annotated[
    str | None, typer.Option(help="Code of a center: all cameras there and below, unless codes are named.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what each has and would get; change nothing.")]
MaxFailures = Annotated[
    int | None, typer.Option("--max-failures", min=1, help="Begin no other device after so many have failed.")
]
Place = Annotated[str, typer.Argument(help="Code of a camera, or its device's HOST, HOST:PORT or URL.")]
Username = Annotated[
    str | None, typer.Option(help="User at the device instead of the stored one; the password is asked for.")
]


def register(cameras: typer.Typer) -> None:
    cameras.add_typer(_time, name="time")


@_time.command("show")
def show_time(place: Place, username: Username = None, center: Center = None) -> None:
    """Show a device's clock and how far it is off, its zone and its time servers."""
    from device_registry.onvif.clock import DeviceClock
    from device_registry.onvif.setting import shown
    from device_registry.opening import console
    from device_registry.operations.opening import opened

    with opened() as desk:
        connected = desk.connected(place, center, username)
    told = DeviceClock(connected).read()
    offset_us = connected.device.clock_offset_us
    out = console()
    out.print(
        f"clock {'not told' if offset_us is None else f'{offset_us / US_PER_S:+,.0f} s'}, set by {told['set_by']}"
    )
    out.print(f"zone {shown(told['zone'])}")
    out.print(f"NTP {shown(told['ntp'])}{', and what DHCP names' if told['ntp_from_dhcp'] else ''}")


@_time.command("set")
def set_time(
    ntp: Annotated[list[str], typer.Option(help="Time server, by name or address; may stand several times.")],
    codes: Codes = None,
    codes_file: CodesFile = None,
    center: Center = None,
    zone: Annotated[
        str | None, typer.Option(help="Asia/Shanghai, or as POSIX has it: CST-8 for UTC+8; empty: as it is.")
    ] = None,
    dry_run: DryRun = False,
    max_failures: MaxFailures = None,
) -> None:
    """Let devices follow a time server. What a device has already is left as it is, so that this can be repeated."""
    from device_registry.onvif.clock import DeviceClock, posix_zone, time_servers
    from device_registry.onvif.setting import Value
    from device_registry.opening import actor
    from device_registry.operations.opening import opened
    from device_registry.operations.report import show
    from device_registry.operations.running import Run

    wanted: dict[str, Value] = {"ntp": time_servers(ntp), "ntp_from_dhcp": False, "set_by": "NTP"}
    if zone is not None:
        wanted["zone"] = posix_zone(zone)
    with opened() as desk:
        targets = desk.targets(codes or (), codes_file, center)
        run = Run(desk.core, actor(), desk.allowed, dry_run=dry_run, max_failures=max_failures, once_a_device=True)
        show(run.over(targets, lambda connected, _: [(DeviceClock(connected), wanted)]))

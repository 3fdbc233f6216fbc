"""`vedette cameras discover` and `probe`: which devices there are, and what one is and streams, before registering."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from foundation.clock import US_PER_S
from foundation.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from device_registry.onvif.discovery import Discovered
    from device_registry.onvif.probe import Channel, Probe


def register(cameras: typer.Typer) -> None:
    cameras.command("probe")(probe_host)
    cameras.command("discover")(discover_devices)


def probe_host(
    host: Annotated[str, typer.Argument(help="HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH] of the device.")],
    username: Annotated[str | None, typer.Option(help="ONVIF user at the device; the password is asked for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Ask a device over ONVIF what it is, what it streams and what time it has; changes nothing, there or here."""
    from ipaddress import ip_network

    from device_registry.login import Login
    from device_registry.onvif.probe import probe

    login = Login(username, _ask_password(username)) if username is not None else None
    found = probe(host, login, allowed=[ip_network(text) for text in load_settings().devices.allow])
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        _print(found)


def discover_devices(
    interface: Annotated[
        list[str] | None, typer.Option(help="Network interface to ask on, eth1 for one; may stand several times.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="How long answers are waited for.")] = 4.0,
    network: Annotated[
        str | None, typer.Option("--range", help="Ask each address of a network instead, as 10.0.0.0/24.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="HTTP port of the devices; for --range.")] = 80,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Addresses asked a second; for --range.")] = 50.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as a JSON list.")] = False,
) -> None:
    """Find ONVIF devices by WS-Discovery, or by the addresses of a network; signs in nowhere."""
    from ipaddress import ip_network

    from device_registry.onvif import discovery

    if network is None:
        found = discovery.discover(interface or (), seconds)
    else:
        allowed = [ip_network(text) for text in load_settings().devices.allow]
        found = discovery.sweep(network, port=port, allowed=allowed, rate_per_s=rate)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print_discovered(found)


def _print_discovered(found: list[Discovered]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table("Address", "Name", "Hardware", "Location", Column("For `vedette cameras probe`", overflow="fold"))
    for one in found:
        table.add_row(one.address, one.name, one.hardware, one.location, one.url)
    console = Console(markup=False, highlight=False)
    if found:
        console.print(table)
    console.print(f"{len(found)} found.")


def _ask_password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username} at the device: ")
    return sys.stdin.readline().rstrip("\r\n")


def _print(found: Probe) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    console = Console(markup=False, highlight=False)  # what a device says is text, not markup
    told = found.information
    console.print(f"{found.host}: {told.maker} {told.model}, firmware {told.firmware}, serial {told.serial}")
    console.print(f"MAC {found.mac or 'not told'}, clock {_clock(found)}, NTP {', '.join(found.ntp) or 'none'}")
    if found.tls_sha256:
        console.print(f"certificate SHA-256 {found.tls_sha256}")
    table = Table("Channel", "Stream", "Picture", Column("Address", overflow="fold"))
    for number, channel in enumerate(found.channels, 1):
        for name, picture, url in _rows(channel):
            table.add_row(f"{number}", name, picture, url)
    if found.channels:
        console.print(table)
    _print_findings(console, found)


def _print_findings(console: Console, found: Probe) -> None:
    for finding in found.findings:
        console.print(" ".join(f"{finding.kind}: {finding.what} {finding.mend}".split()))


def _clock(found: Probe) -> str:
    return "not told" if found.clock_offset_us is None else f"{found.clock_offset_us / US_PER_S:+,.0f} s"


def _rows(channel: Channel) -> list[tuple[str, str, str]]:
    rows = []
    for name, stream in (("main", channel.main), ("sub", channel.sub)):
        if stream is not None:
            seen = stream.profile
            rate = f" {seen.frame_rate:g}/s" if seen.frame_rate else ""
            bits = f" {seen.bit_rate_kbps} kbit/s" if seen.bit_rate_kbps else ""
            rows.append((name, f"{seen.encoding} {seen.width}x{seen.height}{rate}{bits}", stream.url))
    return [*rows, ("snapshot", "", channel.snapshot_url)] if channel.snapshot_url else rows

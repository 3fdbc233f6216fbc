"""`vedette cameras probe`: what a device is and what it streams, before it is registered."""

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

    from device_registry.onvif.probe import Channel, Probe


def register(cameras: typer.Typer) -> None:
    cameras.command("probe")(probe_host)


def probe_host(
    host: Annotated[str, typer.Argument(help="HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH] of the device.")],
    username: Annotated[str | None, typer.Option(help="ONVIF user at the device; the password is asked for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Ask a device over ONVIF what it is, what it streams and what time it has; changes nothing, there or here."""
    from ipaddress import ip_network

    from device_registry.credentials import Login
    from device_registry.onvif.probe import probe

    login = Login(username, _ask_password(username)) if username is not None else None
    found = probe(host, login, allowed=[ip_network(text) for text in load_settings().devices.allow])
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        _print(found)


def _ask_password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username} at the device: ")
    return sys.stdin.readline().rstrip("\r\n")


def _print(found: Probe) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)  # what a device says is text, not markup
    told = found.information
    console.print(f"{found.host}: {told.maker} {told.model}, firmware {told.firmware}, serial {told.serial}")
    console.print(f"MAC {found.mac or 'not told'}, clock {_clock(found)}, NTP {', '.join(found.ntp) or 'none'}")
    if found.tls_sha256:
        console.print(f"certificate SHA-256 {found.tls_sha256}")
    table = Table("Channel", "Stream", "Picture", "Address")
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

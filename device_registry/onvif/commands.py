"""`vedette cameras discover`, `survey` and `probe`: which devices there are, and what they stream."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.login import Login
from device_registry.opening import console, password_of
from foundation.clock import US_PER_S
from foundation.errors import FileMissing, InvalidInput, NotWritable
from foundation.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from device_registry.onvif.discovery import Discovered
    from device_registry.onvif.probe import Channel, Probe
    from device_registry.onvif.survey import Surveyed


def register(cameras: typer.Typer) -> None:
    cameras.command("probe")(probe_host)
    cameras.command("discover")(discover_devices)
    cameras.command("survey")(survey_hosts)


def probe_host(
    host: Annotated[str, typer.Argument(help="HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH] of the device.")],
    username: Annotated[str | None, typer.Option(help="ONVIF user at the device; the password is asked for.")] = None,
    tls_sha256: Annotated[str | None, typer.Option(help="Fingerprint of the certificate it must show.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Ask a device over ONVIF what it is, what it streams and what time it has; changes nothing, there or here."""
    from device_registry.onvif.probe import probe

    login = Login(username, password_of(username)) if username is not None else None
    allowed = load_settings().devices.networks
    pin = tls_sha256.replace(":", "").lower() if tls_sha256 is not None else None
    found = probe(host, login, allowed=allowed, tls_sha256=pin)
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
    only_hosts: Annotated[bool, typer.Option("--hosts", help="Print the addresses alone, for `survey`.")] = False,
) -> None:
    """Find ONVIF devices by WS-Discovery, or by the addresses of a network; signs in nowhere."""
    from device_registry.onvif import discovery

    if network is None:
        found = discovery.discover(interface or (), seconds)
    else:
        allowed = load_settings().devices.networks
        found = discovery.sweep(network, port=port, allowed=allowed, rate_per_s=rate)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    elif only_hosts:
        for one in found:
            typer.echo(one.url)
    else:
        _print_discovered(found)


def survey_hosts(
    file: Annotated[Path, typer.Argument(help="One host a line, as `probe` takes them; # begins a comment line.")],
    out: Annotated[Path, typer.Option(help="CSV file to write, for `vedette cameras import`; it must not exist.")],
    username: Annotated[str | None, typer.Option(help="ONVIF user at all devices; the password is asked for.")] = None,
) -> None:
    """Probe many devices, and write their cameras as a table to complete and import; it holds no password."""
    from device_registry.onvif import survey

    hosts = survey.hosts(_read(file))
    _refuse_existing(out)
    login = Login(username, password_of(username)) if username is not None else None
    found = survey.survey(hosts, login, allowed=load_settings().devices.networks)
    table = survey.table(found, username)
    _write_new(out, table)
    _print_survey(found, cameras=table.count("\n") - 1, out=out)
    if any(one.probe is None for one in found):
        raise typer.Exit(1)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissing("the list of hosts cannot be read.", where=str(file), mend="Write it in UTF-8.") from error


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise InvalidInput("the file exists.", where=str(out), mend="Name another; none is overwritten.")


def _write_new(out: Path, table: str) -> None:
    try:
        with out.open("x", encoding="utf-8-sig", newline="") as opened:  # the mark tells spreadsheets the encoding
            opened.write(table)
    except OSError as error:
        raise NotWritable(f"the table cannot be written: {error.strerror}.", where=str(out)) from error


def _print_survey(found: list[Surveyed], *, cameras: int, out: Path) -> None:
    shown = console()
    for one in found:
        if one.probe is None:
            shown.print(str(one.error))
        else:
            for finding in one.probe.findings:
                shown.print(" ".join(f"{one.host}: {finding.kind}: {finding.what} {finding.mend}".split()))
    answered = sum(one.probe is not None for one in found)
    shown.print(f"{answered} of {len(found)} hosts answered; {cameras} cameras written to {out}.")


def _print_discovered(found: list[Discovered]) -> None:
    from rich.table import Column, Table

    table = Table("Address", "Name", "Hardware", "Location", Column("For `vedette cameras probe`", overflow="fold"))
    for one in found:
        table.add_row(one.address, one.name, one.hardware, one.location, one.url)
    out = console()
    if found:
        out.print(table)
    out.print(f"{len(found)} found.")


def _print(found: Probe) -> None:
    from rich.table import Column, Table

    out = console()
    told = found.information
    out.print(f"{found.host}: {told.maker} {told.model}, firmware {told.firmware}, serial {told.serial}")
    out.print(f"MAC {found.mac or 'not told'}, clock {_clock(found)}, NTP {', '.join(found.ntp) or 'none'}")
    if found.tls_sha256:
        out.print(f"certificate SHA-256 {found.tls_sha256}")
    table = Table("Channel", "Stream", "Picture", Column("Address", overflow="fold"))
    for number, channel in enumerate(found.channels, 1):
        for name, picture, url in _rows(channel):
            table.add_row(f"{number}", name, picture, url)
    if found.channels:
        out.print(table)
    _print_findings(out, found)


def _print_findings(out: Console, found: Probe) -> None:
    for finding in found.findings:
        out.print(" ".join(f"{finding.kind}: {finding.what} {finding.mend}".split()))


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

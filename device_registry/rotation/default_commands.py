"""`vedette cameras passwords defaults`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device_registry.opening import actor, opened
from foundation.clock import SYSTEM_CLOCK
from foundation.errors import FileMissing, InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from device_registry.onvif.endpoint import IpNetwork
    from device_registry.rotation.default_passwords import Tried
    from foundation.identifiers import Origin


def try_defaults(
    hosts: Annotated[list[str] | None, typer.Argument(help="Devices: HOST, HOST:PORT or a URL.")] = None,
    network: Annotated[str | None, typer.Option("--range", help="All devices of a network, as 10.0.0.0/24.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="HTTP port of the devices; for --range.")] = 80,
    file: Annotated[
        Path | None, typer.Option("--list", help="File with USER:PASSWORD a line, at most three; empty: three known.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as a JSON list.")] = False,
) -> None:
    """Try whether devices still have a password of their maker: three at most, five seconds apart, audited."""
    from device_registry import centers
    from device_registry.rotation.default_passwords import BUILT_IN, Trying, logins_of
    from foundation.database import transaction

    if not hosts and network is None:
        raise InvalidInput("no device is named.", mend="Name hosts, or --range 10.0.0.0/24.")
    logins = logins_of(_read(file)) if file is not None else BUILT_IN
    with opened() as (core, settings):
        allowed = settings.devices.networks
        with transaction(core) as session:
            origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        trying = Trying(logins, allowed)
        found = []
        for host in [*(hosts or []), *_in(network, port, allowed)]:
            # Before and after: whoever is cut off in the middle has still tried.
            _record(core, origin, host, outcome="begun", tries=0)
            found.append(trying.at(host))
            _record(core, origin, host, outcome=found[-1].outcome, tries=found[-1].tries)
    _print(found, as_json=as_json)
    if any(one.outcome in ("default_password", "open") for one in found):
        raise typer.Exit(1)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissing("the list of logins cannot be read.", where=str(file), mend="Write it in UTF-8.") from error


def _in(network: str | None, port: int, allowed: list[IpNetwork]) -> list[str]:
    from device_registry.onvif.discovery import sweep

    return [one.url for one in sweep(network, port=port, allowed=allowed)] if network is not None else []


def _record(core: Engine, origin: Origin, host: str, *, outcome: str, tries: int) -> None:
    from foundation import audit
    from foundation.audit import AuditAction
    from foundation.database import transaction

    with transaction(core) as session:
        audit.record(
            session,
            AuditAction.CLI_CREDENTIAL_TRY_DEFAULTS,
            origin=origin,
            actor=actor(),
            subject=host[:128],
            detail={"outcome": outcome, "tries": tries},
        )


def _print(found: list[Tried], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(" ".join(f"{one.host}: {one.outcome}: {one.what} {one.mend}".split()))
    taken = sum(one.outcome == "default_password" for one in found)
    typer.echo(f"{len(found)} devices, {taken} with a password of their maker.")

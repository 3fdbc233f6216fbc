"""`vedette centers` and `vedette cameras`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from device_registry import cameras, centers, history, particulars
from device_registry.access import push_tokens
from device_registry.access.commands import register as register_device
from device_registry.center_codes import oddities
from device_registry.gb28181_ids import assign
from device_registry.health.commands import register as register_health
from device_registry.models import Camera, CameraStream
from device_registry.onvif.commands import register as register_onvif
from device_registry.opening import actor, console, looking, password_of, scope_of, writing
from device_registry.operations.commands import register as register_operations
from device_registry.planning.commands import register as register_planning
from device_registry.recording import RetentionLimits
from device_registry.repairs.commands import register as register_repairs
from device_registry.replacing import TOLD, replace_device
from device_registry.rotation.commands import register as register_rotation
from device_registry.tables import camera_row
from device_registry.tables.commands import register as register_tables
from foundation.clock import SYSTEM_CLOCK, to_iso
from foundation.errors import InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

_OF_DEVICE = tuple(name for name in TOLD if name not in ("main_url", "sub_url", "username", "password"))
_SET_HELP = (
    f"What else is kept of it, such as height_m=4.5; may stand several times. Of {', '.join(particulars.FIELDS)}."
)


def register(app: typer.Typer) -> None:
    of_centers = typer.Typer(no_args_is_help=True, help="Monitoring centers: this one and those below it.")
    of_centers.command("add")(add_center)
    of_centers.command("ls")(list_centers)
    app.add_typer(of_centers, name="centers")
    of_cameras = typer.Typer(no_args_is_help=True, help="Cameras and how to reach them.")
    of_cameras.command("add")(add_camera)
    of_cameras.command("push-token")(push_token)
    of_cameras.command("ls")(list_cameras)
    of_cameras.command("history")(show_history)
    of_cameras.command("ids")(assign_ids)
    of_cameras.command("replace")(replace_camera)
    register_tables(of_cameras)
    register_onvif(of_cameras)
    register_operations(of_cameras)
    register_planning(of_cameras)
    register_repairs(of_cameras)
    register_rotation(of_cameras)
    register_device(of_cameras)
    register_health(of_cameras)
    app.add_typer(of_cameras, name="cameras")


def add_center(
    code: Annotated[
        str, typer.Argument(help="GA/T 380 agency code (12 digits) or GB/T 2260 division code (6 digits).")
    ],
    name: Annotated[str, typer.Argument(help="Name shown in the console.")],
    level: Annotated[str, typer.Option(help="city, county or station.")] = "station",
    parent: Annotated[str | None, typer.Option(help="Code of the center above; empty: this center.")] = None,
) -> None:
    """Add a center below this one."""
    with writing() as (session, settings, origin):
        center = centers.add(
            session,
            SYSTEM_CLOCK,
            node=origin.node,
            code=code,
            name=name,
            level=level,
            parent_code=parent or settings.center.code,
            actor=actor(),
        )
        console().print(f"Added {center.level} {center.code} {center.name}.")
        for what in oddities(center.code, center.level, parent or settings.center.code):
            console().print(f"Note: {what}")


def list_centers() -> None:
    """Show the tree of centers."""
    table = Table("Center", "Code", "Level")
    with looking() as (session, _):
        for row in centers.tree(session):
            table.add_row("  " * row.depth + row.center.name, row.center.code, row.center.level)
    console().print(table)


def add_camera(
    code: Annotated[str, typer.Argument(help="The center's own number for the camera.")],
    name: Annotated[str | None, typer.Option(help="Where it looks; a new camera needs it.")] = None,
    url: Annotated[
        str | None, typer.Option(help="RTSP or RTSPS URL of the main stream; a new camera needs it.")
    ] = None,
    sub_url: Annotated[str | None, typer.Option(help="RTSP or RTSPS URL of the small stream.")] = None,
    username: Annotated[str | None, typer.Option(help="User at the camera; the password is asked for.")] = None,
    maker: Annotated[str | None, typer.Option(help="Manufacturer.")] = None,
    model: Annotated[str | None, typer.Option(help="Manufacturer's model name.")] = None,
    latitude: Annotated[float | None, typer.Option(help="WGS 84, degrees north.")] = None,
    longitude: Annotated[float | None, typer.Option(help="WGS 84, degrees east.")] = None,
    datum: Annotated[str | None, typer.Option(help="Of this position: wgs84, or gcj02, which is converted.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disabled/--enabled", help="Registered, but not recorded.")] = None,
    transport: Annotated[str | None, typer.Option(help="How RTP comes: tcp or udp.")] = None,
    audio_purpose: Annotated[
        str | None, typer.Option(help="What its sound is recorded for; none: no sound is recorded.")
    ] = None,
    retention_days: Annotated[
        str | None, typer.Option(help="Days that its footage is kept; none: the center's setting.")
    ] = None,
    retention_bytes: Annotated[
        str | None, typer.Option(help="Bytes of its footage that are kept; none: the center's setting.")
    ] = None,
    tls_sha256: Annotated[
        str | None, typer.Option(help="Fingerprint of the certificate it must show over rtsps; none: any.")
    ] = None,
    more: Annotated[list[str] | None, typer.Option("--set", metavar="COLUMN=VALUE", help=_SET_HELP)] = None,
    center: Annotated[str | None, typer.Option(help="Code of its center; empty: this center.")] = None,
) -> None:
    """Register a camera, or change what is given of one that is registered under this code; `-` clears."""
    told = {
        "name": name,
        "maker": maker,
        "model": model,
        "latitude": latitude,
        "longitude": longitude,
        "datum": datum,
        "main_url": url,
        "sub_url": sub_url,
        "username": username,
        "password": password_of(username) if username is not None else None,
        "disabled": None if disabled is None else "yes" if disabled else "no",
        "transport": transport,
        "audio_purpose": audio_purpose,
        "retention_days": retention_days,
        "retention_bytes": retention_bytes,
        "tls_sha256": tls_sha256,
    }
    cells = {"code": code} | _cells(told) | _set_cells(more or ())
    with writing() as (session, settings, origin):
        row = camera_row.read(cells, RetentionLimits.of(settings.recorder))
        saved = cameras.save(
            session,
            Keyring.open(settings.key_dir),
            SYSTEM_CLOCK,
            origin,
            row.fields,
            actor=actor(),
            center_id=_center_id(session, origin, center),
            columns=row.columns,
        )
    changed = saved.changed
    what = "added" if saved.created else f"changed ({', '.join(sorted(changed))})" if changed else "as it was"
    console().print(f"Camera {saved.camera.code}: {what}.")


def _cells(told: Mapping[str, str | float | None]) -> dict[str, str]:
    """What options give, as cells of a row."""
    texts = {name: str(value) for name, value in told.items() if value not in (None, "")}
    is_text = {"code", "name", "maker", "model", "username", "password"}
    return {
        name: camera_row.quoted(text) if name in is_text and text != camera_row.CLEAR else text
        for name, text in texts.items()
    }


def _set_cells(given: Iterable[str]) -> dict[str, str]:
    cells = {}
    for each in given:
        column, _, text = (part.strip() for part in each.partition("="))
        if column not in particulars.CLEARABLE:
            near = get_close_matches(column, sorted(particulars.CLEARABLE), 1)
            mend = f"Did you mean {near[0]}?" if near else f"Name one of {', '.join(particulars.FIELDS)}."
            raise InvalidInput("there is no such column to set.", where=f"--set {column[:40]}", mend=mend)
        if not text:
            raise InvalidInput(
                "there is no value.", where=f"--set {column}", mend=f"Write {column}=-, which clears it."
            )
        cells[column] = text
    return cells


def _center_id(session: Session, origin: Origin, code: str | None) -> str:
    if code is None:
        return origin.center_id
    center = centers.find(session, code)
    if center is None or center.id not in centers.descendants(session, origin.center_id):
        raise NotFound(
            "there is no such center here or below.", where=f"center {code}", mend="See `vedette centers ls`."
        )
    return center.id


def push_token(
    code: Annotated[str, typer.Argument(help="The center's own number for the camera.")],
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Let the camera post no more.")] = False,
) -> None:
    """Make the token that a camera shows which posts plates by itself; it is shown once, and an earlier one ends."""
    with writing() as (session, settings, origin):
        camera = cameras.by_code(session, code, scope_of(session, settings, center))
        if remove:
            known = push_tokens.remove(session, SYSTEM_CLOCK, origin, camera, actor())
            console().print(f"Camera {code}: {'it may post no more' if known else 'it had no token'}.")
            return
        token, camera_id = push_tokens.create(session, SYSTEM_CLOCK, origin, camera, actor()), camera.id
    console().print(f"POST /api/v1/device-events/plates/{camera_id}")
    console().print(f"Authorization: Bearer {token}", soft_wrap=True)


def list_cameras(
    center: Annotated[str | None, typer.Option(help="Code of a center: only its cameras and those below it.")] = None,
) -> None:
    """Show the registered cameras."""
    table = Table("Code", "Name", "Center", "Host", "Main", "Sub", "")
    with looking() as (session, settings):
        scope = scope_of(session, settings, center)
        names = {row.center.id: row.center.name for row in centers.tree(session, scope)}
        for camera in cameras.list_cameras(session, scope):
            table.add_row(*_camera_row(camera, names))
    console().print(table)


def _camera_row(camera: Camera, center_names: dict[str, str]) -> list[str]:
    streams = {stream.name: stream for stream in camera.streams}
    host = urlsplit(streams["main"].url).netloc if "main" in streams else ""
    return [
        camera.code,
        camera.name,
        center_names.get(camera.center_id, ""),
        host,
        _seen(streams.get("main")),
        _seen(streams.get("sub")),
        "disabled" if camera.disabled else "",
    ]


def _seen(stream: CameraStream | None) -> str:
    if stream is None:
        return ""
    return f"{stream.codec} {stream.width}x{stream.height}" if stream.codec else "not seen yet"


def show_history(
    code: Annotated[str, typer.Argument(help="The center's own number for the camera.")],
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many changes, the newest first.")] = history.PAGE,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as a JSON list.")] = False,
) -> None:
    """Show what became of a camera: when, by whom, from what to what."""
    with looking() as (session, settings):
        camera = cameras.by_code(session, code, scope_of(session, settings, center))
        events, _ = history.page(session, camera.id, Scope([camera.center_id]), limit=limit)
    if as_json:
        typer.echo(json.dumps([asdict(event) for event in events], ensure_ascii=False, indent=2))
        return
    table = Table("When (UTC)", "Who", "What", "Column", "From", "To")
    for event in events:
        when = (to_iso(event.at_us), event.actor, event.action.rpartition(":")[2])
        rows = [(name, _shown(change["from"]), _shown(change["to"])) for name, change in event.changes.items()]
        for row in [("", "", event.reason)] * (event.reason is not None) + rows:
            table.add_row(*when, *row)
            when = ("", "", "")
    console().print(table)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def assign_ids(
    center: Annotated[str | None, typer.Option(help="Code of a center: only its cameras and those below it.")] = None,
    industry: Annotated[str, typer.Option(help="Two digits of GB/T 28181, annex D; 00: streets.")] = "00",
    network: Annotated[str, typer.Option(help="One digit of GB/T 28181, annex D; 0: video network.")] = "0",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the IDs, write nothing.")] = False,
) -> None:
    """Give a GB/T 28181 ID to each camera that has none."""
    table = Table("Center", "Code", "GB/T 28181 ID")
    with writing() as (session, settings, _):
        scope = scope_of(session, settings, center)
        assigned = assign(session, SYSTEM_CLOCK, scope, actor=actor(), industry=industry, network=network, via="cli")
        if dry_run:
            session.rollback()
    for row in assigned:
        table.add_row(*row)
    console().print(table)
    outcome = "Dry run, nothing written" if dry_run else "Written"
    console().print(f"{outcome}: {len(assigned)} IDs.")


def replace_camera(
    code: Annotated[str, typer.Argument(help="The center's own number for the camera.")],
    reason: Annotated[str, typer.Option(help="Why the device was replaced.")],
    url: Annotated[str | None, typer.Option(help="RTSP or RTSPS URL of the main stream; else as it was.")] = None,
    sub_url: Annotated[str | None, typer.Option(help="RTSP or RTSPS URL of the small stream; else as it was.")] = None,
    username: Annotated[str | None, typer.Option(help="User at the new device; the password is asked for.")] = None,
    more: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COLUMN=VALUE",
            help=f"Of the new device: {', '.join(_OF_DEVICE)}; may stand several times.",
        ),
    ] = None,
    center: Annotated[str | None, typer.Option(help="Code of its center, where several have the code.")] = None,
) -> None:
    """Register another device at the place of a camera, which keeps its code, footage and history."""
    told = {
        "main_url": url,
        "sub_url": sub_url,
        "username": username,
        "password": password_of(username) if username is not None else None,
    }
    given = _set_cells(more or ())
    for column in given.keys() - set(_OF_DEVICE):
        mend = f"Of a device there are {', '.join(_OF_DEVICE)}."
        raise InvalidInput("this column is not of the device.", where=f"--set {column}", mend=mend)
    cells = {"code": code} | _cells(told) | given
    with writing() as (session, settings, _):
        camera = cameras.by_code(session, code, scope_of(session, settings, center))
        row = camera_row.read(cells, RetentionLimits.of(settings.recorder))
        changed = replace_device(
            session,
            Keyring.open(settings.key_dir),
            SYSTEM_CLOCK,
            camera,
            row.fields,
            row.columns,
            reason=reason,
            actor=actor(),
            via="cli",
        )
    console().print(f"Camera {code}: its device is another one now ({', '.join(sorted(changed)) or 'nothing else'}).")

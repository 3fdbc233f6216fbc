"""`vedette centers` and `vedette cameras`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from device_registry import cameras, centers, push_tokens, recording
from device_registry.camera_export import table_of, template
from device_registry.camera_fields import CameraFields
from device_registry.camera_import import COLUMNS, ImportReport, import_cameras
from device_registry.models import Camera, CameraStream
from device_registry.onvif.commands import register as register_onvif
from device_registry.planning.commands import register as register_planning
from device_registry.recording import RetentionLimits
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.database_faults import explained
from foundation.errors import FileMissing, InvalidInput, NotFound
from foundation.files import ensure_folder
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import NOTHING
from foundation.settings import Settings, load_settings

_centers = typer.Typer(no_args_is_help=True, help="Monitoring centers: this one and those below it.")
_cameras = typer.Typer(no_args_is_help=True, help="Cameras and how to reach them.")


def register(app: typer.Typer) -> None:
    app.add_typer(_centers, name="centers")
    app.add_typer(_cameras, name="cameras")
    register_onvif(_cameras)
    register_planning(_cameras)


@contextmanager
def _opened() -> Iterator[tuple[Engine, Settings]]:
    from foundation import migrations  # a quarter of a second, which --help can do without

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
        with explained(stores.core):
            yield stores.core, settings
    finally:
        stores.dispose()


@contextmanager
def _writing() -> Iterator[tuple[Session, Settings, Origin]]:
    with _opened() as (core, settings), transaction(core) as session:
        yield session, settings, centers.ensure_local(session, settings, SYSTEM_CLOCK)


@contextmanager
def _looking() -> Iterator[tuple[Session, Settings]]:
    with _opened() as (core, settings), reading(core) as session:
        yield session, settings


def _console() -> Console:
    # Names come from outside: square brackets in them are text, not markup.
    return Console(markup=False, highlight=False)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


@_centers.command("add")
def add_center(
    code: Annotated[
        str, typer.Argument(help="GA/T 380 agency code (12 digits) or GB/T 2260 division code (6 digits).")
    ],
    name: Annotated[str, typer.Argument(help="Name shown in the console.")],
    level: Annotated[str, typer.Option(help="city, county or station.")] = "station",
    parent: Annotated[str | None, typer.Option(help="Code of the center above; empty: this center.")] = None,
) -> None:
    """Add a center below this one."""
    with _writing() as (session, settings, origin):
        center = centers.add(
            session,
            SYSTEM_CLOCK,
            node=origin.node,
            code=code,
            name=name,
            level=level,
            parent_code=parent or settings.center.code,
            actor=_actor(),
        )
        _console().print(f"Added {center.level} {center.code} {center.name}.")


@_centers.command("ls")
def list_centers() -> None:
    """Show the tree of centers."""
    table = Table("Center", "Code", "Level")
    with _looking() as (session, _):
        for row in centers.tree(session):
            table.add_row("  " * row.depth + row.center.name, row.center.code, row.center.level)
    _console().print(table)


@_cameras.command("add")
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
    center: Annotated[str | None, typer.Option(help="Code of its center; empty: this center.")] = None,
) -> None:
    """Register a camera, or change what is given of one that is registered under this code."""
    fields = CameraFields(
        code=code,
        name=name,
        maker=maker,
        model=model,
        latitude=latitude,
        longitude=longitude,
        datum=datum,
        main_url=url,
        sub_url=sub_url,
        username=username,
        password=_ask_password(username) if username is not None else None,
        disabled=disabled,
    )
    asked = (transport, audio_purpose, retention_days, retention_bytes, tls_sha256)
    texts = {name: text for name, text in zip(recording.FIELDS, asked, strict=True) if text is not None}
    with _writing() as (session, settings, origin):
        keyring = Keyring.open(settings.key_dir)
        center_id = _center_id(session, origin, center)
        saved = cameras.save(session, keyring, SYSTEM_CLOCK, origin, fields, actor=_actor(), center_id=center_id)
        changed = saved.changed | recording.change(
            session,
            SYSTEM_CLOCK,
            saved.camera,
            recording.parsed(fields.code, texts),
            RetentionLimits.of(settings.recorder),
            action=AuditAction.CLI_CAMERA_CHANGE,
            actor=_actor(),
        )
    what = "added" if saved.created else f"changed ({', '.join(sorted(changed))})" if changed else "as it was"
    _console().print(f"Camera {saved.camera.code}: {what}.")


def _ask_password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username} at the camera: ")
    return sys.stdin.readline().rstrip("\r\n")


def _center_id(session: Session, origin: Origin, code: str | None) -> str:
    if code is None:
        return origin.center_id
    center = centers.find(session, code)
    if center is None or center.id not in centers.descendants(session, origin.center_id):
        raise NotFound(
            "there is no such center here or below.", where=f"center {code}", mend="See `vedette centers ls`."
        )
    return center.id


@_cameras.command("push-token")
def push_token(
    code: Annotated[str, typer.Argument(help="The center's own number for the camera.")],
    center: Annotated[str | None, typer.Option(help="Code of its center; empty: this center.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Let the camera post no more.")] = False,
) -> None:
    """Make the token that a camera shows which posts plates by itself; it is shown once, and an earlier one ends."""
    with _writing() as (session, _, origin):
        center_id = _center_id(session, origin, center)
        camera = session.scalar(select(Camera).where(Camera.center_id == center_id, Camera.code == code))
        if camera is None:
            raise NotFound("there is no such camera here.", where=f"camera {code}", mend="See `vedette cameras ls`.")
        if remove:
            known = push_tokens.remove(session, SYSTEM_CLOCK, origin, camera, _actor())
            _console().print(f"Camera {code}: {'it may post no more' if known else 'it had no token'}.")
            return
        token, camera_id = push_tokens.create(session, SYSTEM_CLOCK, origin, camera, _actor()), camera.id
    _console().print(f"POST /api/v1/device-events/plates/{camera_id}")
    _console().print(f"Authorization: Bearer {token}", soft_wrap=True)


@_cameras.command("ls")
def list_cameras(
    center: Annotated[str | None, typer.Option(help="Code of a center: only its cameras and those below it.")] = None,
) -> None:
    """Show the registered cameras."""
    table = Table("Code", "Name", "Center", "Host", "Main", "Sub", "")
    with _looking() as (session, settings):
        top = centers.find(session, center or settings.center.code)
        if top is None and center is not None:
            raise NotFound("there is no such center.", where=f"center {center}", mend="See `vedette centers ls`.")
        scope = centers.descendants(session, top.id) if top else NOTHING
        names = {row.center.id: row.center.name for row in centers.tree(session, scope)}
        for camera in cameras.list_cameras(session, scope):
            table.add_row(*_camera_row(camera, names))
    _console().print(table)


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


@_cameras.command("import", help=f"Register or change cameras from a CSV file with the columns {', '.join(COLUMNS)}.")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 or GB 18030; an empty cell keeps, - clears.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Take the good rows even if some are refused.")] = False,
) -> None:
    content = _read(file)
    with _writing() as (session, settings, origin):
        keyring = Keyring.open(settings.key_dir)
        try:
            report = import_cameras(
                session,
                keyring,
                SYSTEM_CLOCK,
                origin,
                content,
                actor=_actor(),
                limits=RetentionLimits.of(settings.recorder),
            )
        except InvalidInput as error:
            raise InvalidInput(error.what, where=f"{file}, {error.where or 'file'}", mend=error.mend) from error
        written = not dry_run and (partial or not report.problems)
        if not written:
            session.rollback()
    _print_report(report, written=written, dry_run=dry_run)
    if report.problems:
        raise typer.Exit(1)


@_cameras.command("export")
def export_file(file: Annotated[Path, typer.Argument(help="CSV file to write; it must not exist.")]) -> None:
    """Write the cameras of this center and those below it as a table that can be imported; without passwords."""
    with _looking() as (session, settings):
        top = centers.find(session, settings.center.code)
        content = table_of(session, centers.descendants(session, top.id) if top else NOTHING)
    _write(file, content)


@_cameras.command("template")
def write_template(file: Annotated[Path, typer.Argument(help="CSV file to write; it must not exist.")]) -> None:
    """Write an empty table with every column of an import."""
    _write(file, template())


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError as error:
        raise InvalidInput("the file exists already.", where=str(file), mend="Name another.") from error
    except OSError as error:
        raise FileMissing(f"the file cannot be written: {error.strerror}.", where=str(file)) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileMissing(f"the file cannot be read: {error.strerror}.", where=str(file)) from error


def _print_report(report: ImportReport, *, written: bool, dry_run: bool) -> None:
    console = _console()
    if report.problems:
        table = Table("Row", "Column", "What", "Mend")
        for problem in report.problems:
            table.add_row(str(problem.row), problem.column, problem.what, problem.mend)
        console.print(table)
    counts = (
        f"{report.created} new, {report.changed} changed, {report.unchanged} as they were, {report.refused} refused"
    )
    if written:
        outcome = "Written"
    else:
        outcome = "Dry run, nothing written" if dry_run else "Nothing written (--partial takes the good rows)"
    console.print(f"{outcome}: {counts}.")

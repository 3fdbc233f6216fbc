"""`vedette onvif-device`: an ONVIF device of Vedette's own, until interrupted."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from foundation.errors import ConfigError
from simulator.onvif_device.faults import KINDS


def register(app: typer.Typer) -> None:
    app.command("onvif-device")(onvif_device)


def onvif_device(
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port on 127.0.0.1; 0 picks a free one.")] = 8080,
    main_url: Annotated[str, typer.Option(help="RTSP address that it tells of its main stream.")] = (
        "rtsp://127.0.0.1:8554/main"
    ),
    sub_url: Annotated[str, typer.Option(help="RTSP address that it tells of its sub stream.")] = (
        "rtsp://127.0.0.1:8554/sub"
    ),
    user: Annotated[str | None, typer.Option(help="User name that clients must give.")] = None,
    password: Annotated[
        str | None, typer.Option(help="The user's password.", envvar="VEDETTE_CAMERA_PASSWORD", show_envvar=True)
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(help=f"Misbehave: KIND[:VALUE]. KIND: {KINDS}.")] = None,
) -> None:
    """Answer ONVIF requests as a simulated camera would, and misbehave on request."""
    from simulator.onvif_device.server import OnvifDevice
    from simulator.virtual_camera.digest import Credentials

    if (user is None) != (password is None):
        raise ConfigError("a user needs a password and the other way round.", mend="Give both or neither.")
    credentials = Credentials(user, password) if user is not None and password is not None else None
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with OnvifDevice(
        port=port, credentials=credentials, faults=fault or (), main_url=main_url, sub_url=sub_url
    ) as device:
        typer.echo(f"http://{device.authority}/onvif/device_service")
        stop.wait()

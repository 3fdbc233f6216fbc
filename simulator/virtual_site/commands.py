"""`vedette virtual-site`: cameras to practise discovering, registering and mending on, until interrupted."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foundation.errors import ConfigError

if TYPE_CHECKING:
    from simulator.virtual_camera.digest import Credentials

_SCENE_S = 12.0


def register(app: typer.Typer) -> None:
    app.command("virtual-site")(run)


def run(
    password: Annotated[
        str, typer.Option(help="Password at all cameras.", envvar="VEDETTE_CAMERA_PASSWORD", show_envvar=True)
    ],
    cameras: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 10,
    first_address: Annotated[str, typer.Option(help="Address of the first; the others follow.")] = "127.0.1.1",
    user: Annotated[str, typer.Option(help="User name at all cameras.")] = "viewer",
    onvif_port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port of ONVIF.")] = 8080,
    rtsp_port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port of RTSP.")] = 8554,
    interface: Annotated[
        str | None, typer.Option(help="Interface on which they answer to WS-Discovery; without one they do not.")
    ] = None,
    main: Annotated[Path | None, typer.Option(help="Footage of the main streams; without, a scene is drawn.")] = None,
    sub: Annotated[Path | None, typer.Option(help="Footage of the sub streams; without, that of the main.")] = None,
) -> None:
    """Start cameras with ONVIF and RTSP, each on an address of its own, on this machine."""
    from foundation.logging import configure
    from foundation.settings import LogSettings
    from simulator.virtual_camera.digest import Credentials

    if sub is not None and main is None:
        raise ConfigError("there is footage of the sub streams without any of the main.", mend="Name --main as well.")
    configure(LogSettings(level="warning", format="text"))
    with tempfile.TemporaryDirectory(prefix="vedette-site-") as folder:
        footage = (main, sub or main) if main is not None else _drawn(Path(folder))
        credentials = Credentials(user, password)
        asyncio.run(_serve(footage, cameras, first_address, credentials, onvif_port, rtsp_port, interface))


def _drawn(folder: Path) -> tuple[Path, Path]:
    from rich.progress import Progress

    from simulator.scenes import render

    main, sub = folder / "main.mp4", folder / "sub.mp4"
    with Progress(transient=True) as bar:
        task = bar.add_task("Drawing a scene", total=1.0)
        render("vehicles", main, sub, seconds=_SCENE_S, progress=lambda done: bar.update(task, completed=done))
    return main, sub


async def _serve(
    footage: tuple[Path, Path],
    cameras: int,
    first_address: str,
    credentials: Credentials,
    onvif_port: int,
    rtsp_port: int,
    interface: str | None,
) -> None:
    from simulator.virtual_site.site import virtual_site

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with virtual_site(
        *footage,
        cameras=cameras,
        first_address=first_address,
        credentials=credentials,
        onvif_port=onvif_port,
        rtsp_port=rtsp_port,
        interface=interface,
    ) as urls:
        for url in urls:
            typer.echo(url)
        await stop.wait()

"""A virtual camera beside synchronous code: its own thread and event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from simulator.virtual_camera.server import VirtualCamera


@contextmanager
def serving(
    files: Mapping[str, Path],
    *,
    port: int = 0,
    user: str | None = None,
    password: str | None = None,
    faults: Sequence[str] = (),
    session_timeout_s: float = 60.0,
    packets_apart: bool = False,
) -> Iterator[VirtualCamera]:
    """A started camera for the length of the block; an error at start is raised here."""
    camera = VirtualCamera(
        files,
        port=port,
        user=user,
        password=password,
        faults=faults,
        session_timeout_s=session_timeout_s,
        packets_apart=packets_apart,
    )
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(camera, started)), name="virtual-camera", daemon=True)
    thread.start()
    loop, stop = started.result()
    try:
        yield camera
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(camera: VirtualCamera, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    stop = asyncio.Event()
    try:
        await camera.start()
    except Exception as error:  # noqa: BLE001 - handed whole to the thread that waits for the start
        started.set_exception(error)
        return
    started.set_result((asyncio.get_running_loop(), stop))
    await stop.wait()
    await camera.close()

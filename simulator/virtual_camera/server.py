"""The virtual camera: an RTSP server that replays video files in live timing, one path a file; on loopback, unless
another address is named."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.errors import ConfigError, InvalidInput, PortInUse, ResourceError
from simulator.virtual_camera.connection import Connection
from simulator.virtual_camera.counts import ClientCounts, PathCounts
from simulator.virtual_camera.digest import Credentials
from simulator.virtual_camera.faults import parse_faults
from simulator.virtual_camera.live_stream import LiveStream
from simulator.virtual_camera.media import load_media

HOST = "127.0.0.1"
DEFAULT_PORT = 8554
_BACKLOG = 1024


class VirtualCamera:
    """`start` reads the files and listens; `port=0` takes a free port. Faults are texts as `--fault` takes them.

    With `packets_apart` each packet is sent by itself, as a camera's network does, and not a whole picture at once.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        *,
        host: str = HOST,
        port: int = 0,
        user: str | None = None,
        password: str | None = None,
        faults: Sequence[str] = (),
        session_timeout_s: float = 60.0,
        packets_apart: bool = False,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if (user is None) != (password is None):
            raise ConfigError("a user needs a password and the other way round.", mend="Give both or neither.")
        for name in files:
            if not name.strip("/"):
                raise InvalidInput("a path needs a name.", where=repr(name))
        self._files = {name.strip("/"): file for name, file in files.items()}
        self._host = host
        self._port = port
        self._credentials = Credentials(user, password) if user is not None and password is not None else None
        self._faults = parse_faults(faults, self._files)
        self._session_timeout_s = session_timeout_s
        self._packets_apart = packets_apart
        self._clock = clock
        self._streams: dict[str, LiveStream] = {}
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._sweep_timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        for name, file in self._files.items():
            media = await asyncio.to_thread(load_media, file)
            self._streams[name] = LiveStream(
                name, media, self._faults[name], self._clock, packets_apart=self._packets_apart
            )
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._connect, self._host, self._port, backlog=_BACKLOG
            )
        except OSError as error:
            raise self._cannot_listen(error) from error
        self._port = self._server.sockets[0].getsockname()[1]
        self._sweep()

    async def close(self) -> None:
        """Stop listening and drop every client; the counts stay readable."""
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        if self._server is None:
            return
        self._server.close()
        connections = tuple(self._connections)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.ended for connection in connections))
        await self._server.wait_closed()
        self._server = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def paths(self) -> list[str]:
        return list(self._files)

    def url(self, path: str) -> str:
        """The path's URL, without credentials."""
        return f"rtsp://{self._host}:{self._port}/{quote(path)}"

    @property
    def counts(self) -> dict[str, PathCounts]:
        return {name: stream.counts() for name, stream in self._streams.items()}

    @property
    def clients(self) -> list[ClientCounts]:
        """What each client was sent, the latest 4096 ended ones of each path included."""
        return [counts for stream in self._streams.values() for counts in stream.clients()]

    def _connect(self) -> Connection:
        return Connection(self._streams, self._credentials, self._clock, self._session_timeout_s, self._connections)

    def _sweep(self) -> None:
        now_us = self._clock.monotonic_us()
        for connection in tuple(self._connections):
            connection.end_if_idle(now_us)
        interval_s = min(1.0, self._session_timeout_s / 4)
        self._sweep_timer = asyncio.get_running_loop().call_later(interval_s, self._sweep)

    def _cannot_listen(self, error: OSError) -> ResourceError:
        where = f"{self._host}:{self._port}"
        if error.errno == errno.EADDRINUSE:
            return PortInUse("another program listens on this port.", where=where, mend="Name another with --port.")
        return ResourceError(f"cannot listen: {error.strerror}.", where=where, mend="Name another port with --port.")

"""The process *live*: the media server on its own port."""

from __future__ import annotations

import errno
import socket
from types import FrameType

import structlog
import uvicorn
from starlette.applications import Starlette

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import ConfigError, PortInUse
from foundation.keyring import Keyring
from foundation.settings import ListenSettings, Settings
from ingest.live.app import create_app

_log = structlog.get_logger()
_SHUTDOWN_S = 2


def run_live(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    server = make_server(create_app(settings, Keyring.open(settings.key_dir), SYSTEM_CLOCK))
    listener = listen(settings.live)
    _log.info("live_listening", host=settings.live.host, port=listener.getsockname()[1])
    try:
        server.run([listener])
    finally:
        listener.close()


def make_server(app: Starlette) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # video is compressed already
            ws_max_size=1 << 16,
            timeout_graceful_shutdown=_SHUTDOWN_S,
        )
    )


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends cleanly; the original raises the signal once more afterwards, and the process would die of it."""
        self.should_exit = True


def listen(address: ListenSettings) -> socket.socket:
    where = f"live.port {address.port}"
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        if isinstance(error, PermissionError) or error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"{address.host}:{address.port} cannot be used: {error.strerror}.",
                where=where,
                mend="End the program that holds it, or set live.port.",
            ) from error
        raise ConfigError(
            f"{address.host} is no address of this machine: {error.strerror}.", where=where, mend="Set live.host."
        ) from error
    return listener

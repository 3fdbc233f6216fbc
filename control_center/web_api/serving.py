"""The process `api`: the application under uvicorn until SIGTERM or SIGINT."""

from __future__ import annotations

import os
import socket
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn

from control_center.web_api.app import create_app
from control_center.web_api.context import ApiContext
from control_center.web_api.guard import LARGEST_HEAD
from foundation import migrations
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores
from foundation.errors import PortInUse
from foundation.keyring import Keyring
from foundation.settings import ListenSettings, Settings

_log = structlog.get_logger()
# Messages from consoles are small or none. Compression costs more than it saves on a local network, and with secrets in
# the same frames it gives their length away.
SERVING: Final[dict[str, Any]] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "ws": "websockets-sansio",
    "ws_max_size": 4096,
    "ws_per_message_deflate": False,
    "h11_max_incomplete_event_size": LARGEST_HEAD,
    # Only a web server of this machine is believed who it speaks for, whatever the environment says; and only the last
    # address that it names: what a client itself wrote into `X-Forwarded-For` stands before it.
    "proxy_headers": True,
    "forwarded_allow_ips": ["127.0.0.1", "::1"],
}


def run_api(settings: Settings) -> None:
    """Serve until a signal ends the process. The stores must be migrated."""
    listener = _listen(settings.api)
    stores = open_stores(settings)
    try:
        migrations.check(stores)
        app = create_app(settings, stores, Keyring.open(settings.key_dir), SYSTEM_CLOCK)
        config = uvicorn.Config(app, **SERVING, timeout_graceful_shutdown=3)
        _log.info("api_listens", host=settings.api.host, port=listener.getsockname()[1])
        _Server(config, app.state.context).run(sockets=[listener])
    finally:
        stores.dispose()
        listener.close()
    _log.info("api_ended")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, context: ApiContext) -> None:
        super().__init__(config)
        self._context = context

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends cleanly. The original raises the signal once more afterwards, and the process would die of it."""
        self._context.feed.closing = True
        self.should_exit = True


def _listen(listen: ListenSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        return socket.create_server((listen.host, listen.port), family=family, backlog=256)
    except OSError as error:
        raise PortInUse(
            f"port {listen.port} on {listen.host} cannot be used: {os.strerror(error.errno or 0).lower()}.",
            where="api.port",
            mend="Stop what listens there, or choose another port with VEDETTE_API__PORT.",
        ) from error

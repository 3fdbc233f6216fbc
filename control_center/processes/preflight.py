"""What must be true before a center starts; each fault is one sentence that names the thing and the mend."""

from __future__ import annotations

import os
import socket

from control_center.processes.lock import holder
from control_center.processes.upgrading import prepare_stores
from foundation.database import open_stores
from foundation.errors import PortInUse
from foundation.files import ensure_folder
from foundation.keyring import Keyring
from foundation.settings import ListenSettings, Settings
from foundation.signing import Signing
from matching.catalogue import load_catalogue


def preflight(settings: Settings) -> None:
    """Folders, keys, catalogue, ports and databases, in this order; the databases come last."""
    for folder in (settings.data_dir, settings.run_dir, settings.log_dir, *settings.footage_disks):
        ensure_folder(folder)
    Keyring.open(settings.key_dir)
    Signing.open(settings.key_dir)
    load_catalogue(settings.matching.catalogue)
    for name, listen in (("api", settings.api), ("live", settings.live)):
        if holder(settings.run_dir, f"{name}-0") is None:
            check_port(name, listen)
    stores = open_stores(settings)
    try:
        prepare_stores(settings, stores)
    finally:
        stores.dispose()


def check_port(name: str, listen: ListenSettings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in listen.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            raise PortInUse(
                f"port {listen.port} on {listen.host} cannot be used: {os.strerror(error.errno or 0).lower()}.",
                where=f"{name}.port",
                mend=f"Stop what listens there, or choose another port with VEDETTE_{name.upper()}__PORT.",
            ) from error

"""Makes ready what the recorder processes need: folders, sealed passwords, their assignments."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from device_registry.assignments import FILE_NAME
from foundation.errors import Conflict
from foundation.files import ensure_folder, write_atomically
from foundation.keyring import Keyring
from ingest.standalone.order import STREAM, Order, camera_id
from ingest.standalone.sources import Source


def prepare(sources: Sequence[Source], out: Path, processes: int, duration_s: float, *, as_json: bool) -> Path:
    """Make the disks, one for each process, and a folder of work with the order in it, which is returned."""
    out = out.absolute()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Conflict("there is something already.", where=str(out), mend="Name a new or empty folder with --out.")
    disks = [ensure_folder(out / "disks" / str(number)) for number in range(min(processes, len(sources)))]
    work = Path(tempfile.mkdtemp(prefix="vedette-record-"))
    keyring = Keyring.open(work / "keys")
    streams = [_stream(number, one, disks, keyring) for number, one in enumerate(sources)]
    ensure_folder(work / "run")
    write_atomically(work / "run" / FILE_NAME, json.dumps({"generation": 1, "streams": streams}).encode(), mode=0o600)
    order = Order([one.url for one in sources], [str(disk) for disk in disks], duration_s, as_json)
    order.write(work)
    return work


def _stream(number: int, source: Source, disks: Sequence[Path], keyring: Keyring) -> dict[str, Any]:
    return {
        "recorder": number % len(disks),
        "camera_id": camera_id(number),
        "camera_code": camera_id(number),
        "stream": STREAM,
        "url": source.url,
        "username": source.username,
        "password": keyring.seal(source.password.encode(), "credential") if source.password else None,
        "fence": 1,
        "disk": str(disks[number % len(disks)]),
    }

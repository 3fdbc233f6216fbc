"""What no purge may free: `RUN/holds.json`, as the control center writes it."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.errors import InvalidInput
from ingest.footage.intervals import Interval, merged

FILE_NAME = "holds.json"


@dataclass(slots=True, frozen=True)
class Holds:
    """Spans of time by camera, in order and apart from each other; each covers every stream of its camera."""

    version: int = 0
    by_camera: Mapping[str, list[Interval]] = field(default_factory=dict)


class HoldsFile:
    """Read again when it changed. Shared by the threads of all disks."""

    def __init__(self, run_dir: Path) -> None:
        self.path = run_dir / FILE_NAME
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._holds = Holds()

    def read(self) -> Holds | None:
        """None where there is no file; `InvalidInput` for one that cannot be read or understood."""
        with self._lock:
            try:
                status = self.path.stat()
                identity = (status.st_ino, status.st_mtime_ns, status.st_size)
                if identity != self._seen:
                    self._holds = parse_holds(self.path.read_bytes())
                    self._seen = identity
            except FileNotFoundError:
                self._seen = None
                return None
            except (OSError, ValueError, TypeError, RecursionError) as error:
                self._seen = None
                raise InvalidInput(
                    f"the holds on footage cannot be read: {error}; nothing is purged.",
                    where=str(self.path),
                    mend="The running control center writes it anew; look after its folder and its log.",
                ) from error
            return self._holds


def parse_holds(data: bytes) -> Holds:
    """All of it or an error: half of the holds would free what the other half holds."""
    found = json.loads(data)
    if not isinstance(found, dict) or not isinstance(found.get("holds"), list):
        raise TypeError("it is no list of holds")
    spans: defaultdict[str, list[Interval]] = defaultdict(list)
    for one in found["holds"]:
        camera_id, span = _hold(one)
        spans[camera_id].append(span)
    return Holds(_whole(found.get("version")), {camera_id: merged(held) for camera_id, held in spans.items()})


def _hold(one: Any) -> tuple[str, Interval]:
    if not isinstance(one, dict) or not isinstance(one.get("camera_id"), str):
        raise TypeError("a hold names no camera")
    start_us, end_us = _whole(one.get("start_us")), _whole(one.get("end_us"))
    if end_us < start_us:
        raise ValueError("a hold ends before it starts")
    return one["camera_id"], (start_us, max(end_us, start_us + 1))


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError(f"{value!r:.40} is no whole number that fits")
    return value

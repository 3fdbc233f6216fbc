"""Which cameras this process analyses: its part of `assignments.json`, read again when the file changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

FILE_NAME = "assignments.json"
_log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class CameraPlan:
    """A camera, and the recorder that serves each of its streams."""

    camera_id: str
    center_id: str
    recorders: tuple[tuple[str, int], ...]  # (stream, recorder), by stream

    @property
    def streams(self) -> frozenset[str]:
        return frozenset(stream for stream, _ in self.recorders)


class PlanFile:
    """The cameras fall to the processes in turn, by their identifiers."""

    def __init__(self, run_dir: Path, index: int, processes: int) -> None:
        self._file = run_dir / FILE_NAME
        self._index = index
        self._processes = processes
        self._seen: tuple[int, int, int] | None = None

    def read_if_changed(self) -> list[CameraPlan] | None:
        """None while the file is as it was; one that is gone or cannot be read changes nothing."""
        try:
            found = self._file.stat()
            identity = (found.st_ino, found.st_mtime_ns, found.st_size)
            if identity == self._seen:
                return None
            self._seen = identity
            plans = _plans(json.loads(self._file.read_bytes())["streams"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("assignments_not_read", file=str(self._file), cause=f"{type(error).__name__}: {error}")
            return None
        return plans[self._index :: self._processes]


def _plans(streams: list[dict[str, Any]]) -> list[CameraPlan]:
    cameras: dict[str, dict[str, int]] = {}
    centers: dict[str, str] = {}
    for one in streams:
        camera_id = str(one["camera_id"])
        cameras.setdefault(camera_id, {})[str(one["stream"])] = int(one["recorder"])
        centers[camera_id] = str(one["center_id"])
    return [
        CameraPlan(camera_id, centers[camera_id], tuple(sorted(recorders.items())))
        for camera_id, recorders in sorted(cameras.items())
    ]

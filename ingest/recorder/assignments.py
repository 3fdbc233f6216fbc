"""What this recorder is to record: its part of `assignments.json`, read again when the file changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from ingest.footage.retention_policy import CameraRetention

FILE_NAME = "assignments.json"
_log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class Assignment:
    camera_id: str
    camera_code: str
    stream: str
    url: str = field(repr=False)  # some cameras want the password in it
    username: str | None
    password: str | None = field(repr=False)  # sealed by the keyring
    fence: int
    disks: tuple[Path, ...]  # in order of preference
    transport: str = "tcp"  # or udp, where the URL's scheme does not say
    tls_sha256: str | None = None  # the certificate that an rtsps:// device must show
    audio: bool = False  # whether sound may be recorded

    @property
    def key(self) -> tuple[str, str]:
        return self.camera_id, self.stream


@dataclass(slots=True, frozen=True)
class Assignments:
    streams: list[Assignment]
    retention: dict[str, CameraRetention]  # by camera; of all the node's cameras that have values of their own


class AssignmentFile:
    def __init__(self, run_dir: Path, recorder: int) -> None:
        self._file = run_dir / FILE_NAME
        self._recorder = recorder
        self._seen: tuple[int, int, int] | None = None

    def read_if_changed(self) -> Assignments | None:
        """None while the file is as it was. One that is gone or cannot be read changes nothing: recording goes on."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        if identity == self._seen:
            return None
        self._seen = identity
        try:
            found = json.loads(self._file.read_bytes())
            streams = [_assignment(one) for one in found["streams"] if one["recorder"] == self._recorder]
            return Assignments(streams, _retention([*found["streams"], *found.get("keep", [])]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("assignments_not_read", file=str(self._file), cause=f"{type(error).__name__}: {error}")
            return None


def _assignment(fields: dict[str, Any]) -> Assignment:
    return Assignment(
        camera_id=_name(fields["camera_id"]),
        camera_code=str(fields["camera_code"]),
        stream=_name(fields["stream"]),
        url=str(fields["url"]),
        username=fields.get("username"),
        password=fields.get("password"),
        fence=int(fields["fence"]),
        disks=tuple(map(Path, fields["disks"] if "disks" in fields else [fields["disk"]])),
        transport=str(fields.get("transport", "tcp")),
        tls_sha256=fields.get("tls_sha256"),
        audio=bool(fields.get("audio", False)),
    )


def _retention(entries: Iterable[dict[str, Any]]) -> dict[str, CameraRetention]:
    """A disk may hold footage of cameras that another recorder records by now, or none does."""
    found: dict[str, CameraRetention] = {}
    for one in entries:
        days, size = one.get("retention_days"), one.get("retention_bytes")
        if days is not None or size is not None:
            own = CameraRetention(None if days is None else float(days), None if size is None else int(size))
            found[_name(one["camera_id"])] = own
    return found


def _name(text: str) -> str:
    """An identifier that becomes the name of a folder."""
    if not text or not text.isascii() or not all(character.isalnum() or character in "-_" for character in text):
        raise ValueError(f"{text!r} cannot be the name of a folder")
    return text

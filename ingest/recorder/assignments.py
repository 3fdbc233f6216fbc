"""What this recorder is to record: its part of `assignments.json`, read again when the file changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

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
    disk: Path

    @property
    def key(self) -> tuple[str, str]:
        return self.camera_id, self.stream


class AssignmentFile:
    def __init__(self, run_dir: Path, recorder: int) -> None:
        self._file = run_dir / FILE_NAME
        self._recorder = recorder
        self._seen: tuple[int, int, int] | None = None

    def read_if_changed(self) -> list[Assignment] | None:
        """None while the file is as it was. One that is gone or cannot be read changes nothing: recording goes on."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        identity = (found.st_ino, found.st_mtime_ns, found.st_size)
        if identity == self._seen:
            return None
        self._seen = identity
        try:
            streams = json.loads(self._file.read_bytes())["streams"]
            return [_assignment(one) for one in streams if one["recorder"] == self._recorder]
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
        disk=Path(fields["disk"]),
    )


def _name(text: str) -> str:
    """An identifier that becomes the name of a folder."""
    if not text or not text.isascii() or not all(character.isalnum() or character in "-_" for character in text):
        raise ValueError(f"{text!r} cannot be the name of a folder")
    return text

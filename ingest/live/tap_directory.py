"""Where a stream's tap is: the recorder that it is assigned to on this machine."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.tap import StreamKey


class TapDirectory:
    """Reads `assignments.json` again when it changes."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._stamp: tuple[int, int] | None = None  # inode and time of the file read last
        self._recorders: dict[StreamKey, int] = {}

    def find(self, key: StreamKey) -> Path | None:
        self._refresh()
        recorder = self._recorders.get(key)
        return None if recorder is None else self._run_dir / f"recorder-{recorder}.tap"

    def _refresh(self) -> None:
        file = self._run_dir / "assignments.json"
        try:
            found = file.stat()
            stamp = (found.st_ino, found.st_mtime_ns)
            if stamp == self._stamp:
                return
            streams = json.loads(file.read_bytes())["streams"]
            self._recorders = {(one["camera_id"], one["stream"]): int(one["recorder"]) for one in streams}
            self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError):
            return  # what was known last still holds

"""The recorder processes of one recording, as children of this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_END_WITHIN_S = 60.0


class Recorders:
    """A process for each of the disks."""

    def __init__(self, work: Path, disks: Sequence[str]) -> None:
        self._work = work
        self._settings = {
            "VEDETTE_DATA_DIR": str(work),
            "VEDETTE_RECORDER__PROCESSES": str(len(disks)),
            "VEDETTE_RECORDER__DISKS": json.dumps(list(disks)),  # else each would look after a disk of the data folder
        }
        self._children = [self._start(index) for index in range(len(disks))]

    def _start(self, index: int) -> subprocess.Popen[bytes]:
        with self._log(index).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ingest.standalone.recorder_process", str(index)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=os.environ | self._settings,
                start_new_session=True,  # Ctrl-C in a terminal reaches this process alone
            )

    @property
    def all_run(self) -> bool:
        return all(child.poll() is None for child in self._children)

    def stop(self) -> None:
        """Each writes out what it has; one that does not come to an end is killed."""
        for child in self._children:
            if child.stdin is not None:
                child.stdin.close()
        for child in self._children:
            try:
                child.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def reports(self) -> dict[str, dict[str, Any]]:
        """What is last known of each stream, by camera."""
        return {one["camera_id"]: one for index in range(len(self._children)) for one in self._status(index)}

    @property
    def decided(self) -> int:
        """How many streams record, or have said why they do not."""
        return sum(report["state"] != "connecting" for report in self.reports().values())

    def failure(self, index: int) -> str | None:
        """Why a process that has ended did not end well."""
        if self._children[index].returncode in (None, 0):
            return None
        lines = self._log(index).read_text(errors="replace").strip().splitlines()
        return f"its recorder process ended: {lines[-1] if lines else 'it said nothing'}"

    def _status(self, index: int) -> list[dict[str, Any]]:
        try:
            streams: list[dict[str, Any]] = json.loads(
                (self._work / "run" / f"recorder-{index}.status.json").read_bytes()
            )["streams"]
        except FileNotFoundError:
            return []
        return streams

    def _log(self, index: int) -> Path:
        return self._work / f"recorder-{index}.log"

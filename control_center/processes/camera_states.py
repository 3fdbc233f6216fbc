"""Carry what the recorders report into the registry, where the console sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from device_registry import cameras, states
from device_registry.access import pins
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, transaction
from foundation.settings import Settings

# A camera is as well as the worst of its streams.
# Recorders report once a second.
REPORTS_WITHIN_US = 10 * US_PER_S
_NO_RECORDER = {
    "state": "connecting",
    "cause": "The recorder has not reported for 10 seconds. It is started again by itself; its log says why it ended.",
}
_WORST_FIRST = ("auth_failed", "unreachable", "refused", "silent", "connecting", "recording")


class CameraStates:
    def __init__(self, settings: Settings, stores: Stores, clock: Clock) -> None:
        self._run_dir = settings.run_dir
        self._core = stores.core
        self._pins = settings.devices.pin_at_first_use
        self._clock = clock
        self._told: dict[tuple[str, str], tuple[Any, ...]] = {}

    def refresh(self) -> None:
        """Read the recorders' status files; touch the database only for what changed."""
        reports = read_reports(self._run_dir, self._clock.now_us())
        changed = {key: report for key, report in reports.items() if _essence(report) != self._told.get(key)}
        if not changed:
            return
        with transaction(self._core) as session:
            for camera_id in sorted({camera_id for camera_id, _ in changed}):
                streams = [report for (owner, _), report in reports.items() if owner == camera_id]
                worst = min(streams, key=_rank)
                states.note(session, self._clock, camera_id, worst["state"], worst.get("cause"))
                if self._pins and (shown := _certificate(streams)) is not None:
                    pins.pin_stream(session, self._clock, camera_id, shown)
            for (camera_id, stream), report in changed.items():
                if report.get("codec"):
                    seen = (report["codec"], report["width"], report["height"])
                    cameras.note_seen(session, self._clock, camera_id, stream, *seen)
        self._told.update({key: _essence(report) for key, report in changed.items()})


def read_reports(run_dir: Path, now_us: int) -> dict[tuple[str, str], dict[str, Any]]:
    """Each stream's report, by camera and stream, from every recorder's status file that can be read.

    A recorder that is gone, or hangs, says nothing more: its last words must not pass for the present.
    """
    reports: dict[tuple[str, str], dict[str, Any]] = {}
    for file in sorted(run_dir.glob("recorder-*.status.json")):
        try:
            status = json.loads(file.read_bytes())
            found = {(report["camera_id"], report["stream"]): report for report in status["streams"]}
            if status["time_us"] < now_us - REPORTS_WITHIN_US:
                found = {key: report | _NO_RECORDER for key, report in found.items()}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        reports.update(found)
    return reports


def _certificate(streams: list[dict[str, Any]]) -> str | None:
    """That which the recording streams of a camera show alike: such a device took the password."""
    shown = {report.get("tls_sha256") for report in streams if report["state"] == "recording"} - {None}
    return shown.pop() if len(shown) == 1 else None


def _rank(report: dict[str, Any]) -> tuple[int, bool]:
    """The worst state first, and of equals one that says why."""
    state = report["state"]
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else 0, report.get("cause") is None


def _essence(report: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(report.get(key) for key in ("state", "cause", "codec", "width", "height", "tls_sha256"))

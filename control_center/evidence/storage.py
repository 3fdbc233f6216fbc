"""How much room held footage takes on this machine's disks, as its recorders last said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from foundation.clock import US_PER_S, Clock

_LOOK_AGAIN_US: Final = 2 * US_PER_S
_REPORTS_WITHIN_US: Final = 60 * US_PER_S


@dataclass(frozen=True, slots=True)
class HeldFootage:
    """`share` is that of the disk that holds most; the others are true where they are so of any disk."""

    held_bytes: int
    held_share: float
    held_alarm: bool  # held bytes come near their quota
    full_held: bool  # recording has stopped there: nothing but held footage is left, and no room
    holds_fault: bool  # the holds cannot be read, so that nothing is purged


class StorageReports:
    """Read again after two seconds: every console asks for it."""

    def __init__(self, run_dir: Path, clock: Clock) -> None:
        self._run_dir = run_dir
        self._clock = clock
        self._lock = threading.Lock()
        self._again_at_us = -1
        self._found: HeldFootage | None = None

    def held(self) -> HeldFootage | None:
        """None while no recorder says anything."""
        with self._lock:
            if self._clock.monotonic_us() >= self._again_at_us:
                self._found = _summary(list(_disks(self._run_dir, self._clock.now_us())))
                self._again_at_us = self._clock.monotonic_us() + _LOOK_AGAIN_US
            return self._found


def _disks(run_dir: Path, now_us: int) -> Iterator[dict[str, Any]]:
    for file in sorted(run_dir.glob("recorder-*.status.json")):
        try:
            status = json.loads(file.read_bytes())
            if status["time_us"] >= now_us - _REPORTS_WITHIN_US:
                yield from (disk for disk in status["disks"] if "held_bytes" in disk)
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _summary(disks: list[dict[str, Any]]) -> HeldFootage | None:
    if not disks:
        return None
    return HeldFootage(
        held_bytes=sum(int(disk["held_bytes"]) for disk in disks),
        held_share=max(float(disk.get("held_share", 0)) for disk in disks),
        held_alarm=any(disk.get("held_alarm") for disk in disks),
        full_held=any(disk.get("full_held") for disk in disks),
        holds_fault=any(disk.get("holds_fault") is not None for disk in disks),
    )

"""Many devices in stages: a few that show whether it works, then wave by wave, until too many fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

from device_registry.rotation.ledger import Settled
from device_registry.rotation.models import FAILED_STATES

_WORKERS: Final = 8  # each waits for its device most of the time


@dataclass(frozen=True, slots=True)
class Stages:
    """`canary` devices first, the others only if none of them fails; then `wave` by `wave`, until more than
    `max_failures` failed."""

    canary: int = 3
    wave: int = 20
    max_failures: int = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a run ended before all devices had their turn."""

    reason: Literal["first_stage_failed", "too_many_failed", "recorder_refused", "stopped", "crashed"]
    what: str

    def __str__(self) -> str:
        return self.what


class Waves:
    """One run. Devices that it does not come to stay as they were.

    `done` is called after each device; `look` after each stage that others follow, whether it is the first, and may say
    why not to go on. Once `stop` is set no other device begins, and those begun come to their end.
    """

    def __init__(
        self,
        stages: Stages,
        turn: Callable[[str], Settled | None],
        done: Callable[[], None],
        look: Callable[[bool], Ended | None],
        stop: threading.Event,
    ) -> None:
        self._stages = stages
        self._turn = turn
        self._done = done
        self._look = look
        self._stop = stop
        self._lock = threading.Lock()
        self.failed = 0

    def run(self, devices: Sequence[str]) -> Ended | None:
        """None: all had their turn."""
        left = len(devices)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="rotation") as pool:
            for number, wave in enumerate(self._waves(devices)):
                try:
                    list(pool.map(self._one, wave))
                except BaseException:  # a person's Ctrl-C as well
                    self._stop.set()
                    raise
                left -= len(wave)
                if self._has_too_many_failures():
                    return Ended("too_many_failed", f"more than {self._stages.max_failures} devices failed")
                if self._stop.is_set():
                    return Ended("stopped", "somebody stopped it")
                if number == 0 and self._stages.canary and self.failed and left:
                    return Ended("first_stage_failed", "a device of the first stage failed")
                if left and (reason := self._look(number == 0)) is not None:
                    return reason
        return None

    def _waves(self, devices: Sequence[str]) -> Iterator[Sequence[str]]:
        first, wave = self._stages.canary or self._stages.wave, self._stages.wave
        yield devices[:first]
        for at in range(first, len(devices), wave):
            yield devices[at : at + wave]

    def _one(self, device_id: str) -> None:
        if self._stop.is_set() or self._has_too_many_failures():
            return
        state = self._turn(device_id)
        with self._lock:
            self.failed += state in FAILED_STATES
        self._done()

    def _has_too_many_failures(self) -> bool:
        return self.failed > self._stages.max_failures

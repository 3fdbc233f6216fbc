"""Many devices in stages: a few that show whether it works, then wave by wave, until too many fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

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


class Waves:
    """One run. Devices that it does not come to stay as they were.

    `done` is called after each device; `look` after each stage that others follow, whether it is the first, and may say
    why not to go on.
    """

    def __init__(
        self,
        stages: Stages,
        turn: Callable[[str], Settled | None],
        done: Callable[[], None],
        look: Callable[[bool], str | None],
    ) -> None:
        self._stages = stages
        self._turn = turn
        self._done = done
        self._look = look
        self._lock = threading.Lock()
        self._stopped = False
        self.failed = 0

    def run(self, devices: Sequence[str]) -> str | None:
        """Why it ended before all had their turn; None: they had."""
        left = len(devices)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="rotation") as pool:
            for number, wave in enumerate(self._waves(devices)):
                try:
                    list(pool.map(self._one, wave))
                except BaseException:  # a person's Ctrl-C as well: those begun come to their end, no other begins
                    self._stopped = True
                    raise
                left -= len(wave)
                if self._stopped:
                    return f"more than {self._stages.max_failures} devices failed"
                if number == 0 and self._stages.canary and self.failed and left:
                    return "a device of the first stage failed"
                if left and (reason := self._look(number == 0)) is not None:
                    return reason
        return None

    def _waves(self, devices: Sequence[str]) -> Iterator[Sequence[str]]:
        first, wave = self._stages.canary or self._stages.wave, self._stages.wave
        yield devices[:first]
        for at in range(first, len(devices), wave):
            yield devices[at : at + wave]

    def _one(self, device_id: str) -> None:
        if self._stopped:
            return
        state = self._turn(device_id)
        with self._lock:
            self.failed += state in FAILED_STATES
            self._stopped = self._stopped or self.failed > self._stages.max_failures
        self._done()

"""One run of a rotation, in a terminal or behind the API: one at a time on a machine, stopped by whoever began it."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device_registry.onvif.endpoint import IpNetwork
from device_registry.rotation.ledger import Ledger
from device_registry.rotation.turning import Turning
from device_registry.rotation.watching import Watching
from device_registry.rotation.waves import Ended, Stages, Waves
from foundation.clock import Clock
from foundation.errors import Conflict

_LOCK: Final = "rotation.lock"
Over = Callable[[Sequence[str], Stages], Ended | None]


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Two runs would show each device's passwords twice as often, and overtake each other. Raises `Conflict`."""
    with (data_dir / _LOCK).open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "a rotation runs on this machine.", where=held.name, mend="Wait for its end, or end it."
            ) from None
        yield


def is_running(data_dir: Path) -> bool:
    """Whether any process of this machine runs one now."""
    with suppress(FileNotFoundError), (data_dir / _LOCK).open() as looked_at:
        try:
            fcntl.flock(looked_at, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Run:
    """`stop` may be set from another thread; see `Waves`."""

    ledger: Ledger
    allowed: Sequence[IpNetwork]
    clock: Clock
    done: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)

    def __call__(self, devices: Sequence[str], stages: Stages) -> Ended | None:
        """Give these devices their turns."""
        turning = Turning(self.ledger, self.allowed)
        watching = Watching(self.ledger, self.clock.now_us(), self.stop.wait)
        return Waves(stages, turning, self.done, watching, self.stop).run(devices)


def resumed(ledger: Ledger, over: Over, stages: Stages) -> Ended | None:
    """Learn what opens the devices that were begun, however many fail; then those that wait, without a canary."""
    begun = ledger.devices("pending", "unknown")
    stopped = over(begun, Stages(0, stages.wave, len(begun)))
    return stopped or over(ledger.devices("waiting"), Stages(0, stages.wave, stages.max_failures))

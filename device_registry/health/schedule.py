"""When each device is asked: by an interval with jitter, sooner again after a failure, and no network too often."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from foundation.clock import US_PER_S

FIRST_PAUSE_S: Final = 10.0  # after a first failure; each further one doubles it, up to the interval
SIGN_PAUSE_S: Final = 900.0  # after a refused password: asked each interval, it would lock the account at many cameras
_JITTER: Final = 0.1


@dataclass(slots=True)
class _Place:
    network: str
    due_us: int
    failures: int = 0
    is_running: bool = False
    is_hurried: bool = False  # somebody waits: ask again when the one that runs is done
    sign_after_us: int = 0


class Schedule:
    """`now_us` is a monotonic clock's. Devices are named by keys, networks by any text."""

    def __init__(self, interval_s: float, per_network_s: float, rng: random.Random | None = None) -> None:
        self._interval_us = interval_s * US_PER_S
        self._spacing_us = US_PER_S / per_network_s
        self._rng = rng or random.Random()  # noqa: S311 - jitter, no secret
        self._places: dict[str, _Place] = {}
        self._free_us: dict[str, float] = {}  # when a network may be asked next (generic cell rate algorithm)

    def __len__(self) -> int:
        return len(self._places)

    def keep(self, networks: dict[str, str], now_us: int) -> None:
        """These devices, each with its network, and no others; new ones are due at once."""
        for key in self._places.keys() - networks.keys():
            del self._places[key]
        for key, network in networks.items():
            place = self._places.get(key)
            if place is None:
                self._places[key] = _Place(network, now_us)
            else:
                place.network = network
        used = {place.network for place in self._places.values()}
        for network in self._free_us.keys() - used:
            del self._free_us[network]

    def hurry(self, keys: Iterable[str], now_us: int, *, sign: bool = False) -> None:
        """Ask these as soon as their networks allow; with `sign` also those that refused a password lately."""
        for key in keys:
            place = self._places.get(key)
            if place is None:
                continue
            place.due_us = min(place.due_us, now_us)
            place.is_hurried = place.is_running
            if sign:
                place.sign_after_us = 0

    def may_sign(self, key: str, now_us: int) -> bool:
        return now_us >= self._places[key].sign_after_us

    def start(self, now_us: int, free: int) -> list[str]:
        """At most `free` devices to ask now, the longest due first; each runs until `done`."""
        due = [(place.due_us, key) for key, place in self._places.items() if place.due_us <= now_us]
        started: list[str] = []
        for _, key in sorted(due):
            if len(started) >= free:
                break
            place = self._places[key]
            if not place.is_running and self._admits(place.network, now_us):
                place.is_running = True
                started.append(key)
        return started

    def _admits(self, network: str, now_us: int) -> bool:
        """One per spacing on average, a second's worth at once."""
        burst_us = max(US_PER_S, self._spacing_us)
        free_us = max(self._free_us.get(network, now_us - burst_us), now_us - burst_us)
        if free_us > now_us - self._spacing_us:
            return False
        self._free_us[network] = free_us + self._spacing_us
        return True

    def done(self, key: str, now_us: int, *, failed: bool, auth_refused: bool = False) -> None:
        place = self._places.get(key)
        if place is None:
            return
        place.is_running = False
        place.failures = place.failures + 1 if failed else 0
        if auth_refused:
            place.sign_after_us = now_us + int(SIGN_PAUSE_S * US_PER_S)
        pause_us = self._interval_us
        if failed:
            pause_us = min(pause_us, FIRST_PAUSE_S * US_PER_S * 2.0 ** min(place.failures - 1, 16))
        place.due_us = now_us + int(pause_us * self._rng.uniform(1 - _JITTER, 1 + _JITTER))
        if place.is_hurried:
            place.is_hurried, place.due_us = False, now_us

    def running(self) -> Collection[str]:
        return [key for key, place in self._places.items() if place.is_running]

"""Whether the recorder still gets in at the cameras whose password changed: RTSP may have accounts of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_registry.rotation.ledger import Ledger
from device_registry.rotation.waves import Ended

SETTLE_S: Final = 20.0  # the recorder has the new password within seconds, and its state comes back within seconds more


class Watching:
    """Looks after a stage; after the first it gives the recorders time, if there are any."""

    def __init__(self, ledger: Ledger, since_us: int, wait: Callable[[float], object]) -> None:
        self._ledger = ledger
        self._since_us = since_us
        self._wait = wait

    def __call__(self, is_first: bool) -> Ended | None:
        """Why not to go on, or None."""
        seen = self._ledger.recorded_since(self._since_us)
        if is_first and seen:
            self._wait(SETTLE_S)
            seen = self._ledger.recorded_since(self._since_us)
        refused = sorted(code for code, is_refused in seen.items() if is_refused)
        if not refused:
            return None
        others = f" and {len(refused) - 1} others are" if len(refused) > 1 else " is"
        what = f"camera {refused[0]}{others} auth_failed since: RTSP has accounts of its own there"
        return Ended("recorder_refused", what)

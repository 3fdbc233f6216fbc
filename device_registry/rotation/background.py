"""A rotation behind the API: in a thread of its own, for as long as its devices take. What it writes down is the
ledger's, so that a process that is killed leaves no more behind than the command would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from device_registry.rotation.running import Run, is_running, only_one
from device_registry.rotation.waves import Ended
from foundation.errors import Conflict
from foundation.scope import Scope

_log = structlog.get_logger()
_CRASHED: Final = Ended("crashed", "it could not go on; the log of this machine says why")


@dataclass(frozen=True, slots=True)
class Standing:
    """`running`: on this machine, whoever began it; `stopping`: it was told to. `ended`: why the newest run of this
    process ended before all devices had their turn."""

    running: bool
    stopping: bool
    ended: Ended | None


@dataclass(slots=True)
class _Began:
    run: Run
    reach: Scope
    thread: threading.Thread | None = None
    ended: Ended | None = None

    @property
    def is_alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Background:
    """At most one run at a time. It is shown to, and stopped by, those whose scope covers all that it reaches."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._newest: _Began | None = None

    def start(self, run: Run, reach: Scope, prepare: Callable[[], None], work: Callable[[], Ended | None]) -> None:
        """`prepare` is done before this returns, and may refuse. Raises `Conflict` while another run goes on."""
        with ExitStack() as held:
            with self._lock:  # `standing` takes hold of the same file for a moment
                held.enter_context(only_one(self._data_dir))
            prepare()
            began = _Began(run, reach)
            began.thread = threading.Thread(target=_worked, args=(began, work, held.pop_all()), name="rotation")
            began.thread.start()
            self._newest = began

    def standing(self, scope: Scope) -> Standing:
        with self._lock:
            began = self._seen(scope)
            running = is_running(self._data_dir)
            if began is None:
                return Standing(running, stopping=False, ended=None)
            return Standing(running, running and began.is_alive and began.run.stop.is_set(), began.ended)

    def stop(self, scope: Scope) -> None:
        """Devices begun come to their end, no other begins. Raises `Conflict` where there is none to stop."""
        with self._lock:
            began = self._seen(scope)
            if began is None or not began.is_alive:
                raise Conflict(
                    "no rotation runs here that you can stop.",
                    mend="End one of the command line where it was begun.",
                )
            began.run.stop.set()

    def close(self) -> None:
        """Stop what runs, and wait for the devices that are in the middle."""
        began = self._newest
        if began is not None and began.thread is not None:
            began.run.stop.set()
            began.thread.join()

    def _seen(self, scope: Scope) -> _Began | None:
        began = self._newest
        return began if began is not None and began.reach.center_ids <= scope.center_ids else None


def _worked(began: _Began, work: Callable[[], Ended | None], held: ExitStack) -> None:
    with held:
        try:
            began.ended = work()
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread
            _log.error("rotation_failed", error=str(error), exc_info=error)
            began.ended = _CRASHED

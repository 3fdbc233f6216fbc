"""`vedette run`: one supervisor that migrates the stores, hands out the cameras and keeps the processes alive.

Recorders live on when it dies; the next one adopts them through their locks. A database that goes away while it runs
costs nothing but news: processes are tended all the same.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from control_center.processes.camera_states import CameraStates
from control_center.processes.hand_out import HandOut
from control_center.processes.holds import Holds
from control_center.processes.lock import ProcessLock, holder
from control_center.processes.preflight import preflight
from control_center.processes.supervised import Supervised
from foundation import metrics
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import open_stores
from foundation.errors import VedetteError
from foundation.files import ensure_folder
from foundation.settings import Settings

_log = structlog.get_logger()
TICK_S = 0.5
STOP_WITHIN_S = 10.0
# The console goes first, so that nobody acts on a center that is going; recorders last, so that nothing is lost.
STOP_ORDER = ("api", "live", "health", "matching", "events", "analysis", "recorder")


class Supervisor:
    """Start with `start`, keep calling `tick` (or `run_until_stopped`), end with `stop`."""

    def __init__(self, settings: Settings, config: Path | None, clock: Clock = SYSTEM_CLOCK) -> None:
        self.settings = settings
        self._environment = os.environ | ({"VEDETTE_CONFIG": str(config.absolute())} if config else {})
        self._clock = clock
        self._lock = ProcessLock(settings.run_dir, "supervisor")
        self.processes = [self._supervised(name, index) for name, index in wanted_processes(settings)]
        self._stopping = threading.Event()

    def _supervised(self, name: str, index: int) -> Supervised:
        return Supervised(name, index, self.settings.run_dir, self.settings.log_dir, self._clock)

    def check(self) -> None:
        """Check the ground and migrate the stores; raises what a person must mend before anything runs."""
        preflight(self.settings)

    def start(self) -> None:
        ensure_folder(self.settings.run_dir)
        self._lock.acquire()  # first: nobody else may start, restore or upgrade meanwhile
        try:
            self.check()
        except BaseException:
            self._lock.release()
            raise
        metrics.forget_the_dead(self.settings.run_dir)
        stores = open_stores(self.settings)
        self._hand_out = HandOut(self.settings, stores, self._clock)
        self._camera_states = CameraStates(self.settings, stores, self._clock)
        self._holds = Holds(self.settings, stores, self._clock)
        self._holds.refresh()  # before any recorder might purge
        self._hand_out.refresh()
        self.tick()

    def tick(self) -> None:
        """Processes first: the database may keep its answer to itself for a while."""
        for process in self.processes:
            process.tend(self._environment)
        for refresh in (self._holds.refresh, self._hand_out.refresh, self._camera_states.refresh):
            try:
                refresh()
            except (SQLAlchemyError, VedetteError, OSError) as error:
                _log.error("registry_not_followed", error=type(error).__name__, cause=str(error))

    def heed_signals(self) -> None:
        """From now on SIGINT and SIGTERM end `run_until_stopped` instead of this process."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())

    def run_until_stopped(self, each_tick: Callable[[], None] = lambda: None) -> None:
        """Tend the processes until SIGINT or SIGTERM, then stop them."""
        self.heed_signals()
        while not self._stopping.wait(TICK_S):
            self.tick()
            each_tick()
        self.stop()

    def stop(self) -> None:
        """End the processes in order; one that does not end in time is killed."""
        for name in STOP_ORDER:
            group = [process for process in self.processes if process.name == name]
            for process in group:
                process.signal(signal.SIGTERM)
            self._await_end(group)
        self._lock.release()
        _log.info("supervisor_stopped")

    def _await_end(self, group: list[Supervised]) -> None:
        deadline = time.monotonic() + STOP_WITHIN_S
        while any(process.pid is not None for process in group):
            if time.monotonic() > deadline:
                for process in group:
                    _log.error("process_killed", process=process.label)
                    process.signal(signal.SIGKILL)
                return
            time.sleep(0.05)


def wanted_processes(settings: Settings) -> list[tuple[str, int]]:
    recorders = [("recorder", index) for index in range(settings.recorder.processes)]
    analyses = [("analysis", index) for index in range(settings.analysis.processes)]
    return [*recorders, ("live", 0), *analyses, ("health", 0), ("events", 0), ("matching", 0), ("api", 0)]


def running(settings: Settings) -> int | None:
    """The pid of the supervisor of this data folder, if one runs."""
    return holder(settings.run_dir, "supervisor")

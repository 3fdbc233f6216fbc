"""The process *analysis*: follows the assignments, one task a camera, and writes what they observe."""

from __future__ import annotations

import os
import signal
import threading

import cv2
import structlog

from analysis import metrics
from analysis.camera_task import CameraTask
from analysis.observations import ObservationWriter
from analysis.plan import CameraPlan, PlanFile
from analysis.plates import models
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import open_engine
from foundation.errors import ConfigError
from foundation.settings import Settings

_INTERVAL_S = 1.0
_NICENESS = 5
_log = structlog.get_logger()


def run_analysis(settings: Settings, index: int, clock: Clock = SYSTEM_CLOCK) -> None:
    """Analyse until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.nice(_NICENESS)  # recorders and the API come first when cores are short
    cv2.setNumThreads(1)
    engine = open_engine(settings.observations_url, synchronous="NORMAL")
    writer = ObservationWriter(engine, settings.center.node, clock=clock)
    worker = AnalysisWorker(settings, index, writer, clock)
    writer.start()
    _log.info("analysis_started", index=index)
    try:
        worker.tick()
        while not stop.wait(_INTERVAL_S):
            worker.tick()
    finally:
        worker.close()
        writer.close()
        engine.dispose()
    _log.info("analysis_ended", index=index)


class AnalysisWorker:
    """The cameras that are analysed now; `tick` brings them up to date with the assignments."""

    def __init__(self, settings: Settings, index: int, writer: ObservationWriter, clock: Clock) -> None:
        self._run_dir = settings.run_dir
        self._writer = writer
        self._clock = clock
        self._plans = PlanFile(settings.run_dir, index, settings.analysis.processes)
        self._tasks: dict[str, CameraTask] = {}
        self._plates = _plates_readable()

    def tick(self) -> None:
        wanted = self._plans.read_if_changed()
        if wanted is not None:
            self._follow({plan.camera_id: plan for plan in wanted})
        for task in [task for task in self._tasks.values() if not task.alive]:
            _log.error("camera_task_died", camera_id=task.plan.camera_id)
            task.close()
            self._start(task.plan)

    def close(self) -> None:
        self._stop(list(self._tasks))

    def _follow(self, wanted: dict[str, CameraPlan]) -> None:
        self._stop([camera for camera, task in self._tasks.items() if task.plan != wanted.get(camera)])
        for camera_id, plan in wanted.items():
            if camera_id not in self._tasks:
                self._start(plan)
        metrics.CAMERAS.set(len(self._tasks))
        _log.info("assignments_followed", cameras=len(self._tasks))

    def _start(self, plan: CameraPlan) -> None:
        task = CameraTask(plan, self._run_dir, self._writer, self._clock, plates=self._plates)
        self._tasks[plan.camera_id] = task
        task.start()

    def _stop(self, cameras: list[str]) -> None:
        for camera_id in cameras:
            self._tasks.pop(camera_id).close()


def _plates_readable() -> bool:
    try:
        models.check()
    except ConfigError as error:
        _log.error("plates_not_read", cause=str(error))
        return False
    return True

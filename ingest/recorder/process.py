"""The process *recorder*: follows its assignments, reports once a second, and ends with everything on the disk."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import structlog

from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import VedetteError
from foundation.files import ensure_folder, write_error
from foundation.keyring import Keyring
from foundation.settings import Settings
from ingest.recorder import metrics
from ingest.recorder.assignments import Assignment, AssignmentFile
from ingest.recorder.disks import RecorderDisks
from ingest.recorder.stream_task import StreamTask, Surroundings
from ingest.recorder.tap_server import TapServer
from ingest.rtsp.timeline import UtcLine

_INTERVAL_S = 1.0
_STARTS_A_SECOND = 100
_SET_BACK_US = 5 * US_PER_S
_log = structlog.get_logger()

StreamKey = tuple[str, str]


def run_recorder(settings: Settings, index: int, clock: Clock = SYSTEM_CLOCK) -> None:
    """Record until SIGTERM or SIGINT."""
    asyncio.run(Recorder(settings, index, clock).run())


class Recorder:
    def __init__(self, settings: Settings, index: int, clock: Clock) -> None:
        self._settings = settings
        self._index = index
        self._clock = clock
        run_dir = ensure_folder(settings.run_dir)
        self._assignments = AssignmentFile(run_dir, index)
        self._status_file = run_dir / f"recorder-{index}.status.json"
        self._tap = TapServer(run_dir / f"recorder-{index}.tap")
        self._around = Surroundings(settings, clock, UtcLine(clock), self._tap)
        self._disks = RecorderDisks(settings, index, clock)
        self._tasks: dict[StreamKey, tuple[StreamTask, asyncio.Task[None]]] = {}
        self._floors: dict[StreamKey, int] = {}
        self._states: Counter[str] = Counter()

    async def run(self) -> None:
        _allow_many_files()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await self._tap.start()
        _log.info("recorder_started", recorder=self._index)
        try:
            while not stop.is_set():
                await self._tick()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _INTERVAL_S)
        finally:
            await self._close()
        _log.info("recorder_ended", recorder=self._index)

    async def _tick(self) -> None:
        wanted = self._assignments.read_if_changed()
        if wanted is not None:
            self._disks.keep(wanted.retention)
            await self._follow({assignment.key: assignment for assignment in wanted.streams})
        self._disks.tend()
        for _, running in self._tasks.values():
            if running.done():
                running.result()  # a stream never ends by itself: what it died of ends the process, to start afresh
        # In a thread, because even a small file may wait for a busy disk, and the streams must not.
        await asyncio.to_thread(self._write_status, self._report())

    async def _follow(self, wanted: dict[StreamKey, Assignment]) -> None:
        """Stop what is no longer wanted, restart what changed, start what is new."""
        self._take_over_disks(wanted)
        self._take_over_resealed(wanted)
        stopping = [key for key, (task, _) in self._tasks.items() if not _goes_on(task.assignment, wanted.get(key))]
        await self._stop(stopping)
        new = [assignment for key, assignment in wanted.items() if key not in self._tasks]
        for position, assignment in enumerate(new):
            floor_us = self._floors.get(assignment.key, 0)
            task = StreamTask(assignment, self._disks.begin(assignment.key, assignment.disks), self._around, floor_us)
            running = asyncio.create_task(
                task.run(position / _STARTS_A_SECOND), name=f"stream {assignment.camera_code}"
            )
            self._tasks[assignment.key] = (task, running)
        _log.info("assignments_followed", streams=len(wanted), started=len(new), stopped=len(stopping))

    def _take_over_disks(self, wanted: dict[StreamKey, Assignment]) -> None:
        """A disk more or less is no reason for a gap in every stream."""
        for key, (task, _) in self._tasks.items():
            new = wanted.get(key)
            if new is not None and new.disks != task.assignment.disks:
                self._disks.prefer(key, new.disks)
                task.assignment = replace(task.assignment, disks=new.disks)

    def _take_over_resealed(self, wanted: dict[StreamKey, Assignment]) -> None:
        """A rotation of keys seals every password anew, and is no reason for a gap in every stream."""
        tasks = [(task, new) for key, (task, _) in self._tasks.items() if (new := wanted.get(key)) is not None]
        tasks = [(task, new) for task, new in tasks if _differ_in_sealing(task.assignment, new)]
        if not tasks:
            return
        try:
            keyring = Keyring.open(self._settings.key_dir, self._clock)
        except VedetteError as error:
            _log.warning("keys_not_read", cause=str(error))
            return
        for task, new in tasks:
            if _opened(keyring, task.assignment) == _opened(keyring, new) is not None:
                task.assignment = new

    async def _stop(self, keys: list[StreamKey]) -> None:
        stopped = [self._tasks.pop(key) for key in keys]
        self._floors.update({task.assignment.key: task.floor_us for task, _ in stopped})
        running = [one for _, one in stopped]
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for task, _ in stopped:
            task.measure()
        for key in keys:
            self._disks.end(key)

    def _report(self) -> bytes:
        streams = [task.report() for task, _ in self._tasks.values()]
        self._measure(Counter(report["state"] for report in streams))
        status = {
            "recorder": self._index,
            "pid": os.getpid(),
            "time_us": self._clock.now_us(),
            "holds_version": self._disks.holds_version,
        }
        if self._around.utc.error_us < -_SET_BACK_US:
            _log.warning("wall_clock_set_back", seconds=-self._around.utc.error_us // US_PER_S)
        return json.dumps({**status, "streams": streams, "disks": self._disks.report()}, ensure_ascii=False).encode()

    def _write_status(self, data: bytes) -> None:
        """Whole, but not synced: it is worth nothing after a power cut."""
        temporary = self._status_file.with_suffix(".tmp")
        try:
            temporary.write_bytes(data)
            temporary.replace(self._status_file)
        except OSError as error:
            _log.error("status_not_written", cause=str(write_error(self._status_file, error)))

    def _measure(self, states: Counter[str]) -> None:
        for state in states.keys() | self._states.keys():
            metrics.STREAMS.labels(state).set(states[state])
        self._states = states
        for task, _ in self._tasks.values():
            task.measure()
        self._disks.measure()

    async def _close(self) -> None:
        await self._stop(list(self._tasks))
        await self._tap.close()
        await self._disks.close()
        self._write_status(self._report())


def _differ_in_sealing(present: Assignment, wanted: Assignment) -> bool:
    return present != wanted and replace(wanted, password=present.password) == present


def _opened(keyring: Keyring, assignment: Assignment) -> bytes | None:
    try:
        return keyring.unseal(assignment.password or "", purpose="credential")
    except VedetteError:
        return None


def _goes_on(present: Assignment, wanted: Assignment | None) -> bool:
    """Whether to leave the stream as it is: unchanged, or named under an older fence than ours."""
    return wanted is not None and (wanted == present or wanted.fence < present.fence)


def _allow_many_files() -> None:
    """A stream needs a socket and a file; the usual soft limit of 1024 would end at 500."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

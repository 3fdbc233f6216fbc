"""One camera's threads: a pump for each recorder that serves it, and one that analyses.

A pump waits while its camera's queue is full; the recorder then leaves out units for this subscriber and never waits.
"""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from pathlib import Path

import structlog

from analysis.observations import ObservationWriter
from analysis.plan import CameraPlan
from analysis.stream_feed import StreamFeed
from foundation.clock import Clock
from foundation.errors import StreamError
from ingest.tap import BlockingTap, StreamKey, TapEvent

_QUEUED_EVENTS = 100
_QUEUED_BYTES = 16 << 20  # a hostile camera's pictures may be megabytes each
_RETRY_S = 1.0
_LOOK_S = 0.5  # how long a blocked pump takes to see that it shall end
_FULL_S = 0.05  # between two looks at a queue that holds enough bytes
_log = structlog.get_logger()


class CameraTask:
    def __init__(
        self, plan: CameraPlan, run_dir: Path, writer: ObservationWriter, clock: Clock, *, plates: bool
    ) -> None:
        self.plan = plan
        self._feed = StreamFeed(plan, writer, clock, plates=plates)
        self._events: queue.Queue[TapEvent | None] = queue.Queue(_QUEUED_EVENTS)
        self._queued_bytes = 0
        self._count = threading.Lock()
        self._stop = threading.Event()
        self._taps: dict[int, BlockingTap] = {}
        by_recorder: dict[int, list[StreamKey]] = defaultdict(list)
        for stream, recorder in plan.recorders:
            by_recorder[recorder].append((plan.camera_id, stream))
        self._threads = [threading.Thread(target=self._analyse, name=f"analyse {plan.camera_id}", daemon=True)]
        for recorder, streams in by_recorder.items():
            pump = (recorder, run_dir / f"recorder-{recorder}.tap", streams)
            self._threads.append(threading.Thread(target=self._pump, args=pump, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the threads; what was open is reported."""
        self._stop.set()
        for tap in list(self._taps.values()):
            tap.close()
        for thread in reversed(self._threads):
            thread.join()

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def _pump(self, recorder: int, socket: Path, streams: list[StreamKey]) -> None:
        """Subscribe, and again a second after the recorder has gone."""
        while not self._stop.is_set():
            tap = self._taps[recorder] = BlockingTap(socket, streams)
            if self._stop.is_set():
                break  # set before this tap could be seen by `close`
            try:
                for event in tap:
                    if not self._put(event):
                        break
            except StreamError as error:
                _log.warning("tap_broken", camera_id=self.plan.camera_id, cause=str(error))
            finally:
                tap.close()
            self._put(None)
            self._stop.wait(_RETRY_S)

    def _put(self, event: TapEvent | None) -> bool:
        while not self._stop.is_set():
            if self._queued_bytes > _QUEUED_BYTES:
                self._stop.wait(_FULL_S)
                continue
            try:
                self._events.put(event, timeout=_LOOK_S)
            except queue.Full:
                continue
            self._add_bytes(_size(event))
            return True
        return False

    def _add_bytes(self, count: int) -> None:
        with self._count:
            self._queued_bytes += count

    def _analyse(self) -> None:
        while not self._stop.is_set():
            try:
                event = self._events.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            self._add_bytes(-_size(event))
            if event is None:
                self._feed.end()
            else:
                self._feed.take(event)
        self._feed.end()


def _size(event: TapEvent | None) -> int:
    return len(event.unit.data) if event is not None and event.unit is not None else 0

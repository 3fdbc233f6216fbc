"""Where observations of events go: the writer's queue; plates by way of a look at what the own reader saw."""

from __future__ import annotations

import queue
import threading
from typing import Any

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from analysis.observations import Observation, ObservationKind, ObservationWriter
from control_center.device_events import metrics
from control_center.device_events.devices import Channel
from control_center.device_events.observing import SAME_PASSAGE_US
from foundation.database import reading

_QUEUED = 1000
_log = structlog.get_logger()
_Row = tuple[Channel, ObservationKind, int, int, dict[str, Any]]


class EventWriter:
    """`add` waits for nothing: what no queue has room for is lost, and counted."""

    def __init__(self, engine: Engine, writer: ObservationWriter) -> None:
        self._engine = engine
        self._writer = writer
        self._plates: queue.Queue[_Row | None] = queue.Queue(_QUEUED)
        self._thread = threading.Thread(target=self._run, name="device-plates", daemon=True)
        self._counted = 0

    def start(self) -> None:
        self._writer.start()
        self._thread.start()

    def close(self) -> None:
        """Write what is pending and end."""
        self._plates.put(None)
        self._thread.join()
        try:
            self._writer.close()
        except SQLAlchemyError as error:
            _log.warning("observations_not_written", error=type(error).__name__)
        self.count_lost()

    def add(self, channel: Channel, kind: ObservationKind, start_us: int, end_us: int, detail: dict[str, Any]) -> None:
        if kind != "plate_read":
            self._writer.add(channel.center_id, channel.camera_id, kind, start_us, end_us, detail)
            return
        try:
            self._plates.put_nowait((channel, kind, start_us, end_us, detail))
        except queue.Full:
            metrics.LOST.inc()

    def count_lost(self) -> None:
        metrics.LOST.inc(self._writer.dropped - self._counted)
        self._counted = self._writer.dropped

    def _run(self) -> None:
        while (row := self._plates.get()) is not None:
            channel, kind, start_us, end_us, detail = row
            if self._is_known(channel.camera_id, str(detail["plate"]), start_us):
                metrics.MERGED.labels(kind).inc()
            else:
                self._writer.add(channel.center_id, channel.camera_id, kind, start_us, end_us, detail)

    def _is_known(self, camera_id: str, plate: str, at_us: int) -> bool:
        """Whether the own reader reported the passage already; a store that does not answer knows nothing."""
        query = select(Observation.detail).where(
            Observation.camera_id == camera_id,
            Observation.kind == "plate_read",
            Observation.start_us.between(at_us - SAME_PASSAGE_US, at_us + SAME_PASSAGE_US),
        )
        try:
            with reading(self._engine) as session:
                return any(detail.get("plate") == plate for detail in session.scalars(query.limit(100)))
        except SQLAlchemyError as error:
            _log.warning("observations_not_read", error=type(error).__name__)
            return False

"""How whole each camera's footage of a day is, noted when the day is over: a list of a thousand cameras cannot read the
indexes of all disks, and the figure outlives the footage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import delete, select

from device_registry.health.availability import DAY_US
from device_registry.health.models import RecordedDay
from device_registry.models import Camera
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, reading_rows, transaction
from foundation.errors import VedetteError
from ingest.footage.index import FootageIndex
from ingest.footage.intervals import Interval, merged

_log = structlog.get_logger()
AGAIN_US: Final = 3600 * US_PER_S
SETTLED_US: Final = 3600 * US_PER_S  # after a day's end its last rows are surely written
DAYS_BACK: Final = 7  # what was not noted in time is made good for so long
BATCH: Final = 50  # days of cameras at a time


class RecordedDays:
    """Of the cameras of one machine, whose disks hold what they recorded."""

    def __init__(self, stores: Stores, node: str, disks: Sequence[Path], clock: Clock, *, history_days: float) -> None:
        self._core = stores.core
        self._node = node
        self._disks = disks
        self._clock = clock
        self._history_days = int(history_days)
        self._due_us = 0
        self._unread: set[tuple[str, int]] = set()  # disks did not answer: tried again an hour later

    def refresh(self) -> bool:
        """Note some of what is due; True when something was."""
        now_us = self._clock.monotonic_us()
        if now_us < self._due_us:
            return False
        missing = self._missing()[:BATCH]
        if not missing:
            self._forget_old()
            self._unread.clear()
            self._due_us = now_us + AGAIN_US
            return False
        found = [(one, self._recorded_us(*one)) for one in missing]
        with transaction(self._core) as session:
            for (camera_id, day, span), recorded_us in found:
                if recorded_us is None:
                    self._unread.add((camera_id, day))
                    continue
                span_us = span[1] - span[0]
                session.merge(RecordedDay(camera_id=camera_id, day=day, span_us=span_us, recorded_us=recorded_us))
        return True

    def _missing(self) -> list[tuple[str, int, Interval]]:
        """Camera, day, and the part of the day in which it was registered."""
        last = (self._clock.now_us() - SETTLED_US) // DAY_US - 1
        first = last - DAYS_BACK + 1
        with reading_rows(self._core) as rows:
            here = (Camera.node == self._node, Camera.disabled.is_(False))
            cameras = rows.execute(select(Camera.id, Camera.created_us).where(*here).order_by(Camera.id)).all()
            query = select(RecordedDay.camera_id, RecordedDay.day).where(RecordedDay.day >= first)
            known = self._unread | {(camera_id, day) for camera_id, day in rows.execute(query).all()}
        return [
            (camera_id, day, (max(day * DAY_US, created_us), (day + 1) * DAY_US))
            for day in range(first, last + 1)
            for camera_id, created_us in cameras
            if created_us < (day + 1) * DAY_US and (camera_id, day) not in known
        ]

    def _recorded_us(self, camera_id: str, _day: int, span: Interval) -> int | None:
        """None where a disk did not answer."""
        spans: list[Interval] = []
        for disk in self._disks:
            try:
                spans += FootageIndex(disk).coverage(camera_id, "main", *span)
            except VedetteError as error:
                _log.error("footage_index_unreadable", disk=str(disk), error=str(error))
                return None
        return sum(end - start for start, end in merged(spans))

    def _forget_old(self) -> None:
        oldest = self._clock.now_us() // DAY_US - self._history_days
        with transaction(self._core) as session:
            session.execute(delete(RecordedDay).where(RecordedDay.day < oldest))

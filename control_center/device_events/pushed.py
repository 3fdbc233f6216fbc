"""Plates that cameras post by themselves: the same way as those that are pulled, from the moment they are here."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from analysis.observations import ObservationWriter
from control_center.device_events.devices import Channel
from control_center.device_events.observing import Budget, DeviceObserver
from control_center.device_events.writing import EventWriter
from device_registry.onvif.event_times import Timeline, utc_us
from device_registry.onvif.events import DeviceEvent, DevicePlate, Reading
from foundation.clock import Clock
from foundation.database import Stores
from foundation.errors import TooMany


class _Posting:
    """One camera. Its requests come on several threads."""

    def __init__(self, channel: Channel, writer: EventWriter, clock: Clock) -> None:
        self.budget = Budget(clock)
        self.timeline = Timeline()
        self.lock = threading.Lock()
        self.observer = DeviceObserver(lambda _: channel, writer.add, clock)


class PlatePushes:
    def __init__(self, stores: Stores, node: str, clock: Clock) -> None:
        self._writer = EventWriter(stores.observations, ObservationWriter(stores.observations, node, clock=clock))
        self._clock = clock
        self._postings: dict[str, _Posting] = {}  # of cameras that showed their token
        self._lock = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        self._writer.start()
        try:
            yield
        finally:
            self._writer.close()

    def take(self, channel: Channel, plate: DevicePlate, at: str | None) -> None:
        """`at`: `xs:dateTime` by the camera's clock. Raises `TooMany`."""
        with self._lock:
            posting = self._postings.setdefault(channel.camera_id, _Posting(channel, self._writer, self._clock))
        with posting.lock:
            if not posting.budget.spend():
                raise TooMany("the camera posts too many plates.", mend="Post each once.", retry_after_s=1)
            at_us, time_from = posting.timeline.place(None, utc_us(at or ""), self._clock.now_us(), 0)
            event = DeviceEvent("plate_read", at_us, time_from, None, None, None, None, plate)
            posting.observer.take(Reading((event,), Counter()))

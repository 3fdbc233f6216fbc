"""From what a device tells to observations: states with a beginning and an end, doubles merged, a bounded number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from analysis.observations import ObservationKind
from control_center.device_events import metrics
from control_center.device_events.devices import Channel
from control_center.device_events.plates import normalised
from device_registry.onvif.events import DeviceEvent, DevicePlate, Reading
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock

SAME_EVENT_US = 2 * US_PER_S
SAME_PASSAGE_US = 8 * US_PER_S  # as the own reader has it
PER_S = 2  # observations of a kind and a camera, for long
BURST = 60
_MOST_KEYS = 2000

Add = Callable[[Channel, ObservationKind, int, int, dict[str, Any]], None]  # start_us, end_us, detail
_Key = tuple[str, ...]


class DeviceObserver:
    """Takes the readings of one device in their order. It waits for nothing; `add` must not either."""

    def __init__(
        self, channel_of: Callable[[DeviceEvent], Channel | None], add: Add, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._channel_of = channel_of
        self._add = add
        self._clock = clock
        self._begun: OrderedDict[_Key, int] = OrderedDict()  # what is going on, and since when
        self._seen: OrderedDict[_Key, int] = OrderedDict()  # what has no end, and when it was told last
        self._budgets: dict[_Key, Budget] = {}

    def take(self, reading: Reading) -> None:
        for (topic, reason), count in reading.dropped.items():
            metrics.DROPPED.labels(topic, reason).inc(count)
        for event in reading.events:
            channel = self._channel_of(event)
            if channel is None:
                metrics.DROPPED.labels(event.kind, "no_camera").inc()
            elif event.plate is not None:
                self._take_plate(channel, event, event.plate)
            elif event.active is None:
                self._take_moment(channel, event)
            else:
                self._take_state(channel, event, event.active)

    def _take_state(self, channel: Channel, event: DeviceEvent, active: bool) -> None:
        """A row when it begins, so that it is known while it goes on, and one with its whole length when it ends."""
        key = _key(channel, event)
        since_us = self._begun.pop(key, None)
        if active == (since_us is not None):  # told anew, at a synchronisation point or by habit
            if since_us is not None:
                self._begun[key] = since_us
                metrics.MERGED.labels(event.kind).inc()
            return
        if active:
            self._begun[key] = event.at_us
            _bound(self._begun)
        self._write(channel, event, since_us or event.at_us, {"active": active})

    def _take_moment(self, channel: Channel, event: DeviceEvent) -> None:
        if self._is_double(_key(channel, event), event, SAME_EVENT_US):
            return
        self._write(channel, event, event.at_us, {})

    def _take_plate(self, channel: Channel, event: DeviceEvent, told: DevicePlate) -> None:
        found = normalised(told.text, told.region)
        if found is None:
            metrics.DROPPED.labels(event.kind, "no_plate").inc()
            return
        plate, series = found
        if self._is_double((channel.camera_id, plate), event, SAME_PASSAGE_US):
            return
        self._write(channel, event, event.at_us, plate_detail(told, plate, series))

    def _is_double(self, key: _Key, event: DeviceEvent, within_us: int) -> bool:
        seen_us = self._seen.pop(key, None)
        self._seen[key] = event.at_us
        _bound(self._seen)
        is_double = seen_us is not None and event.at_us - seen_us < within_us
        if is_double:
            metrics.MERGED.labels(event.kind).inc()
        return is_double

    def _write(self, channel: Channel, event: DeviceEvent, start_us: int, more: dict[str, Any]) -> None:
        budget = self._budgets.setdefault((channel.camera_id, event.kind), Budget(self._clock))
        if not budget.spend():
            metrics.DROPPED.labels(event.kind, "too_many").inc()
            return
        metrics.OBSERVATIONS.labels(event.kind).inc()
        told = {"source": "device", "time_from": event.time_from, "rule": event.rule, "token": event.source}
        detail = more | {name: value for name, value in told.items() if value is not None}
        self._add(channel, event.kind, min(start_us, event.at_us), event.at_us, detail)


def plate_detail(told: DevicePlate, plate: str, series: str) -> dict[str, Any]:
    """As that of the own reader, as far as a device tells it."""
    detail = {
        "plate": plate,
        "plate_series": series,
        "confidence": told.likelihood,
        "region": told.region,
        "vehicle_type": told.vehicle_type,
        "vehicle_colour": told.vehicle_colour,
        "vehicle_brand": told.vehicle_brand,
    }
    return {name: value for name, value in detail.items() if value is not None}


class Budget:
    """A device that tells the same by the thousand fills no store: `BURST` at once, and `PER_S` for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = float(BURST)
        self._at_us = clock.monotonic_us()

    def spend(self) -> bool:
        now_us = self._clock.monotonic_us()
        self._left = min(self._left + (now_us - self._at_us) / US_PER_S * PER_S, BURST)
        self._at_us = now_us
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _key(channel: Channel, event: DeviceEvent) -> _Key:
    return channel.camera_id, event.kind, event.source or "", event.rule or ""


def _bound(rows: OrderedDict[_Key, int]) -> None:
    if len(rows) > _MOST_KEYS:
        rows.popitem(last=False)

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from control_center.device_events.devices import Channel
from control_center.device_events.observing import BURST, PER_S, DeviceObserver
from device_registry.onvif.events import DeviceEvent, DevicePlate, Reading
from foundation.clock import US_PER_S, ManualClock

CHANNEL = Channel("camera-1", "center-1", frozenset({"/main"}))
S = US_PER_S


def event(kind: Any = "motion", at_s: float = 0, active: bool | None = None, **more: Any) -> DeviceEvent:
    told = {"source": "v0", "rule": None, "operation": "changed", "plate": None} | more
    return DeviceEvent(kind, int(at_s * S), "device", active, **told)


def plate(text: str = "京A·12345", at_s: float = 0, region: str | None = "CN") -> DeviceEvent:
    return event("plate_read", at_s, plate=DevicePlate(text, region, 0.93, "car", "blue", "Volkswagen"))


@dataclass
class Observed:
    clock: ManualClock = field(default_factory=ManualClock)
    rows: list[tuple[str, float, float, dict[str, Any]]] = field(default_factory=list)
    channel: Channel | None = CHANNEL

    def __post_init__(self) -> None:
        self.observer = DeviceObserver(lambda _: self.channel, self._add, self.clock)

    def _add(self, channel: Channel, kind: str, start_us: int, end_us: int, detail: dict[str, Any]) -> None:
        assert channel is CHANNEL
        self.rows.append((kind, start_us / S, end_us / S, detail))

    def take(self, *events: DeviceEvent) -> None:
        self.observer.take(Reading(events, Counter()))

    @property
    def spans(self) -> list[tuple[str, float, float, bool | None]]:
        return [(kind, start, end, detail.get("active")) for kind, start, end, detail in self.rows]


@pytest.fixture
def observed() -> Observed:
    return Observed()


def test_a_state_is_told_when_it_begins_and_when_it_ends(observed: Observed) -> None:
    observed.take(event(at_s=1, active=True), event(at_s=4, active=False))
    assert observed.spans == [("motion", 1, 1, True), ("motion", 1, 4, False)]
    assert observed.rows[0][3] == {"active": True, "source": "device", "time_from": "device", "token": "v0"}


def test_a_state_that_is_told_anew_is_told_once(observed: Observed) -> None:
    initialized = event(at_s=0, active=False, operation="initialized")
    observed.take(
        initialized, initialized, event(at_s=1, active=True), event(at_s=2, active=True, operation="initialized")
    )
    observed.take(event(at_s=3, active=False), event(at_s=4, active=False))
    assert observed.spans == [("motion", 1, 1, True), ("motion", 1, 3, False)]


def test_states_of_other_sources_rules_and_kinds_are_others(observed: Observed) -> None:
    observed.take(
        event(active=True),
        event(active=True, source="v1"),
        event(active=True, rule="Gate"),
        event("field", active=True),
        event(at_s=1, active=False, rule="Gate"),
    )
    assert len(observed.rows) == 5


def test_what_has_no_end_is_merged_with_its_doubles(observed: Observed) -> None:
    observed.take(*[event("line", at_s) for at_s in (0, 1, 2.5, 4.5)])
    assert observed.spans == [("line", 0, 0, None), ("line", 4.5, 4.5, None)]


def test_a_plate_is_told_once_a_passage(observed: Observed) -> None:
    observed.take(plate(), plate("京A 12345", at_s=7), plate("沪B88888", at_s=7), plate(at_s=16))
    assert [(start, detail["plate"]) for _, start, _, detail in observed.rows] == [
        *((0, "京A12345"), (7, "沪B88888"), (16, "京A12345"))
    ]
    assert observed.rows[0][3] == {
        "plate": "京A12345",
        "plate_series": "cn_standard",
        "confidence": 0.93,
        "region": "CN",
        "vehicle_type": "car",
        "vehicle_colour": "blue",
        "vehicle_brand": "Volkswagen",
        "source": "device",
        "time_from": "device",
        "token": "v0",
    }


def test_a_plate_that_is_none_is_dropped(observed: Observed) -> None:
    observed.take(plate("A12345"))
    assert observed.rows == []


def test_an_event_of_no_known_camera_is_dropped(observed: Observed) -> None:
    observed.channel = None
    observed.take(event(active=True), plate())
    assert observed.rows == []


def test_a_camera_that_tells_without_end_is_held_back_and_its_plates_are_not(observed: Observed) -> None:
    for place in range(2 * BURST):
        observed.take(event(at_s=place, active=place % 2 == 0))
    assert len(observed.rows) == BURST
    observed.take(plate())
    assert observed.rows[-1][0] == "plate_read"
    observed.clock.advance(10)
    for place in range(2 * BURST, 4 * BURST):
        observed.take(event(at_s=place, active=place % 2 == 0))
    assert len(observed.rows) == BURST + 1 + 10 * PER_S

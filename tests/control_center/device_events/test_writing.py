from __future__ import annotations

import pytest

from analysis.observations import ObservationWriter, read_after
from control_center.device_events.devices import Channel
from control_center.device_events.observing import SAME_PASSAGE_US
from control_center.device_events.writing import EventWriter
from foundation.clock import US_PER_S
from foundation.database import Stores, reading
from foundation.migrations import migrate

CHANNEL = Channel("camera-1", "center-1", frozenset())
PLATE = {"plate": "京A12345"}


@pytest.fixture
def writer(empty_stores: Stores) -> EventWriter:
    store = empty_stores.observations
    return EventWriter(store, ObservationWriter(store, "node-1", interval_s=0.01))


def rows(stores: Stores) -> list[tuple[str, str, int, object]]:
    with reading(stores.observations) as session:
        return [(row.camera_id, row.kind, row.start_us, row.detail.get("source")) for row in read_after(session, 0)]


def test_events_are_written_with_their_camera(stores: Stores, writer: EventWriter) -> None:
    writer.start()
    for place, kind in enumerate(("motion", "line", "field", "tampering", "digital_input", "plate_read")):
        writer.add(CHANNEL, kind, place, place, PLATE | {"source": "device"})  # type: ignore[arg-type]
    writer.close()
    assert {kind for _, kind, _, _ in rows(stores)} == {
        *("motion", "line", "field", "tampering", "digital_input", "plate_read")
    }
    assert {(camera, source) for camera, _, _, source in rows(stores)} == {("camera-1", "device")}


def test_a_plate_that_the_own_reader_saw_is_not_written_again(stores: Stores, writer: EventWriter) -> None:
    own = ObservationWriter(stores.observations, "node-1")
    at_us = 1_700_000_000 * US_PER_S
    own.add("center-1", "camera-1", "plate_read", at_us, at_us + US_PER_S, PLATE)
    own.flush()
    writer.start()
    for start_us in (at_us - US_PER_S, at_us + SAME_PASSAGE_US, at_us + SAME_PASSAGE_US + 1):
        writer.add(CHANNEL, "plate_read", start_us, start_us, PLATE | {"source": "device"})
    writer.add(CHANNEL, "plate_read", at_us, at_us, {"plate": "沪B88888", "source": "device"})
    writer.add(Channel("camera-2", "center-1", frozenset()), "plate_read", at_us, at_us, PLATE | {"source": "device"})
    writer.close()
    told = [(camera, start_us) for camera, _, start_us, source in rows(stores) if source == "device"]
    assert sorted(told) == [("camera-1", at_us), ("camera-1", at_us + SAME_PASSAGE_US + 1), ("camera-2", at_us)]


def test_a_store_that_is_away_is_waited_for(empty_stores: Stores, writer: EventWriter) -> None:
    """Without its table it can be neither read nor written, until it has it."""
    writer.start()
    writer.add(CHANNEL, "plate_read", 1, 1, PLATE | {"source": "device"})
    writer.add(CHANNEL, "motion", 2, 2, {"source": "device"})
    migrate(empty_stores)
    writer.close()
    assert {kind for _, kind, _, _ in rows(empty_stores)} == {"motion", "plate_read"}

from __future__ import annotations

import numpy as np

from analysis.plates.detector import PlateBox
from analysis.plates.tracker import PlateTracker

STEP_US = 80_000


def _box(x: float, y: float, width: float = 100.0) -> PlateBox:
    height = width / 3
    left, top = x - width / 2, y - height / 2
    corners = np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]], np.float32
    )
    return PlateBox(0.9, left, top, width, height, corners)


def test_two_vehicles_side_by_side_keep_their_tracks() -> None:
    tracker = PlateTracker()
    left, right = tracker.update([_box(400, 100), _box(700, 120)], 0)
    for step in range(1, 12):
        boxes = [_box(700 + 5 * step, 120 + 60 * step), _box(400 - 5 * step, 100 + 60 * step)]
        assert tracker.update(boxes, step * STEP_US) == [right, left]
    assert len(tracker.tracks) == 2


def test_a_plate_missed_for_a_moment_is_found_again() -> None:
    tracker = PlateTracker()
    (track,) = tracker.update([_box(400, 100)], 0)
    tracker.update([_box(400, 150)], STEP_US)
    tracker.update([], 2 * STEP_US)
    assert tracker.ended(3 * STEP_US) == []
    assert tracker.update([_box(400, 300)], 4 * STEP_US) == [track]


def test_a_plate_not_seen_for_long_ends_its_passage() -> None:
    tracker = PlateTracker()
    (track,) = tracker.update([_box(400, 100)], 0)
    assert tracker.ended(1_000_000) == [track]
    assert tracker.tracks == []


def test_another_plate_far_away_or_of_another_size_begins_anew() -> None:
    tracker = PlateTracker()
    tracker.update([_box(400, 100)], 0)
    tracker.update([_box(1400, 100)], STEP_US)
    tracker.update([_box(400, 100, width=30)], 2 * STEP_US)
    assert len(tracker.tracks) == 3

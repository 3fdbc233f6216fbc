"""Plates followed from picture to picture, so that one passage of a vehicle becomes one read."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.plates.detector import PlateBox
from analysis.plates.passage import Passage, Verdict

_LOST_US = 700_000
_FIRST_STEP = 3.0  # how far a plate may be from where it was expected, in its widths: without a known velocity,
_NEXT_STEP = 1.5  # and with one
_WIDTH_RATIO = 0.6


@dataclass(slots=True)
class Track:
    """One plate; positions are pixels of the main stream's picture."""

    first_us: int
    last_us: int
    box: PlateBox
    passage: Passage = field(default_factory=Passage)
    verdict: Verdict | None = None
    best: PlateBox | None = None
    is_reported: bool = False
    settled_width: float | None = None  # of the plate when its text was last beyond doubt
    velocity: tuple[float, float] | None = None  # of the centre, pixels a second

    def centre_at(self, at_us: int) -> tuple[float, float]:
        x, y = self.box.centre
        if self.velocity is None:
            return x, y
        seconds = (at_us - self.last_us) / 1e6
        return x + self.velocity[0] * seconds, y + self.velocity[1] * seconds

    def see(self, box: PlateBox, at_us: int) -> None:
        seconds = max((at_us - self.last_us) / 1e6, 1e-3)
        (x, y), (old_x, old_y) = box.centre, self.box.centre
        step = ((x - old_x) / seconds, (y - old_y) / seconds)
        old = self.velocity or step
        self.velocity = (0.5 * old[0] + 0.5 * step[0], 0.5 * old[1] + 0.5 * step[1])
        self.box, self.last_us = box, at_us
        self.passage.see(box.width)
        if self.best is None or box.width > self.best.width:
            self.best = box


class PlateTracker:
    """Assigns each picture's plates to tracks, nearest first."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []

    def update(self, boxes: list[PlateBox], at_us: int) -> list[Track]:
        """The track of each box, in the order of the boxes."""
        pairs = sorted(
            (distance, index, number)
            for index, box in enumerate(boxes)
            for number, track in enumerate(self.tracks)
            if (distance := _distance(track, box, at_us)) is not None
        )
        assigned: dict[int, Track] = {}
        taken: set[int] = set()
        for _, index, number in pairs:
            if index not in assigned and number not in taken:
                assigned[index] = self.tracks[number]
                taken.add(number)
        return [self._seen(assigned.get(index), box, at_us) for index, box in enumerate(boxes)]

    def ended(self, at_us: int | None = None) -> list[Track]:
        """Tracks not seen for a while, which are then forgotten; all of them when no time is given."""
        gone = [track for track in self.tracks if at_us is None or at_us - track.last_us > _LOST_US]
        self.tracks = [track for track in self.tracks if track not in gone]
        return gone

    def _seen(self, track: Track | None, box: PlateBox, at_us: int) -> Track:
        if track is None:
            track = Track(at_us, at_us, box, best=box)
            track.passage.see(box.width)
            self.tracks.append(track)
        else:
            track.see(box, at_us)
        return track


def _distance(track: Track, box: PlateBox, at_us: int) -> float | None:
    """In widths of the plate; None when it cannot be the same one."""
    smaller, larger = sorted((track.box.width, box.width))
    if smaller < larger * _WIDTH_RATIO:
        return None
    (x, y), (expected_x, expected_y) = box.centre, track.centre_at(at_us)
    distance = float(((x - expected_x) ** 2 + (y - expected_y) ** 2) ** 0.5) / larger
    return distance if distance <= (_FIRST_STEP if track.velocity is None else _NEXT_STEP) else None

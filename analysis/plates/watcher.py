"""Plates of one camera: where to look in each picture of the main stream, how often, and what to report.

Searching what moves costs most, so it is done a few times a second; a plate once found is followed in a small cut-out,
more often, until its text is settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from analysis.frames import Frame, Region
from analysis.motion import Box
from analysis.plates.colour import plate_colour
from analysis.plates.detector import Picture, PlateBox, detect
from analysis.plates.grammar import PlateSeries
from analysis.plates.passage import Direction, Vote
from analysis.plates.reader import read, rectify
from analysis.plates.search import Search, around, searches
from analysis.plates.tracker import PlateTracker, Track
from foundation.clock import US_PER_S
from foundation.plates import PlateColour

_SEARCH_US = 200_000
_FOLLOW_US = 75_000
_REPORT_AFTER_US = 2 * US_PER_S  # a settled plate is reported while its vehicle is still there
_SAME_PASSAGE_US = 8 * US_PER_S  # a plate that comes back within this time never left
_LEAST_SCORE = 0.2  # what is no plate does not read as one
_SCALES = (0.75, 1.0, 1.0)  # of the searches in turn: the network sees some plates at one and not at the other
_RELAXED = 2  # where a plate is known already, only every second search looks for another
_MOST_WIDTH = 0.35  # of the picture; what is wider is a grille or a fence
_SMALL_WIDTH = 60.0  # pixels; a smaller plate that grows is read at every third sighting only
_LEAST_WIDTH = 45.0  # pixels of a plate that is worth reading
_NEARER = 1.3
_MARGINS = (0.03, 0.06, 0.0, 0.045)  # beside the plate, in turn, so that readings err independently


@dataclass(slots=True, frozen=True)
class PlateRead:
    """`box` is the plate where it was largest, in fractions of the picture."""

    plate: str
    colour: PlateColour
    series: PlateSeries
    confidence: float
    reads: int
    box: Box
    direction: Direction | None
    start_us: int
    end_us: int


class PlateWatcher:
    """Fed by one thread with the pictures of one camera while something moves."""

    def __init__(self) -> None:
        self._tracker = PlateTracker()
        self._next_search_us = 0
        self._next_follow_us = 0
        self._ticks = 0
        self._size = (1, 1)
        self._reported: dict[str, int] = {}  # plate -> last moment seen
        self.detections = 0
        self.readings = 0

    def update(self, frame: Frame, moving: Sequence[Box]) -> list[PlateRead]:
        """Look at the picture if it is time to; the passages whose read was settled with it."""
        at_us = frame.start_us
        self._size = (frame.width, frame.height)
        found = self._searches(frame, moving)
        if found:
            boxes = _distinct([box for search in found for box in self._detect(frame, search)])
            for track, box in zip(self._tracker.update(boxes, at_us), boxes, strict=True):
                self._read(frame, track, box)
        finished = [self._report(track) for track in self._tracker.ended(at_us)]
        early = [self._report(track) for track in self._tracker.tracks if self._is_due(track, at_us)]
        return [read for read in (*finished, *early) if read is not None]

    def end(self) -> list[PlateRead]:
        """Nothing moves any more, or the stream broke."""
        return [read for track in self._tracker.ended() if (read := self._report(track)) is not None]

    def _searches(self, frame: Frame, moving: Sequence[Box]) -> list[Search]:
        at_us = frame.start_us
        tracks = [track for track in self._tracker.tracks if _is_within(track.centre_at(at_us), frame)]
        if at_us >= self._next_search_us:
            self._ticks += 1
            wide = searches(moving, frame.width, frame.height, _SCALES[self._ticks % len(_SCALES)])
            self._next_search_us = at_us + max(_SEARCH_US, sum(one.cost_us for one in wide))
            self._next_follow_us = at_us + _FOLLOW_US
            centres = [(track, track.centre_at(at_us)) for track in tracks]
            if self._ticks % _RELAXED:
                wide = [one for one in wide if not any(one.holds(at) for _, at in centres)]
            return wide + [around(track, at_us) for track, at in centres if not any(one.holds(at) for one in wide)]
        if at_us >= self._next_follow_us:
            self._next_follow_us = at_us + _FOLLOW_US
            return [around(track, at_us) for track in tracks if _wants_readings(track)]
        return []

    def _detect(self, frame: Frame, search: Search) -> list[PlateBox]:
        self.detections += 1
        region, scale = frame.clip(search.region), search.scale
        picture = frame.bgr(region)
        if scale < 1.0:
            picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        found = [box.moved(region.x, region.y, 1 / scale) for box in detect(picture, least_score=_LEAST_SCORE)]
        return [box for box in found if box.width < _MOST_WIDTH * frame.width]

    def _read(self, frame: Frame, track: Track, box: PlateBox) -> None:
        if box.width < _LEAST_WIDTH or not _wants_readings(track):
            return
        if box.width < _SMALL_WIDTH and track.passage.is_growing and track.passage.sightings % 3:
            return
        self.readings += 1
        picture, corners = _cut_out(frame, box)
        plate = rectify(picture, corners, _MARGINS[track.passage.readings % len(_MARGINS)])
        colour = plate_colour(plate)
        track.passage.vote(Vote(frame.start_us, read(plate, colour), colour, box.width))
        track.verdict = track.passage.verdict()
        if track.verdict is not None and track.verdict.is_settled:
            track.settled_width = box.width

    def _is_due(self, track: Track, at_us: int) -> bool:
        waited = at_us - track.first_us >= _REPORT_AFTER_US
        return waited and track.settled_width is not None and not track.is_reported

    def _report(self, track: Track) -> PlateRead | None:
        verdict = track.verdict
        if verdict is None:
            return None
        seen_us = self._reported.get(verdict.plate)
        self._reported = {
            plate: last_us for plate, last_us in self._reported.items() if track.first_us - last_us < _SAME_PASSAGE_US
        }
        self._reported[verdict.plate] = track.last_us
        repeated = seen_us is not None and track.first_us - seen_us < _SAME_PASSAGE_US
        if track.is_reported or repeated:
            return None
        track.is_reported = True
        best = track.best or track.box
        width, height = self._size
        return PlateRead(
            verdict.plate,
            verdict.colour,
            verdict.series,
            round(verdict.confidence, 4),
            verdict.readings,
            (best.x / width, best.y / height, best.width / width, best.height / height),
            track.passage.direction(),
            track.first_us,
            track.last_us,
        )


def _wants_readings(track: Track) -> bool:
    """A settled plate is read again only when it has come much nearer."""
    return track.settled_width is None or track.box.width > _NEARER * track.settled_width


def _is_within(point: tuple[float, float], frame: Frame) -> bool:
    return 0 <= point[0] < frame.width and 0 <= point[1] < frame.height


def _cut_out(frame: Frame, box: PlateBox) -> tuple[Picture, np.typing.NDArray[np.float32]]:
    """The plate with some surroundings, and its corners within."""
    left, top = box.corners.min(axis=0)
    right, bottom = box.corners.max(axis=0)
    dx, dy = 0.15 * (right - left), 0.3 * (bottom - top)
    width, height = round(right - left + 2 * dx), round(bottom - top + 2 * dy)
    region = frame.clip(Region(int(left - dx), int(top - dy), width, height))
    return frame.bgr(region), np.asarray(box.corners - np.array([region.x, region.y]), np.float32)


def _distinct(boxes: list[PlateBox]) -> list[PlateBox]:
    """Without those found twice, in overlapping regions; the surer one stays."""
    kept: list[PlateBox] = []
    for box in sorted(boxes, key=lambda one: one.score, reverse=True):
        if not any(box.is_near(other) for other in kept):
            kept.append(box)
    return kept

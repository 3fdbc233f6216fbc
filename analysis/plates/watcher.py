"""Plates of one camera: where to look in each picture of the main stream, how often, and what to report.

Searching what moves costs most, so it is done a few times a second; a plate once found is followed in a small cut-out,
more often, until its text is settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from analysis.frames import Frame, Region
from analysis.motion import Box
from analysis.plates.colour import plate_colour
from analysis.plates.detector import Picture, PlateBox, detect
from analysis.plates.grammar import PlateColour, PlateSeries
from analysis.plates.passage import Direction, Vote
from analysis.plates.reader import read, rectify
from analysis.plates.tracker import PlateTracker, Track
from foundation.clock import US_PER_S

_SEARCH_US = 200_000
_FOLLOW_US = 75_000
_REPORT_AFTER_US = 2 * US_PER_S  # a settled plate is reported while its vehicle is still there
_SAME_PASSAGE_US = 8 * US_PER_S  # a plate that comes back within this time never left
_LEAST_SCORE = 0.25
_LEAST_WIDTH = 45.0  # pixels of a plate that is worth reading
_MOST_PIXELS = 420_000  # of a cut-out given to the detector
_SEARCH_MARGIN = 0.12
_LEAST_SIDE = 192
_NEARER = 1.3
_MARGINS = (0.0, 0.03, 0.015, 0.045)  # around the plate, in turn, so that readings err independently


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
        self._size = (1, 1)
        self._reported: dict[str, int] = {}  # plate -> last moment seen
        self.detections = 0
        self.readings = 0

    def update(self, frame: Frame, moving: Sequence[Box]) -> list[PlateRead]:
        """Look at the picture if it is time to; the passages whose read was settled with it."""
        at_us = frame.start_us
        self._size = (frame.width, frame.height)
        regions = list(self._regions(frame, moving))
        if regions:
            boxes = _distinct([box for region in regions for box in self._detect(frame, region)])
            for track, box in zip(self._tracker.update(boxes, at_us), boxes, strict=True):
                self._read(frame, track, box)
        finished = [self._report(track) for track in self._tracker.ended(at_us)]
        early = [self._report(track) for track in self._tracker.tracks if self._is_due(track, at_us)]
        return [read for read in (*finished, *early) if read is not None]

    def end(self) -> list[PlateRead]:
        """Nothing moves any more, or the stream broke."""
        return [read for track in self._tracker.ended() if (read := self._report(track)) is not None]

    def _regions(self, frame: Frame, moving: Sequence[Box]) -> Iterator[Region]:
        at_us = frame.start_us
        tracks = self._tracker.tracks
        if at_us >= self._next_search_us:
            self._next_search_us = at_us + _SEARCH_US
            self._next_follow_us = at_us + _FOLLOW_US
            searched = list(_search_regions(frame, moving))
            yield from searched
            yield from (_around(track, at_us) for track in tracks if not _holds(searched, track.centre_at(at_us)))
        elif at_us >= self._next_follow_us:
            self._next_follow_us = at_us + _FOLLOW_US
            yield from (_around(track, at_us) for track in tracks if _wants_readings(track))

    def _detect(self, frame: Frame, region: Region) -> list[PlateBox]:
        self.detections += 1
        region = frame.clip(region)
        picture = frame.bgr(region)
        scale = min(1.0, (_MOST_PIXELS / (picture.shape[0] * picture.shape[1])) ** 0.5)
        if scale < 1.0:
            picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        return [box.moved(region.x, region.y, 1 / scale) for box in detect(picture, least_score=_LEAST_SCORE)]

    def _read(self, frame: Frame, track: Track, box: PlateBox) -> None:
        if box.width < _LEAST_WIDTH or not _wants_readings(track):
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


def _search_regions(frame: Frame, moving: Sequence[Box]) -> Iterator[Region]:
    """What moves, with a margin, in pixels; overlapping boxes are searched once."""
    merged: list[Box] = []
    for box in sorted(moving, key=lambda one: one[2] * one[3], reverse=True):
        grown = _grown(box)
        if not any(_inside(grown, other) for other in merged):
            merged.append(grown)
    for x, y, width, height in merged:
        yield Region(
            round(x * frame.width),
            round(y * frame.height),
            max(round(width * frame.width), _LEAST_SIDE),
            max(round(height * frame.height), _LEAST_SIDE),
        )


def _grown(box: Box) -> Box:
    x, y, width, height = box
    dx, dy = width * _SEARCH_MARGIN, height * _SEARCH_MARGIN
    left, top = max(x - dx, 0.0), max(y - dy, 0.0)
    return left, top, min(x + width + dx, 1.0) - left, min(y + height + dy, 1.0) - top


def _inside(box: Box, other: Box) -> bool:
    """Whether most of the box is covered by the other."""
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return width > 0 and height > 0 and width * height > 0.8 * box[2] * box[3]


def _around(track: Track, at_us: int) -> Region:
    """Where the plate is expected, with room for what it does unexpectedly."""
    x, y = track.centre_at(at_us)
    width = track.box.width * (3.0 if track.velocity else 5.0) + 32
    height = max(width * 0.75, _LEAST_SIDE)
    width = max(width, _LEAST_SIDE)
    return Region(round(x - width / 2), round(y - height / 2), round(width), round(height))


def _holds(regions: list[Region], point: tuple[float, float]) -> bool:
    x, y = point
    return any(
        region.x <= x <= region.x + region.width and region.y <= y <= region.y + region.height for region in regions
    )


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

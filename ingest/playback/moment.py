"""What is recorded at a moment and next to it, and where its picture can be decoded from: over all disks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog

from foundation.errors import DatabaseError
from ingest.footage.index import Around, FootageIndex, Gap, Segment

_log = structlog.get_logger()


class Keyframe(NamedTuple):
    file: Path
    offset: int  # in the file, of the fragment that starts with it
    start_us: int


class Place(NamedTuple):
    disk: Path
    segment: Segment

    @property
    def file(self) -> Path:
        return self.disk / self.segment.path


@dataclass(slots=True, frozen=True)
class Moment:
    at_us: int
    at: Place | None  # holds the moment; of several, that of the highest fence
    before: Place | None  # the last that ends by then
    after: Place | None  # the first that begins later
    gap: Gap | None  # why nothing is there

    def nearest_keyframe(self) -> Keyframe | None:
        """The one that the moment's picture is decoded from; where there is no picture, the nearest to it."""
        if self.at is not None:
            return _keyframe(self.at, self.at.segment.keyframe_by(self.at_us))
        sides = [
            _keyframe(self.before, self.before.segment.keyframe_by(self.at_us)) if self.before else None,
            _keyframe(self.after, self.after.segment.keyframe_from(self.at_us)) if self.after else None,
        ]
        return min((one for one in sides if one), key=lambda one: abs(one.start_us - self.at_us), default=None)


def moment(disks: Sequence[Path], camera_id: str, stream: str, at_us: int) -> Moment:
    """A disk whose index cannot be read is left out."""
    known = [(disk, around) for disk in disks if (around := _around(disk, camera_id, stream, at_us))]

    def places(side: Callable[[Around], Segment | None]) -> list[Place]:
        return [Place(disk, segment) for disk, around in known if (segment := side(around))]

    return Moment(
        at_us,
        max(places(lambda one: one.at), key=lambda one: (one.segment.fence, one.segment.start_us), default=None),
        max(places(lambda one: one.before), key=lambda one: one.segment.end_us, default=None),
        min(places(lambda one: one.after), key=lambda one: one.segment.start_us, default=None),
        next((around.gap for _, around in known if around.gap), None),
    )


def _around(disk: Path, camera_id: str, stream: str, at_us: int) -> Around | None:
    try:
        return FootageIndex(disk).around(camera_id, stream, at_us)
    except DatabaseError as error:
        _log.error("footage_index_unreadable", disk=str(disk), error=str(error))
        return None


def _keyframe(place: Place, found: tuple[int, int] | None) -> Keyframe | None:
    return Keyframe(place.file, found[1], found[0]) if found else None

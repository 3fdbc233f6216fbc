"""Which parts of a picture the plate detector is given, and at what scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.frames import Region
from analysis.motion import Box, union
from analysis.plates.tracker import Track

_MARGIN = 0.04  # of the picture, on each side of what moves: a dark car at night moves in pieces, around its plate,
_OVERHANG = 0.2  # and it is the light on the road before it that moves most; of the height, above and below
_MOST_PIXELS = 420_000  # given to the detector at once, about 35 ms
_MOST_FOLLOWED_PIXELS = 120_000  # a plate so near that its surroundings are larger is found in fewer
_LEAST_SCALE = 0.6  # a plate of 60 pixels is still found; what needs less is cut in two
_PIXELS_PER_S = 2_100_000  # searched, at most: a fifth of a core
_LEAST_SIDE = 192


@dataclass(slots=True, frozen=True)
class Search:
    region: Region
    scale: float

    @property
    def cost_us(self) -> int:
        """How long to wait before the next search, for this one's sake."""
        return round(self.region.width * self.region.height * self.scale**2 / _PIXELS_PER_S * 1e6)

    def holds(self, point: tuple[float, float]) -> bool:
        x, y = point[0] - self.region.x, point[1] - self.region.y
        return 0 <= x <= self.region.width and 0 <= y <= self.region.height


def searches(moving: Sequence[Box], width: int, height: int, most_scale: float = 1.0) -> list[Search]:
    """What moves, with a margin; what then touches is one, and what is too large is cut up."""
    found: list[Search] = []
    for left, top, wide, high in _merged([_grown(box) for box in moving]):
        x, y = round(left * width), round(top * height)
        across, down = max(round(wide * width), _LEAST_SIDE), max(round(high * height), _LEAST_SIDE)
        found.extend(_cut(Region(x, y, across, down), most_scale))
    return found


def around(track: Track, at_us: int) -> Search:
    """Where the plate is expected, with room for what it does unexpectedly."""
    x, y = track.centre_at(at_us)
    width = track.box.width * (3.0 if track.velocity else 5.0) + 32
    height = max(width * 0.75, _LEAST_SIDE)
    width = max(width, _LEAST_SIDE)
    scale = min(1.0, (_MOST_FOLLOWED_PIXELS / (width * height)) ** 0.5)
    return Search(Region(round(x - width / 2), round(y - height / 2), round(width), round(height)), scale)


def _cut(region: Region, most_scale: float) -> list[Search]:
    scale = min(most_scale, (_MOST_PIXELS / (region.width * region.height)) ** 0.5)
    if scale >= _LEAST_SCALE:
        return [Search(region, scale)]
    overlap = _LEAST_SIDE // 2
    if region.width >= region.height:
        half = region.width // 2
        first = Region(region.x, region.y, half + overlap, region.height)
        second = Region(region.x + half - overlap, region.y, region.width - half + overlap, region.height)
    else:
        half = region.height // 2
        first = Region(region.x, region.y, region.width, half + overlap)
        second = Region(region.x, region.y + half - overlap, region.width, region.height - half + overlap)
    return [*_cut(first, most_scale), *_cut(second, most_scale)]


def _grown(box: Box) -> Box:
    high = max(2 * _MARGIN, _OVERHANG * box[3])
    left, top = max(box[0] - _MARGIN, 0.0), max(box[1] - high, 0.0)
    right, bottom = min(box[0] + box[2] + _MARGIN, 1.0), min(box[1] + box[3] + high, 1.0)
    return left, top, right - left, bottom - top


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that do not touch, each the hull of those that did."""
    apart: list[Box] = []
    for box in boxes:
        hull = box
        while touching := [other for other in apart if _touch(hull, other)]:
            apart = [other for other in apart if other not in touching]
            hull = union(hull, *touching)
        apart.append(hull)
    return apart


def _touch(box: Box, other: Box) -> bool:
    return (
        box[0] < other[0] + other[2]
        and other[0] < box[0] + box[2]
        and box[1] < other[1] + other[3]
        and other[1] < box[1] + box[3]
    )

"""How much of a disk is held. A hold is measured once, and again for as long as footage may still come into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from foundation.clock import US_PER_S
from ingest.footage.holds import Holds
from ingest.footage.index_writer import IndexWriter

_SETTLED_US = 3600 * US_PER_S  # no segment is longer, and none is indexed so late
_OVERLAPPING = (
    "SELECT coalesce(sum(bytes), 0) FROM segment WHERE camera_id = ? AND stream = ?"
    " AND start_us >= ? AND start_us < ? AND start_us + duration_us > ?"
)


_Key = tuple[str, int, int, int]  # camera, end of the hold before, start, end


class HeldBytes:
    def __init__(self, index: IndexWriter) -> None:
        self._index = index
        self._holds: Holds | None = None
        self._measured: dict[_Key, int] = {}
        self._unsettled: list[_Key] = []  # to be measured in the next round
        self._total: Counter[str] = Counter()

    def by_camera(self, holds: Holds, streams: Collection[tuple[str, str]], now_us: int) -> Counter[str]:
        """`streams`: what this disk has footage of."""
        if self._holds is not holds:
            self._holds = holds
            self._take_over(holds)
        open_ones = [key for key in self._unsettled if key[3] >= now_us - _SETTLED_US]
        names: dict[str, list[str]] = {}
        for camera_id, stream in streams:
            names.setdefault(camera_id, []).append(stream)
        for key in self._unsettled:
            size = self._measure(key, names.get(key[0], []))
            self._total[key[0]] += size - self._measured.get(key, 0)
            self._measured[key] = size
        self._unsettled = open_ones
        return +self._total

    def _take_over(self, holds: Holds) -> None:
        """What was measured stays so; what is new, or was under way, is measured next."""
        keys = set(_keys(holds))
        known = keys & self._measured.keys()
        self._unsettled = [*(keys - known), *known.intersection(self._unsettled)]
        self._measured = {key: self._measured[key] for key in known}
        self._total = Counter()
        for key, size in self._measured.items():
            self._total[key[0]] += size

    def _measure(self, key: _Key, streams: list[str]) -> int:
        """Segments that the hold before overlaps as well were counted with that."""
        camera_id, before_us, start_us, end_us = key
        first_us = max(before_us, start_us - _SETTLED_US)
        with self._index.reading() as connection:
            return sum(
                connection.execute(_OVERLAPPING, (camera_id, stream, first_us, end_us, start_us)).fetchone()[0]
                for stream in streams
            )


def _keys(holds: Holds) -> Iterator[_Key]:
    for camera_id, spans in holds.by_camera.items():
        before_us = 0
        for start_us, end_us in spans:
            yield camera_id, before_us, start_us, end_us
            before_us = end_us

"""How much of a disk is held. A hold is measured once, and again for as long as footage may still come into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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
        self._measured: dict[_Key, int] = {}

    def by_camera(self, holds: Holds, streams: Mapping[tuple[str, str], int], now_us: int) -> Counter[str]:
        """`streams`: what this disk has footage of."""
        names: dict[str, list[str]] = {}
        for camera_id, stream in streams:
            names.setdefault(camera_id, []).append(stream)
        measured: dict[_Key, int] = {}
        total: Counter[str] = Counter()
        for camera_id in names.keys() & holds.by_camera.keys():
            before_us = 0
            for start_us, end_us in holds.by_camera[camera_id]:
                key = (camera_id, before_us, start_us, end_us)
                before_us = end_us
                known = self._measured.get(key) if end_us < now_us - _SETTLED_US else None
                size = self._measure(key, names[camera_id]) if known is None else known
                measured[key] = size
                total[camera_id] += size
        self._measured = measured
        return total

    def _measure(self, key: _Key, streams: list[str]) -> int:
        """Segments that the hold before overlaps as well were counted with that."""
        camera_id, before_us, start_us, end_us = key
        first_us = max(before_us, start_us - _SETTLED_US)
        with self._index.reading() as connection:
            return sum(
                connection.execute(_OVERLAPPING, (camera_id, stream, first_us, end_us, start_us)).fetchone()[0]
                for stream in streams
            )

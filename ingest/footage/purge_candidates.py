"""Which segments may go, the oldest of each stream first: one indexed statement, however much there is and is held.

The holds of a camera leave spans of time free between them. Each stream has a row for each of its free spans in a
temporary table, and the index by camera, stream and time gives the first segments of each. So the cost is that of
looking once into each span that begins early enough, whatever is held before it, or kept longer than that of others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from foundation.clock import US_PER_S
from ingest.footage.holds import Holds
from ingest.footage.index_writer import IndexWriter
from ingest.footage.intervals import Interval
from ingest.footage.retention_policy import RetentionPolicy

_EVER_US = 1 << 62
_A_SPAN = 8  # segments of each span at a time, where the oldest of all are looked for
_EXPIRED_A_SPAN = 16
_EXPIRED_AT_ONCE = 4_096
_FIRST_WINDOW_US = 120 * US_PER_S  # of starts, in which the oldest are looked for; four times that if there are none
_AFRESH_US = 3600 * US_PER_S  # a scrub may find footage older than all that is known
_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS span (
    camera_id TEXT NOT NULL, stream TEXT NOT NULL, from_us INTEGER NOT NULL, until_us INTEGER NOT NULL,
    keep_us INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.span_by_camera ON span (camera_id);
"""
_CHOICE = """
SELECT span.rowid, segment.path, segment.start_us, segment.start_us + segment.duration_us, segment.bytes
FROM temp.span CROSS JOIN segment
WHERE {spans} span.from_us < {before} AND segment.id IN (
    SELECT one.id FROM segment AS one
    WHERE one.camera_id = span.camera_id AND one.stream = span.stream AND one.complete = 1
      AND one.start_us >= span.from_us AND one.start_us < min(span.until_us, {before})
      AND one.start_us + one.duration_us <= min(span.until_us, {until})
    ORDER BY one.start_us LIMIT {a_span}
)
"""
_KEPT = ":now_us - span.keep_us"
_EXPIRED = _CHOICE.format(spans="", before=_KEPT, until=_KEPT, a_span=_EXPIRED_A_SPAN) + "LIMIT :limit"
_OLDEST = _CHOICE.format(spans="", before=":before_us", until=":until_us", a_span=_A_SPAN)
_OF_CAMERA = "span.camera_id = :camera_id AND"
_OLDEST_OF_CAMERA = _CHOICE.format(spans=_OF_CAMERA, before=":until_us", until=":until_us", a_span=_A_SPAN)


class Candidate(NamedTuple):
    span: int
    path: str
    start_us: int
    end_us: int
    size_bytes: int


class PurgeCandidates:
    """Belongs to the thread that purges."""

    def __init__(self, index: IndexWriter) -> None:
        self._index = index
        self._made_for: tuple[Holds, RetentionPolicy, frozenset[tuple[str, str]]] | None = None
        self._made_us = 0
        self._oldest_us = 0  # nothing before it may go
        with index.reading() as connection:
            connection.executescript(_TABLE)

    def prepare(self, holds: Holds, policy: RetentionPolicy, streams: Collection[tuple[str, str]], now_us: int) -> None:
        """Call it before the others, each round; it works only where something changed."""
        known = frozenset(streams)
        fresh = abs(now_us - self._made_us) < _AFRESH_US
        if (
            fresh
            and self._made_for is not None
            and self._made_for[0] is holds
            and self._made_for[1:] == (policy, known)
        ):
            return
        self._made_us = now_us
        rows = [
            (camera_id, stream, start_us, end_us, policy.keep_us(camera_id))
            for camera_id, stream in sorted(streams)
            for start_us, end_us in free_spans(holds.by_camera.get(camera_id, ()))
        ]
        with self._index.reading() as connection:
            connection.execute("DELETE FROM temp.span")
            connection.executemany("INSERT INTO temp.span VALUES (?, ?, ?, ?, ?)", rows)
            self._oldest_us = connection.execute("SELECT min(start_us) FROM segment").fetchone()[0] or 0
        self._made_for = (holds, policy, known)

    def expired(self, now_us: int) -> list[Candidate]:
        """Some of the segments that are older than their camera's footage is kept; none when there are no more."""
        return self._choose(_EXPIRED, now_us=now_us, limit=_EXPIRED_AT_ONCE)

    def oldest(self, until_us: int) -> list[Candidate]:
        """The oldest segments that end by then, in order and without leaving one out; none when there are none."""
        window_us = _FIRST_WINDOW_US
        while True:
            before_us = min(until_us, self._oldest_us + window_us)
            found = _in_order(self._choose(_OLDEST, before_us=before_us, until_us=until_us), _A_SPAN)
            if found:  # what is still being written now may begin an hour ago
                self._oldest_us = max(self._oldest_us, min(found[0].start_us, until_us - _AFRESH_US))
            if found or before_us == until_us:
                return found
            window_us *= 4

    def oldest_of(self, camera_id: str, until_us: int) -> list[Candidate]:
        return _in_order(self._choose(_OLDEST_OF_CAMERA, until_us=until_us, camera_id=camera_id), _A_SPAN)

    def _choose(self, statement: str, **values: int | str) -> list[Candidate]:
        with self._index.reading() as connection:
            return [Candidate(*row) for row in connection.execute(statement, values)]


def free_spans(held: Sequence[Interval]) -> Iterator[Interval]:
    """What the merged holds of a camera leave free."""
    free_from_us = 0
    for start_us, end_us in held:
        if start_us > free_from_us:
            yield free_from_us, start_us
        free_from_us = end_us
    yield free_from_us, _EVER_US


def _in_order(found: list[Candidate], limit: int) -> list[Candidate]:
    """By age; a span that gave as many as were asked for may hold more, so what is younger than those waits."""
    counts: dict[int, int] = {}
    last_us: dict[int, int] = {}
    for one in found:
        counts[one.span] = counts.get(one.span, 0) + 1
        last_us[one.span] = max(one.start_us, last_us.get(one.span, 0))
    known_until_us = min((last_us[span] for span, count in counts.items() if count == limit), default=_EVER_US)
    return sorted((one for one in found if one.start_us <= known_until_us), key=lambda one: (one.start_us, one.path))

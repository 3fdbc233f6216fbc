"""Where a stream's footage is missing without a reason, and where a reason is given although there is footage."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage.index import FootageIndex, Gap
from ingest.footage.intervals import Interval, without

JOINT_US = 2 * US_PER_S  # a camera's clock that runs wrong is followed in steps of a second
LOST = "lost"  # cause of a gap: footage, or the reason for its absence, is gone
_WITHIN_FOOTAGE = "packet_loss"  # such a gap lies within a segment by its nature


def holes(footage: Iterable[Interval], gaps: Iterable[Interval]) -> Iterator[Interval]:
    """What neither covers between the first and the last of them. Both are ordered by start."""
    reach: int | None = None
    for start, end in heapq.merge(footage, gaps):
        if reach is not None and start - reach > JOINT_US:
            yield reach, start
        reach = end if reach is None else max(reach, end)


def left_over(key: tuple[str, str], hole: Interval, others: Sequence[Path]) -> list[Interval]:
    """What of the hole neither footage nor gaps on another disk explain."""
    left = [hole]
    for disk in others:
        index = FootageIndex(disk)
        spans = index.coverage(*key, *hole) + [(gap.start_us, gap.end_us) for gap in index.gaps(*key, *hole)]
        left = without(left, spans)
    return [part for part in left if part[1] - part[0] > JOINT_US]


def trimmed(gap: Gap, footage: Sequence[Interval]) -> list[Gap]:
    """What is left of a gap where there is no footage."""
    left = without([(gap.start_us, gap.end_us)], footage)
    return [Gap(gap.camera_id, gap.stream, *part, gap.cause) for part in left if part[1] - part[0] > JOINT_US]


def contradicted(footage: Iterable[Interval], gaps: Iterable[Gap]) -> Iterator[tuple[Gap, list[Interval]]]:
    """Gaps that footage reaches into, each with that footage. Both are ordered by start."""
    coming = iter(footage)
    ahead = next(coming, None)
    near: list[Interval] = []
    for gap in gaps:
        if gap.cause == _WITHIN_FOOTAGE:
            continue
        while ahead is not None and ahead[0] < gap.end_us:
            near.append(ahead)
            ahead = next(coming, None)
        near = [span for span in near if span[1] > gap.start_us]
        within = [span for span in near if min(span[1], gap.end_us) - max(span[0], gap.start_us) > JOINT_US]
        if within:
            yield gap, within

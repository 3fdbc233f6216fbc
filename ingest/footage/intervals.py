"""Sets of half-open time spans."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]  # start_us, end_us


def merged(spans: Iterable[Interval], joint_us: int = 0) -> list[Interval]:
    """The spans in order, with those that touch, or lie within `joint_us` of each other, made one."""
    result: list[Interval] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + joint_us:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def without(spans: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """What is left of the ordered spans outside of the holes."""
    left = list(spans)
    for hole_start, hole_end in merged(holes):
        left = [
            part
            for start, end in left
            for part in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if part[0] < part[1]
        ]
    return left

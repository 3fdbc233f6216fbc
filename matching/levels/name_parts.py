"""How much of two names in Latin letters agrees, part by part, whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from matching.levels.distances import within_edits

MOST_PARTS = 8  # that are compared; whose name has more is told apart by these
LONGEST_PART = 32
_SHORTEST_CLOSE, _SHORTEST_TWO_SLIPS, _SHORTEST_SHARED = 3, 8, 3
Likeness = Literal["exact", "close", "within", "part", "different"]


def parts_alike(left: str, right: str) -> Likeness:
    """`close`: each part has its like; `within`: one name has all parts of the other; `part`: one part agrees."""
    a, b = left.split()[:MOST_PARTS], right.split()[:MOST_PARTS]
    same = Counter(a) & Counter(b)
    exact = same.total()
    rest_a, rest_b = _without(a, same), _without(b, same)
    if not rest_a and not rest_b:
        return "exact"
    close = min(_with_a_like(rest_a, rest_b), _with_a_like(rest_b, rest_a))
    if len(a) == len(b) and exact + close == len(a):
        return "close"
    if _joined_alike(rest_a, rest_b) or _joined_alike(rest_b, rest_a):
        return "close"
    if exact and not (rest_a and rest_b):
        return "within"
    shared = any(len(part) >= _SHORTEST_SHARED for part in same)
    return "part" if shared or exact + close == min(len(a), len(b)) else "different"


def is_like(a: str, b: str) -> bool:
    """One slip, in a long part two; or one is the initial of the other."""
    shortest = min(len(a), len(b))
    if shortest == 1:
        return a[0] == b[0]
    if shortest < _SHORTEST_CLOSE or max(len(a), len(b)) > LONGEST_PART:
        return False
    return within_edits(a, b, 1 if shortest < _SHORTEST_TWO_SLIPS else 2)


def _without(parts: Sequence[str], taken: Counter[str]) -> list[str]:
    left = Counter(parts) - taken
    return [part for part in left for _ in range(left[part])]


def _with_a_like(parts: Sequence[str], others: Sequence[str]) -> int:
    return sum(any(is_like(part, other) for other in others) for part in parts)


def _joined_alike(parts: Sequence[str], others: Sequence[str]) -> bool:
    """Two parts are together a part of the other name: XIAO MIMG and XIAOMING."""
    if len(parts) != 2 or len(others) != 1:
        return False
    first, second = parts
    return is_like(first + second, others[0]) or is_like(second + first, others[0])

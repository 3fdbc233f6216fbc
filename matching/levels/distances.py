"""Distances between short strings."""

from __future__ import annotations


def within_edits(left: str, right: str, limit: int) -> bool:
    """Optimal string alignment (Damerau 1964): insertions, deletions, replacements, exchanged neighbours."""
    if abs(len(left) - len(right)) > limit:
        return False
    left, right = _apart(left, right)
    if min(len(left), len(right)) == 0 or max(len(left), len(right)) == 1:
        return max(len(left), len(right)) <= limit
    if limit == 1:  # what is left of both differs at either end, so one edit can only exchange two neighbours
        return len(left) == 2 and left == right[::-1]
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, character in enumerate(left, 1):
        current = [i]
        for j, other in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (character != other))
            if i > 1 and j > 1 and character == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return False
        before, previous = previous, current
    return previous[-1] <= limit


def _apart(left: str, right: str) -> tuple[str, str]:
    """Without what both begin and end with."""
    shortest, begin, end = min(len(left), len(right)), 0, 0
    while begin < shortest and left[begin] == right[begin]:
        begin += 1
    while end < shortest - begin and left[-1 - end] == right[-1 - end]:
        end += 1
    return left[begin : len(left) - end], right[begin : len(right) - end]


def units(text: str) -> str:
    """In units of UTF-16, in which lengths and edits are counted: a rare hanzi beyond the first plane is two."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(encoded[at : at + 2], "little")) for at in range(0, len(encoded), 2))


def dice(left: str, right: str) -> float:
    """Share of bigrams in common (Dice 1945), which needs no word boundaries and so suits Chinese."""
    a, b = _bigrams(left), _bigrams(right)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _bigrams(text: str) -> set[str]:
    plain = text.replace(" ", "")
    return {plain[at : at + 2] for at in range(len(plain) - 1)} or {plain} - {""}

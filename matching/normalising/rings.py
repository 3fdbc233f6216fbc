"""A form of a name's letters that does not depend on which part comes first."""

from __future__ import annotations


def least_rotation(text: str) -> str:
    """The first of all rotations in the order of the alphabet, so that AB and BA agree."""
    if not text:
        return ""
    first, twice, length = min(text), text + text, len(text)
    at = text.find(first)
    least = twice[at : at + length]
    while (at := text.find(first, at + 1)) >= 0:
        least = min(least, twice[at : at + length])
    return least

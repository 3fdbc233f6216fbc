"""A form of a name's letters that does not depend on which part comes first."""

from __future__ import annotations


def least_rotation(text: str) -> str:
    """The first of all rotations in the order of the alphabet, so that AB and BA agree."""
    first = min(text, default="")
    twice = text + text
    return min((twice[at : at + len(text)] for at, letter in enumerate(text) if letter == first), default="")

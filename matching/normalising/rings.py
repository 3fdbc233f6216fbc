"""A form of a name's letters that does not depend on which part comes first."""

from __future__ import annotations


def least_rotation(text: str) -> str:
    """The first of all rotations in the order of the alphabet, so that AB and BA agree."""
    return min((text[at:] + text[:at] for at in range(len(text))), default="")

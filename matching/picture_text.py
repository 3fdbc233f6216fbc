"""Text from outside in a picture: escaped, and broken into lines by how wide its characters are about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape

_SIZE = 13  # pixels
# What XML 1.0 does not allow (2.2), and what would turn the direction of the text around it.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_WIDE, _CAPITAL, _OTHER = 1.0, 0.72, 0.58  # of the size


def escaped(text: str) -> str:
    return escape(_UNFIT.sub("\ufffd", text), {'"': "&quot;"})


def lines_of(text: str, width: int, most: int) -> Sequence[str]:
    """At most so many lines; an ellipsis stands for the rest."""
    lines: list[str] = []
    left = " ".join(text.split())
    while left and len(lines) < most:
        fitting = _fitting(left, width)
        cut = left.rfind(" ", 0, fitting + 1) if fitting < len(left) else fitting
        cut = cut if cut > fitting // 2 else fitting
        lines.append(left[:cut].strip())
        left = left[cut:].strip()
    if left:
        lines[-1] = f"{lines[-1][:-1]}…"
    return lines or [""]


def _fitting(text: str, width: int) -> int:
    """How many characters fit, one at least."""
    taken = 0.0
    for at, character in enumerate(text):
        taken += _width_of(character)
        if taken > width and at:
            return at
    return len(text)


def _width_of(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE * _SIZE
    return (_CAPITAL if character.isupper() else _OTHER) * _SIZE

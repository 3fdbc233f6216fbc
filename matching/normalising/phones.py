"""Telephone numbers: those of mainland China without country code and trunk prefix, others with + and their code."""

from __future__ import annotations

import re

from matching.normalising.text import readable

_LONGEST = 80
_BETWEEN_NUMBERS = re.compile(r"[/,;、；，|\n]| or |或")
_EXTENSION = re.compile(r"(?:转|分机|#|ext\.?|x)\s*\d{1,6}\s*$", re.IGNORECASE)
_LOCAL_EXTENSION = re.compile(r"((?:^|\D)[2-8]\d{6,7})\s*-\s*\d{1,6}\s*$", re.ASCII)  # 010-66554433-801
_TRUNK = re.compile(r"\(0\)")  # +44 (0)20
_NO_DIGIT = re.compile("[^0-9]+")
_PLUS_FIRST = re.compile(r"[^0-9]*\+")
_MAINLAND = re.compile("(?:0*86(?=[0-9]{10}))+")
# Carriers' prefixes for cheaper calls, dialled before a mobile number.
_CARRIER = re.compile("(?:17951|17911|17909|12593|10193)(?=1[3-9][0-9]{9}$)")


def normalise_phone(raw: str | None) -> str | None:
    """The first usable number of the text; without a plus or 00, a number is read as one of mainland China.

    6 to 15 digits (ITU-T E.164), at least three of them different; extensions are left out.
    """
    text = readable(raw, _LONGEST)
    for part in _BETWEEN_NUMBERS.split(text):
        if number := _number(part.strip()):
            return number
    return None


def _number(text: str) -> str | None:
    if not text.isdigit():
        text = _LOCAL_EXTENSION.sub(r"\1", _EXTENSION.sub("", _TRUNK.sub("", text)))
    digits = _NO_DIGIT.sub("", text)
    abroad = _PLUS_FIRST.match(text) is not None or digits.startswith("00")
    if mainland := _MAINLAND.match(digits):
        digits, abroad = digits[mainland.end() :], False
    digits = digits.lstrip("0")
    if not abroad:
        digits = _CARRIER.sub("", digits)
    if not 6 <= len(digits) <= 15 or len(set(digits)) < 3:
        return None
    return f"+{digits}" if abroad else digits

"""Tables of text for people who open them in a spreadsheet."""

from __future__ import annotations

from typing import Final

# What a spreadsheet takes for a formula, full-width signs included; a quote before it makes it a text.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def guarded(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if not isinstance(value, int) and text.startswith(_FORMULA_SIGNS) else text

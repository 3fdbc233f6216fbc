"""Cursors of lists: where the next page begins, as text that means nothing to whoever carries it."""

from __future__ import annotations

import base64
import binascii
import json

from foundation.errors import InvalidInput

LONGEST_CURSOR = 512


def cursor_of(*keys: str) -> str:
    """The cursor that follows the row with these sort keys; safe in a URL."""
    text = json.dumps(keys, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def keys_of(cursor: str, count: int) -> list[str]:
    """The sort keys again; raises `InvalidInput` for what is no cursor of so many keys."""
    try:
        keys = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        keys = None
    if not isinstance(keys, list) or len(keys) != count or not all(map(_is_text, keys)):
        raise InvalidInput("this is no cursor of this list.", where="cursor", mend="Begin with the first page.")
    return keys


def _is_text(key: object) -> bool:
    """A text that a database takes: JSON also writes half a character (a lone surrogate)."""
    return isinstance(key, str) and not any("\ud800" <= letter <= "\udfff" for letter in key)

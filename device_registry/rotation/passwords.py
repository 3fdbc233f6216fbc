"""Passwords for devices: long enough to resist guessing, of letters that every camera and every URL takes."""

from __future__ import annotations

import re
import secrets
import string
from typing import Final

from foundation.errors import InvalidInput

LEAST, MOST = 8, 32  # characters: what cameras of the common makers take
LENGTH: Final = 16
_MISTAKEN: Final = set("0O1lI")
_KINDS: Final = tuple(
    "".join(sorted(set(kind) - _MISTAKEN)) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
)
_SAFE: Final = re.compile(rf"[A-Za-z0-9._~-]{{{LEAST},{MOST}}}")  # RFC 3986's unreserved characters


def generate(length: int = LENGTH) -> str:
    """Lower case, upper case and digits, each at least once; 16 of them hold 90 bits."""
    letters = "".join(_KINDS)
    while True:
        made = "".join(secrets.choice(letters) for _ in range(length))
        if all(set(made) & set(kind) for kind in _KINDS):
            return made


def checked(password: str) -> str:
    """One that a person chose, or `InvalidInput` without a word of it."""
    kinds = sum(any(letter in kind for letter in password) for kind in (*_all_kinds(), "._~-"))
    if not _SAFE.fullmatch(password) or kinds < 3:
        raise InvalidInput(
            "this password is one that cameras refuse or that is easily guessed.",
            where="password",
            mend=f"Take {LEAST} to {MOST} of A-Z, a-z, 0-9, '.', '_', '~' and '-', of at least three kinds.",
        )
    return password


def _all_kinds() -> tuple[str, ...]:
    return string.ascii_lowercase, string.ascii_uppercase, string.digits

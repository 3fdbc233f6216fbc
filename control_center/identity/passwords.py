"""Passwords: Argon2id (RFC 9106) through pwdlib; their rules follow NIST SP 800-63B: length, not composition."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from foundation.errors import InvalidInput, TooMany

LEAST_LENGTH = 12
LONGEST = 256
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what people mistake for one another
# RFC 9106, section 4, second recommendation: 64 MiB, three passes.
_HASHER = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=4),))
# Each computation takes 64 MiB and a tenth of a second: a few wait for a place. The rest is refused, or strangers who
# send passwords would hold every thread of the API, and nobody who is signed in could work.
_PLACES = threading.BoundedSemaphore(2)
_WAITING = threading.BoundedSemaphore(10)


def hash_password(password: str) -> str:
    with _place():
        return _HASHER.hash(_normalised(password))


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the one. Without a hash, for a user unknown, the work is the same and the answer no."""
    known = password_hash or _nobodys_hash()
    try:
        with _place():
            right = _HASHER.verify(_normalised(password), known)
    except UnknownHashError:
        return False
    return right and password_hash is not None


def new_one_time_password() -> str:
    """79 bits, in four groups that can be read out over a telephone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def check_rules(password: str, username: str) -> None:
    length = len(_normalised(password))
    if length < LEAST_LENGTH:
        raise InvalidInput(
            f"the password is shorter than {LEAST_LENGTH} characters.",
            where="new_password",
            mend="Four or five words that do not belong together are easy to keep in mind.",
        )
    if length > LONGEST:
        raise InvalidInput(f"the password is longer than {LONGEST} characters.", where="new_password")
    if username in _normalised(password).lower() and len(username) * 2 > length:
        raise InvalidInput("the password is little more than the user name.", where="new_password")


@contextmanager
def _place() -> Iterator[None]:
    if not _WAITING.acquire(blocking=False):
        raise TooMany("too many people sign in at this moment.", mend="Try again in a few seconds.", retry_after_s=2)
    try:
        with _PLACES:
            yield
    finally:
        _WAITING.release()


def _normalised(password: str) -> str:
    # The same key strokes give different code points on different keyboards (RFC 8265, section 4).
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))

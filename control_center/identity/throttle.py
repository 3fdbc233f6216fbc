"""How often passwords and codes may be tried: against guessing, also where it is spread over accounts and addresses.

A try has its place before any work is done for it, and gives it back unless it was a wrong guess: guesses at the same
time count, and who signs in rightly is never slowed down. Strangers share what one address may, and what all strangers
together may. A browser that the person signed in with before has tries of its own, as has an open session: neither a
flood from elsewhere nor a neighbour behind the same address takes them away (device cookies, as OWASP calls them).

All of it is in the memory of the process that lets people in, one integer a key (the generic cell rate algorithm:
when the debt will be paid), by the monotonic clock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from foundation.clock import US_PER_S, Clock
from foundation.errors import TooMany
from foundation.metrics import counter

if TYPE_CHECKING:
    from prometheus_client import Counter

# More keys owe something only where a limit below was raised: what all strangers may do bounds them.
MOST_KEYS = 4096
_ELSEWHERE = ", or with a browser that you signed in with before."


class Refusal(StrEnum):
    """Why somebody was not let in, as the metric counts it."""

    PROOF = "proof"  # a wrong user name, password or code
    LOCKED_OUT = "locked_out"  # the account rests
    ADDRESS = "address"  # too many wrong guesses from one address
    STRANGERS = "strangers"  # too many from everywhere
    KNOWN = "known"  # too many from one known browser, or in one session
    CODE = "code"  # too many wrong codes after the right password
    TOKEN = "token"  # noqa: S105 - a token that is not in force


@dataclass(frozen=True, slots=True)
class Pace:
    """So many wrong guesses at once, and one more each `every_us`."""

    guesses: int
    every_us: int


ADDRESS = Pace(30, 30 * US_PER_S)
STRANGERS = Pace(200, 2 * US_PER_S)
KNOWN = Pace(10, 30 * US_PER_S)
# Six digits, three of them right at any time: 154 a day leave a guesser who has the password one chance in 2000 a day.
CODES = Pace(10, 600 * US_PER_S)


class Debts:
    """What each key still owes at this pace. Keys whose debt is paid are forgotten."""

    def __init__(self, pace: Pace, most_keys: int = MOST_KEYS) -> None:
        self._pace = pace
        self._most_keys = most_keys
        self._paid_us: OrderedDict[str, int] = OrderedDict()  # least recently charged first

    def __len__(self) -> int:
        return len(self._paid_us)

    def wait_us(self, key: str, now_us: int) -> int:
        """How long until the key has a place; 0 when it has one now."""
        owed_us = max(self._paid_us.get(key, 0) - now_us, 0)
        return max(owed_us - (self._pace.guesses - 1) * self._pace.every_us, 0)

    def charge(self, key: str, now_us: int) -> None:
        self._paid_us[key] = max(self._paid_us.pop(key, 0), now_us) + self._pace.every_us
        while self._paid_us and (len(self) > self._most_keys or next(iter(self._paid_us.values())) <= now_us):
            self._paid_us.popitem(last=False)

    def give_back(self, key: str, now_us: int) -> None:
        if key not in self._paid_us:
            return
        self._paid_us[key] -= self._pace.every_us
        if self._paid_us[key] <= now_us:
            del self._paid_us[key]


@dataclass(slots=True)
class Attempt:
    """A try under way. Its places are given back at its end, unless it is `failed` by then."""

    known: str | None
    failed: bool = False
    places: list[tuple[Debts, str]] = field(default_factory=list)


class Throttle:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._strangers = Debts(STRANGERS)
        self._addresses = Debts(ADDRESS)
        self._known = Debts(KNOWN)
        self._codes = Debts(CODES)

    @contextmanager
    def attempt(self, clock: Clock, address: str, known: str | None = None) -> Iterator[Attempt]:
        """A try from this address, or by who is known by this key; raises `TooMany` when there is no place."""
        attempt = Attempt(known)
        if known is not None:
            self._take(attempt, clock, (Refusal.KNOWN, self._known, known))
        else:
            source = source_of(address)
            self._take(
                attempt,
                clock,
                (Refusal.ADDRESS, self._addresses, source),
                (Refusal.STRANGERS, self._strangers, ""),
            )
        try:
            yield attempt
        finally:
            if not attempt.failed:
                self._give_back(attempt, clock)

    def take_code(self, attempt: Attempt, clock: Clock, account_id: str) -> None:
        """A place for a code of the second factor; raises `TooMany`, and the try counts, without one."""
        try:
            self._take(attempt, clock, (Refusal.CODE, self._codes, attempt.known or account_id))
        except TooMany:
            attempt.failed = True
            raise

    def _take(self, attempt: Attempt, clock: Clock, *wanted: tuple[Refusal, Debts, str]) -> None:
        now_us = clock.monotonic_us()
        with self._lock:
            wait_us, cause = max((debts.wait_us(key, now_us), cause) for cause, debts, key in wanted)
            if not wait_us:
                for _, debts, key in wanted:
                    debts.charge(key, now_us)
                    attempt.places.append((debts, key))
        if wait_us:
            note_refusal(cause)
            seconds = -(-wait_us // US_PER_S)
            raise TooMany(
                "too many wrong passwords or codes came from here.",
                mend=f"Try again in {seconds} s{'.' if attempt.known else _ELSEWHERE}",
                retry_after_s=seconds,
            )

    def _give_back(self, attempt: Attempt, clock: Clock) -> None:
        now_us = clock.monotonic_us()
        with self._lock:
            for debts, key in attempt.places:
                debts.give_back(key, now_us)


def source_of(address: str) -> str:
    """Who answers for an address: itself, or its network of 64 bits, of which one person has all addresses (RFC 6177).

    What is no address at all is one source.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False))


def note_refusal(cause: Refusal) -> None:
    _refusals().labels(cause).inc()


@cache
def _refusals() -> Counter:
    """Made at the first refusal: the command line never has one, and would import a library for nothing."""
    return counter("vedette_identity_refusals_total", "People and programs who were not let in.", ["cause"])

"""Media tickets: what the API hands a signed-in person, to be exchanged once for a session with the media server.

A ticket is sealed by the keyring that both processes read, so neither needs the other, nor a database.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput, NotAuthenticated
from foundation.identifiers import new_id
from foundation.keyring import Keyring

PURPOSE: Final = "media-ticket"
TICKET_LIFE_US: Final = 60 * US_PER_S
SESSION_LIFE_US: Final = 12 * 3600 * US_PER_S


@dataclass(frozen=True, slots=True)
class Grant:
    """What a media session may see, and until when."""

    account: str
    cameras: frozenset[str]
    expires_us: int


def issue(
    keyring: Keyring,
    clock: Clock,
    account: str,
    cameras: Collection[str],
    *,
    session_expires_us: int | None = None,
) -> str:
    """A ticket to exchange within `TICKET_LIFE_US`; the media session ends with the person's own at the latest."""
    now_us = clock.now_us()
    content = {
        "account": account,
        "cameras": sorted(cameras),
        "issued_us": now_us,
        "expires_us": now_us + TICKET_LIFE_US,
        "session_expires_us": min(now_us + SESSION_LIFE_US, session_expires_us or now_us + SESSION_LIFE_US),
        "once": new_id(clock),
    }
    return keyring.seal(json.dumps(content, separators=(",", ":")).encode(), PURPOSE)


class TicketOffice:
    """Redeems each ticket once. Tickets from before its own start are refused: it cannot know which were used."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._started_us = clock.now_us()
        self._used: dict[str, int] = {}  # until when each must be remembered

    def redeem(self, ticket: str) -> Grant:
        content = self._opened(ticket)
        now_us = self._clock.now_us()
        self._used = {once: until_us for once, until_us in self._used.items() if until_us > now_us}
        if not self._started_us <= content["issued_us"] or now_us >= content["expires_us"]:
            raise _refused("the ticket is too old.")
        if content["once"] in self._used:
            raise _refused("the ticket was used already.")
        self._used[content["once"]] = content["expires_us"]
        return Grant(content["account"], frozenset(content["cameras"]), content["session_expires_us"])

    def _opened(self, ticket: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self._keyring.unseal(ticket, PURPOSE))
        except InvalidInput:
            raise _refused("the ticket is not one of this center's.") from None
        return content


def _refused(what: str) -> NotAuthenticated:
    return NotAuthenticated(what, where="media ticket", mend="Ask the API for a new one.")

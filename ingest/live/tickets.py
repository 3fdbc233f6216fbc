"""Media tickets: what the API hands a signed-in person, to be exchanged once for a leave at the media server.

A ticket is the leave itself, sealed by the keyring that both processes read, so neither needs the other, nor a
database.
"""

from __future__ import annotations

import json
from typing import Any, Final

from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput, NotAuthenticated
from foundation.keyring import Keyring
from ingest.live.leaves import ClipLeave, Holder, Leave, LiveLeave

PURPOSE: Final = "media-ticket"
TICKET_LIFE_US: Final = 60 * US_PER_S


def issue(keyring: Keyring, leave: Leave) -> str:
    """A ticket to exchange within `TICKET_LIFE_US` of the leave's issue."""
    return keyring.seal(json.dumps(_content(leave), separators=(",", ":")).encode(), PURPOSE)


class TicketOffice:
    """Redeems each ticket once. Tickets from before its own start are refused: it cannot know which were used."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._started_us = clock.now_us()
        self._used: dict[str, int] = {}  # until when each must be remembered

    def redeem(self, ticket: str) -> Leave:
        leave = self._opened(ticket)
        now_us = self._clock.now_us()
        self._used = {used: until_us for used, until_us in self._used.items() if until_us > now_us}
        good_until_us = leave.issued_us + TICKET_LIFE_US
        if not self._started_us <= leave.issued_us or now_us >= good_until_us:
            raise refused("the ticket is too old.")
        if leave.id in self._used:
            raise refused("the ticket was used already.")
        self._used[leave.id] = good_until_us
        return leave

    def _opened(self, ticket: str) -> Leave:
        try:
            return _leave(json.loads(self._keyring.unseal(ticket, PURPOSE)))
        except (InvalidInput, ValueError, KeyError, TypeError, AttributeError):
            # What opens and is none was sealed by another version of Vedette.
            raise refused("the ticket is not one of this center's.") from None


def refused(what: str) -> NotAuthenticated:
    return NotAuthenticated(what, where="media ticket", mend="Ask the API for a new one.")


def _content(leave: Leave) -> dict[str, Any]:
    holder = {name: getattr(leave.holder, name) for name in ("account", "account_id", "session_id")}
    common = {"id": leave.id, "issued_us": leave.issued_us, "expires_us": leave.expires_us, "holder": holder}
    if isinstance(leave, LiveLeave):
        return common | {"cameras": sorted(leave.cameras)}
    names = ("camera_id", "stream", "start_us", "end_us", "alert_id")
    return common | {"clip": {name: getattr(leave, name) for name in names}}


def _leave(content: dict[str, Any]) -> Leave:
    holder = Holder(**content["holder"])
    common = (content["id"], holder, content["issued_us"], content["expires_us"])
    if "clip" in content:
        return ClipLeave(*common, **content["clip"])
    return LiveLeave(*common, frozenset(content["cameras"]))

"""What is read out of a request, within bounds."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from starlette.requests import Request

from foundation.errors import InvalidInput, TooMany

_MOST_BYTES: Final = 4 << 20  # a ticket names each camera of the scope
_MOST_AT_ONCE: Final = 64 << 20  # of all bodies that are under way: nobody has shown who they are yet
_PATIENCE_S: Final = 10


class TicketDesk:
    """Takes tickets in, within bounds of size and time."""

    def __init__(self) -> None:
        self._under_way = 0  # bytes

    async def ticket_of(self, request: Request) -> str:
        """The ticket in the body; `InvalidInput` for any other body, and for one that is large or slow."""
        try:
            body = await asyncio.wait_for(self._body(request), _PATIENCE_S)
        except TimeoutError:
            raise InvalidInput("the request does not come to its end.", mend="Send the ticket alone.") from None
        try:
            ticket = json.loads(body)["ticket"]
        except (ValueError, KeyError, TypeError, RecursionError):
            ticket = None
        if not isinstance(ticket, str):
            raise InvalidInput("the body is not a JSON object with a ticket.", mend='Send {"ticket": "..."}.')
        return ticket

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                self._under_way += len(chunk)
                if len(body) > _MOST_BYTES:
                    raise InvalidInput("the request is too large.", mend="Send the ticket alone.")
                if self._under_way > _MOST_AT_ONCE:
                    raise TooMany("too much is being handed in at once.", mend="Try again in a moment.")
        finally:
            self._under_way -= len(body)
        return bytes(body)


def time_of(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput("this is not a time in microseconds.", where=name, mend="Give microseconds since 1970, UTC.")
    return int(text)

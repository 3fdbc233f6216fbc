"""What is read out of a request, within bounds."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from starlette.requests import Request

from foundation.errors import InvalidInput

_MAX_TICKET_BYTES: Final = 4 << 20  # names each camera of the scope
_PATIENCE_S: Final = 10


async def ticket_of(request: Request) -> str:
    """The ticket in the body; `InvalidInput` for any other body, and for one that is large or slow."""
    try:
        body = await asyncio.wait_for(_body(request), _PATIENCE_S)
    except TimeoutError:
        raise InvalidInput("the request does not come to its end.", mend="Send the ticket alone.") from None
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, KeyError, TypeError, RecursionError):
        ticket = None
    if not isinstance(ticket, str):
        raise InvalidInput("the body is not a JSON object with a ticket.", mend='Send {"ticket": "..."}.')
    return ticket


def time_of(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput("this is not a time in microseconds.", where=name, mend="Give microseconds since 1970, UTC.")
    return int(text)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_TICKET_BYTES:
            raise InvalidInput("the request is too large.", mend="Send the ticket alone.")
    return bytes(body)

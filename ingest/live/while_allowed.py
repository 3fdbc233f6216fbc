"""An answer that breaks off when the leave for it is over, however slowly its reader takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ingest.live.media_sessions import Viewing


class WhileAllowed:
    """Sends the response while its viewing is not over; cut short, it lacks bytes that its header told of.

    `shown` is closed at the end: it holds the viewing.
    """

    def __init__(self, response: Response, viewing: Viewing, shown: ExitStack) -> None:
        self._response = response
        self._viewing = viewing
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._shown:
            sent, _ = await first_of(self._response(scope, receive, send), self._viewing.over.wait())
        if isinstance(sent, Exception):
            raise sent


async def first_of(*steps: Coroutine[Any, Any, Any]) -> list[Any]:
    """Until the first step is done; the others are cancelled. The results, errors among them."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return results

"""What a request must be before any route sees it: small, and when it changes something, sent by our own page.

A form or an image on a foreign page cannot send the header `X-Vedette`, and no other origin is allowed to ask. Nor can
it send `Authorization: Bearer`, with which the cookie does not count (see context).
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_center.web_api.bearer import bearer_of
from control_center.web_api.problems import problem

LARGEST_BODY: Final = 64 * 1024
LARGEST_HEAD: Final = 32 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestGuard:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in _SAFE and headers.get("x-vedette") != "1" and bearer_of(headers) is None:
            answer = problem(403, "forbidden", "the header X-Vedette is missing.", mend="Send `X-Vedette: 1`.")
            await answer(scope, receive, send)
        elif _declared_length(headers) > LARGEST_BODY:
            answer = problem(413, "too_large", f"the request is larger than {LARGEST_BODY} bytes.")
            await answer(scope, receive, send)
        else:
            await self._app(scope, _limited(receive), send)


def _declared_length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """Chunked bodies declare no length: count what comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413)
        return message

    return counted

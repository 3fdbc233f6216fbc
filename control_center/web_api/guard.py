"""What a request must be before any route sees it: small, JSON, and when it changes something, sent by our own page.
A route that takes files says how large they may be, and of what kind.

A form or an image on a foreign page cannot send the header `X-Vedette`, and no other origin is allowed to ask. Besides,
the browser itself says where a request comes from (`Sec-Fetch-Site`; `Origin` where that is missing). No foreign page
can send `Authorization: Bearer`, with which the cookie does not count (see context): a program needs none of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_center.web_api.bearer import bearer_of
from control_center.web_api.problems import problem

LARGEST_HEAD: Final = 32 * 1024  # request line and headers
MOST_HEADERS: Final = 100
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON: Final = "application/json"
_OUR_SITES: Final = frozenset({"same-origin", "none"})  # none: the person typed the address


@dataclass(frozen=True, slots=True)
class Body:
    """What a request's body may be; `kinds` are media types."""

    largest: int = 64 * 1024  # bytes
    kinds: frozenset[str] = frozenset({_JSON})


_USUAL: Final = Body()


class RequestGuard:
    """`public_url` is the address of our pages where a web server stands before us; `bodies` are those of the paths
    that take another one than usual."""

    def __init__(self, app: ASGIApp, public_url: str | None = None, bodies: Mapping[str, Body] | None = None) -> None:
        self._app = app
        self._public_url = public_url
        self._bodies = bodies or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal: Response | None
        if _has_large_head(scope):
            refusal = problem(431, "too_large", f"the request's head is larger than {LARGEST_HEAD} bytes.")
        elif scope["type"] == "websocket":
            refusal = self._socket_refusal(headers)
        else:
            refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["type"] == "http" and _may_have_body(headers):
            await self._app(scope, _limited(receive, self._body(scope).largest), send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["method"] not in _SAFE and bearer_of(headers) is None:
            if headers.get("x-vedette") != "1":
                return problem(403, "forbidden", "the header X-Vedette is missing.", mend="Send `X-Vedette: 1`.")
            if not self._is_from_our_page(headers):
                return problem(403, "cross_site", "this was sent by a page of another site.", mend="Use the console.")
        if not _may_have_body(headers):
            return None
        body = self._body(scope)
        if _declared_length(headers) > body.largest:
            return problem(413, "too_large", f"the request is larger than {body.largest} bytes.")
        return None if _kind(headers) in body.kinds else _other_kind(body)

    def _body(self, scope: Scope) -> Body:
        return self._bodies.get(scope["path"], _USUAL)

    def _socket_refusal(self, headers: Headers) -> Response | None:
        """A foreign page may open a WebSocket, and the browser sends our cookie along: only `Origin` tells."""
        if bearer_of(headers) is None and not self._is_our_origin(headers):
            return problem(403, "cross_site", "this was opened by a page of another site.", mend="Use the console.")
        return None

    def _is_from_our_page(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in _OUR_SITES
        return "origin" not in headers or self._is_our_origin(headers)

    def _is_our_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin", "null")
        if self._public_url is not None and origin == self._public_url:
            return True
        try:
            named = urlsplit(origin)
        except ValueError:
            return False
        return named.scheme in ("http", "https") and named.netloc != "" and named.netloc == headers.get("host")


def _has_large_head(scope: Scope) -> bool:
    """The server's own limit holds for a head that comes in parts; one that comes at once passes it."""
    raw = scope["headers"]
    size = len(scope["raw_path"]) + len(scope["query_string"])
    return len(raw) > MOST_HEADERS or size + sum(len(name) + len(value) for name, value in raw) > LARGEST_HEAD


def _may_have_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _other_kind(body: Body) -> Response:
    if _JSON in body.kinds:
        return problem(415, "not_json", "the body must be JSON.", mend=f"Send `Content-Type: {_JSON}`.")
    kinds = ", ".join(sorted(body.kinds))
    return problem(415, "other_kind", "the body is of a kind that is not taken here.", mend=f"Send one of {kinds}.")


def _declared_length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _limited(receive: Receive, largest: int) -> Receive:
    """Chunked bodies declare no length: count what comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise HTTPException(413)
        return message

    return counted

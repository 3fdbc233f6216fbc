"""Headers on every answer: what a browser may load for our pages, and who may frame or keep them.

After OWASP's HTTP Headers Cheat Sheet. Left out: `X-XSS-Protection`, which browsers dropped, and
`Cross-Origin-Embedder-Policy`, which would keep the media server's pictures from our pages.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.settings import ListenSettings

_HOST_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_FIXED_RAW: Final = [(name.lower().encode(), value.encode()) for name, value in _FIXED.items()]
# The browser then never asks this host without TLS again. Not for the hosts below it: they are not ours.
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    def __init__(self, app: ASGIApp, live: ListenSettings) -> None:
        self._app = app
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        fixed = [*_FIXED_RAW, (b"content-security-policy", content_security_policy(connection, self._live).encode())]
        if scope["scheme"] == "https":
            fixed.append(_HSTS)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"] = [*message.get("headers", ()), *fixed]
                if not any(name == b"cache-control" for name, _ in given):
                    given.append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, with_headers)


def live_origin(request: HTTPConnection, live: ListenSettings) -> str:
    """Origin of the media server as the browser reaches it: as set, else on the host of this request."""
    return live.public_url or f"{request.scope['scheme']}://{_host(request.headers)}:{live.port}"


def content_security_policy(request: HTTPConnection, settings: ListenSettings) -> str:
    return _policy(live_origin(request, settings))


@lru_cache(maxsize=64)
def _policy(live: str) -> str:
    socket = live.replace("http", "ws", 1)
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"media-src 'self' blob: {live}",
            f"connect-src 'self' {live} {socket}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _host(headers: Headers) -> str:
    """The host the browser named, without its port; a name that is none would end up in a header."""
    named = headers.get("host", "")
    host = named if named.endswith("]") else re.sub(r":\d*$", "", named)
    return host if _HOST_NAME.fullmatch(host) else "127.0.0.1"

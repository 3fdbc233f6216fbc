"""Headers on every answer: what a browser may load for our pages, and who may frame or keep them."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.settings import ListenSettings

_HOST_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class SecurityHeaders:
    def __init__(self, app: ASGIApp, live: ListenSettings) -> None:
        self._app = app
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = content_security_policy(HTTPConnection(scope), self._live)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_FIXED | {"Content-Security-Policy": policy})
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def live_origin(request: HTTPConnection, live: ListenSettings) -> str:
    """Origin of the media server as the browser reaches it: as set, else on the host of this request."""
    return live.public_url or f"{request.url.scheme}://{_host(request.headers)}:{live.port}"


def content_security_policy(request: HTTPConnection, settings: ListenSettings) -> str:
    live = live_origin(request, settings)
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

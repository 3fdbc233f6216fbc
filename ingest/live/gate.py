"""What stands before every request to the media server: the origin is checked, and each answer carries its headers."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Forbidden
from foundation.settings import ListenSettings
from ingest.live.problems import problem

_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "content-type, range, x-vedette",
    "Access-Control-Max-Age": "600",
}
_WILDCARDS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - told apart, not listened on


# What a browser says of a request without `Origin` (Fetch Metadata): a link followed, or a picture within a page that
# need not be the console's, although it is on this host.
_NOT_ASKED_BY_SCRIPT: Final = frozenset({"navigate", "no-cors"})


class OriginGate:
    """Browsers reach this server from the console's pages only."""

    def __init__(self, app: ASGIApp, console: ListenSettings) -> None:
        self._app = app
        self._port = console.port
        hosts = {"127.0.0.1", "localhost"} | ({_bracketed(console.host)} - _WILDCARDS)
        self._origins = frozenset(f"{scheme}://{host}:{console.port}" for scheme in ("http", "https") for host in hosts)
        if console.public_url is not None:
            self._origins |= {console.public_url}
        self._any_own_host = console.host in _WILDCARDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")

        async def send_guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                _complete(message, origin if self._is_console(headers) else None)
            await send(message)

        if not self._is_admitted(headers):
            refused = problem(
                Forbidden("this origin is not the console's.", mend="Open the console at its own address.")
            )
            await refused(scope, receive, send_guarded)
        elif scope["type"] == "http" and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _is_admitted(self, headers: Headers) -> bool:
        if "origin" in headers:
            return self._is_console(headers)
        return headers.get("sec-fetch-mode") not in _NOT_ASKED_BY_SCRIPT

    def _is_console(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin in self._origins:
            return True
        # A console that listens on every address is the one on the same host name as this request.
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        return self._any_own_host and origin in (f"http://{host}:{self._port}", f"https://{host}:{self._port}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and host not in _WILDCARDS else host


def _complete(message: MutableMapping[str, Any], origin: str | None) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.add_vary_header("Origin")
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = "Accept-Ranges, Content-Length, Content-Range"

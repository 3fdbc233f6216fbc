"""Requests as metrics: how many, and how long they took, by route and status. What no route foresaw ends here."""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_center.web_api.problems import problem
from foundation.metrics import counter, histogram

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_requests = counter("vedette_api_requests_total", "Requests answered.", ["method", "route", "status"])
_seconds = histogram("vedette_api_request_seconds", "Time until an answer was sent.", _BUCKETS, ["method", "route"])
_log = structlog.get_logger()


class Measured:
    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s, status, is_endless = perf_counter(), 0, False

        async def noting(message: Message) -> None:
            nonlocal status, is_endless
            if message["type"] == "http.response.start":
                status = message["status"]
                is_endless = any(value.startswith(b"text/event-stream") for _, value in message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            _log.error("request_crashed", path=scope["path"], exc_info=error)
            if status:
                raise
            answer = problem(500, "internal", "something went wrong here.", mend="Ask an administrator for the log.")
            await answer(scope, receive, noting)
        finally:
            method, route = scope["method"] if scope["method"] in _METHODS else "other", self._template(scope)
            _count(method, route, status).inc()
            if not is_endless:
                _time(method, route).observe(perf_counter() - begun_s)

    def _template(self, scope: Scope) -> str:
        """The route's path as declared. What is no route has one label together: anybody can make up paths."""
        path = getattr(scope.get("route"), "path", None)
        if not isinstance(path, str):
            return "other"
        return f"{self._prefix}{path}" if scope["path"].startswith(f"{self._prefix}/") else path or "console"


# Bounded by the routes that there are; a look-up by labels costs ten times as much.
@lru_cache(maxsize=4096)
def _count(method: str, route: str, status: int) -> Counter:
    return _requests.labels(method, route, str(status))


@lru_cache(maxsize=1024)
def _time(method: str, route: str) -> Histogram:
    return _seconds.labels(method, route)

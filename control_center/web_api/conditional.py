"""Conditional requests (RFC 9110, section 13): a change names the version that it was made from, and who has an answer
already is not sent it again."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import PreconditionFailed, PreconditionRequired

_TAGGED: Final = frozenset({b"application/json", b"application/geo+json"})
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def etag(version: int) -> str:
    """The strong entity tag of a row's version."""
    return f'"v{version}"'


def require_match(request: Request, version: int) -> None:
    """Raise `PreconditionRequired` without `If-Match`, `PreconditionFailed` when it names another version."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired("If-Match is missing.", mend="Send the ETag that you read.")
    if etag(version) not in [tag.strip() for tag in given.split(",")]:
        raise PreconditionFailed("somebody else changed it meanwhile.", mend="Look at its present state first.")


class EntityTags:
    """A weak tag over the content of each JSON answer to a GET, unless its route gives one; 304 for who shows it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(self._prefix):
            await self._app(scope, receive, _Tagging(scope, send))
        else:
            await self._app(scope, receive, send)


class _Tagging:
    """A `send` that holds the head of an answer back until its body is known. Streams pass."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._shown = Headers(scope=scope).get("if-none-match")
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_tagged(message):
                self._head = message
                return
        elif self._head is not None:
            head, self._head = self._head, None
            if not message.get("more_body", False):
                message = self._tagged(head, message)
            await self._send(head)
        await self._send(message)

    def _tagged(self, head: Message, message: Message) -> Message:
        headers = MutableHeaders(raw=head["headers"])
        tag = headers.get("etag")
        if tag is None:
            digest = hashlib.blake2b(message.get("body", b""), digest_size=16).hexdigest()
            tag = f'W/"{digest}"'
            head["headers"].append((b"etag", tag.encode()))
        if self._shown is None or not _matches(self._shown, tag):
            return message
        head["status"] = 304
        del headers["content-length"]
        return {**message, "body": b""}


def _is_tagged(head: Message) -> bool:
    kinds = {value for name, value in head["headers"] if name == b"content-type"}
    return head["status"] == 200 and not kinds.isdisjoint(_TAGGED)


def _matches(shown: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, 8.8.3.2)."""
    return shown.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(shown)

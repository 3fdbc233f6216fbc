"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on requests that change something.

The key is taken before the deed, the answer kept after it. A refusal (4xx) has changed nothing, so that it frees the
key; after a fault (5xx) nobody knows, so that the key stays taken, without an answer. The caller's own session and
tokens are left out. What an account does at a console and what each of its tokens does is kept apart: a program with
fewer rights sees no answer that its person got.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_center.identity import kept_answers
from control_center.identity.kept_answers import Taken
from control_center.identity.principal import Principal
from control_center.web_api.context import ApiContext, recognise
from control_center.web_api.problems import known, no_database, problem
from foundation.database import transaction
from foundation.errors import NotAuthenticated, VedetteError

LONGEST_KEY: Final = 255
LARGEST_ANSWER: Final = 256 * 1024
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Their requests hold people's passwords, and an answer may hold a token.
_WITH_SECRETS: Final = ("/session", "/tokens")
_KEPT_HEADERS: Final = frozenset({b"content-type", b"content-disposition", b"etag", b"location"})
_log = structlog.get_logger()


class Idempotency:
    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope).get("idempotency-key") if self._applies(scope) else None
        if key is None:
            await self._app(scope, receive, send)
            return
        key = key.strip('"')
        if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
            answer: Response = problem(422, "invalid_input", "Idempotency-Key must be 1 to 255 visible characters.")
            await answer(scope, receive, send)
            return
        await self._once(scope, receive, key, send)

    def _applies(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in _CHANGING:
            return False
        path = str(scope["path"])
        with_secrets = tuple(f"{self._prefix}{room}/" for room in _WITH_SECRETS)
        return path.startswith(self._prefix) and not f"{path}/".startswith(with_secrets)

    async def _once(self, scope: Scope, receive: Receive, key: str, send: Send) -> None:
        context: ApiContext = scope["app"].state.context
        try:
            principal = await run_in_threadpool(recognise, HTTPConnection(scope), context)
            if principal.locked:  # what a locked console may do, it may do twice
                raise NotAuthenticated("nobody is at the console.")
        except (VedetteError, SQLAlchemyError):
            await self._app(scope, receive, send)  # the route says why
            return
        try:
            body = await _whole(receive)
        except HTTPException as error:
            await problem(error.status_code, "too_large", "the request is too large.")(scope, receive, send)
            return
        if body is not None:  # else the client went away in the middle
            await self._answer(scope, _replaying(body, receive), send, (principal, key, body))

    async def _answer(self, scope: Scope, again: Receive, send: Send, asked: tuple[Principal, str, bytes]) -> None:
        context: ApiContext = scope["app"].state.context
        try:
            found = await run_in_threadpool(_take, context, scope, *asked)
            if isinstance(found, str):
                await _replayed(kept_answers.opened(context.keyring, found))(scope, again, send)
                return
        except VedetteError as error:
            await known(error)(scope, again, send)
            return
        except SQLAlchemyError as error:  # without the key, the deed could be done twice
            _log.warning("key_not_taken", error=type(error).__name__)
            await no_database()(scope, again, send)
            return
        held = _Held(send)
        try:
            await self._app(scope, again, held.send)
        except Exception:
            await _note(context, lambda session: kept_answers.doubt(session, found))
            raise
        await _settle(context, found, held)
        await held.release()


class _Held:
    """The answer, held back until it is kept; one that is too long is passed on as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []
        self.is_whole = True
        self._size = 0

    async def send(self, message: Message) -> None:
        self._size += len(message.get("body", b""))
        self._messages.append(message)
        if self._size > LARGEST_ANSWER:
            self.is_whole = False
            await self.release()

    async def release(self) -> None:
        for message in self._messages:
            await self._send(message)
        if not self.is_whole:
            self._messages = []

    @property
    def status(self) -> int:
        return int(self._messages[0]["status"]) if self._messages else 500

    def packed(self) -> bytes:
        head = self._messages[0]
        headers = [(name.decode(), value.decode("latin-1")) for name, value in head["headers"] if name in _KEPT_HEADERS]
        body = b"".join(message.get("body", b"") for message in self._messages[1:])
        return json.dumps({"status": head["status"], "headers": headers, "body": b64encode(body).decode()}).encode()


def _replayed(packed: bytes) -> Response:
    kept = json.loads(packed)
    response = Response(b64decode(kept["body"]), kept["status"], dict(kept["headers"]))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _take(context: ApiContext, scope: Scope, principal: Principal, key: str, body: bytes) -> Taken | str:
    request_hash = _hash(scope, body, key)
    with transaction(context.stores.core) as session:
        own = f"{principal.session_id} {key}" if principal.method == "token" else key
        return kept_answers.take(session, context.clock, principal.account_id, own, request_hash)


async def _settle(context: ApiContext, taken: Taken, held: _Held) -> None:
    if not held.is_whole or held.status >= 500:
        await _note(context, lambda session: kept_answers.doubt(session, taken))
    elif held.status >= 400:
        await _note(context, lambda session: kept_answers.give_up(session, taken))
    else:
        packed = held.packed()
        await _note(context, lambda session: kept_answers.keep(session, context.keyring, taken, packed))


async def _note(context: ApiContext, write: Callable[[Session], None]) -> None:
    """The deed is done whether its answer can be kept or not: who asks again is told that nobody knows."""

    def within() -> None:
        with transaction(context.stores.core) as session:
            write(session)

    try:
        await run_in_threadpool(within)
    except SQLAlchemyError as error:
        _log.warning("answer_not_kept", error=type(error).__name__)


async def _whole(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes: a streamed answer ends at once when it is told that nobody listens."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _hash(scope: Scope, body: bytes, key: str) -> str:
    """Under the key, which is kept nowhere: of a request that holds a camera's password, a plain hash would be enough
    to try passwords on."""
    headers = Headers(scope=scope)
    parts = [scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers.get("if-match", "")]
    found = hmac.new(key.encode(), "\n".join(parts).encode() + b"\n", "sha256")
    found.update(body)
    return found.hexdigest()

"""What every route is given: the center's parts, and who asks with which right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.requests import HTTPConnection
from sqlalchemy import Connection

from control_center.evidence.storage import StorageReports
from control_center.identity import recognition, tokens
from control_center.identity.authority import Authority
from control_center.identity.devices import Device, from_cookie
from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.identity.sessions import Entrance, Visit, token_hash
from control_center.identity.throttle import Refusal, note_refusal
from control_center.web_api.answers import answer
from control_center.web_api.bearer import bearer_of
from control_center.web_api.live_events import EventFeed
from control_center.web_api.slots import Slots
from device_registry.operations.steering import Steering
from device_registry.rotation.background import Background
from foundation.clock import Clock
from foundation.database import Stores, reading_rows
from foundation.errors import Forbidden, NotAuthenticated
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
from ingest.live import ended
from matching.catalogue import Catalogue
from matching.look_ups.looking_up import RecordLookUps
from matching.look_ups.plates import PlateLookUps

SESSION_COOKIE = "vedette_session"
DEVICE_COOKIE = "vedette_device"
READERS = 2


@dataclass(frozen=True, slots=True)
class ApiContext:
    settings: Settings
    stores: Stores
    keyring: Keyring
    clock: Clock
    origin: Origin
    catalogue: Catalogue
    feed: EventFeed
    entrance: Entrance
    storage: StorageReports
    steering: Steering
    rotations: Background
    look_ups: RecordLookUps
    plate_look_ups: PlateLookUps
    readers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(READERS))  # of lists, at a time
    imports: Slots = field(default_factory=lambda: Slots("imports", most=1, each=1, retry_after_s=10))
    probes: Slots = field(default_factory=lambda: Slots("probes", most=16, each=4, retry_after_s=5))
    rotation_previews: Slots = field(default_factory=lambda: Slots("previews", most=2, each=1, retry_after_s=5))
    discoveries: Slots = field(default_factory=lambda: Slots("discoveries", most=2, each=1, retry_after_s=10))


async def _context(connection: HTTPConnection) -> ApiContext:
    context: ApiContext = connection.app.state.context
    return context


Context = Annotated[ApiContext, Depends(_context)]


def visit_of(request: Request) -> Visit:
    """Where a request comes from; a web server before us is believed what it forwards (see serving)."""
    address = request.client.host if request.client else ""
    return Visit(address, request.headers.get("user-agent", ""), device_of(request))


def device_of(request: Request) -> Device | None:
    """The browser, when somebody signed in with it before."""
    context: ApiContext = request.app.state.context
    return from_cookie(context.keyring, request.cookies.get(DEVICE_COOKIE))


async def signed_in(connection: HTTPConnection, context: Context) -> Principal:
    """Whoever holds the session, also before they have set their own password."""
    return await run_in_threadpool(recognise, connection, context)


def recognise(connection: HTTPConnection, context: ApiContext) -> Principal:
    """Who asks, read anew: what was taken away a moment ago is gone with the next request.

    Who shows a token is who the token says, or nobody: the cookie does not count then, as it does without `X-Vedette`.
    """
    bearer = bearer_of(connection.headers)
    if bearer is not None:
        return _program(bearer, context)
    token = _session_token(connection)
    with reading_rows(context.stores.core) as rows:
        return recognition.recognise(rows, token_hash(token), context.clock.now_us(), context.entrance.rules)


def _session_token(connection: HTTPConnection) -> str:
    token = connection.cookies.get(SESSION_COOKIE)
    if token is None:
        raise NotAuthenticated("nobody is signed in.", mend="Sign in.")
    return token


def _program(token: str, context: ApiContext) -> Principal:
    now_us, rules = context.clock.now_us(), context.entrance.rules
    try:
        with reading_rows(context.stores.core) as rows:
            principal, noted_us = recognition.recognise_program(rows, token_hash(token), now_us, rules)
    except NotAuthenticated:
        note_refusal(Refusal.TOKEN)
        raise
    tokens.note_use(context.stores.core, principal, noted_us, context.clock)
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]


async def _session_holder(principal: SignedIn) -> Principal:
    if principal.method == "token":
        raise Forbidden("a token cannot do this.", where=principal.username, mend="Sign in at the console.")
    return principal


# A person at a console, which may be locked.
SessionHolder = Annotated[Principal, Depends(_session_holder)]


async def _person(principal: SessionHolder) -> Principal:
    principal.require_unlocked()
    return principal


# A person at a console that is not locked; they may still have to set a password or a second factor.
Person = Annotated[Principal, Depends(_person)]


def _under(right: Right) -> Callable[[Principal], Awaitable[Principal]]:
    async def acting(principal: SignedIn) -> Principal:
        return principal.acting_under(right)

    return acting


Enterer = Annotated[Principal, Depends(_under(Right.ENTER))]
CameraSeer = Annotated[Principal, Depends(_under(Right.SEE_CAMERAS))]
Watcher = Annotated[Principal, Depends(_under(Right.WATCH))]
Player = Annotated[Principal, Depends(_under(Right.PLAYBACK))]
Reader = Annotated[Principal, Depends(_under(Right.READ))]
LookerUp = Annotated[Principal, Depends(_under(Right.LOOK_UP))]
Decider = Annotated[Principal, Depends(_under(Right.DECIDE))]
Locker = Annotated[Principal, Depends(_under(Right.LOCK_EVIDENCE))]
Releaser = Annotated[Principal, Depends(_under(Right.RELEASE_EVIDENCE))]
Configurer = Annotated[Principal, Depends(_under(Right.CONFIGURE))]
PtzController = Annotated[Principal, Depends(_under(Right.CONTROL_PTZ))]
Registrar = Annotated[Principal, Depends(_under(Right.REGISTER))]
Lender = Annotated[Principal, Depends(_under(Right.LEND))]
Auditor = Annotated[Principal, Depends(_under(Right.AUDIT))]
Administrator = Annotated[Principal, Depends(_under(Right.ADMINISTER))]


class Asking:
    """Who asks for a list, not known yet: found out in the thread and on the connection that read the list, which saves
    a third of a request's cost. Nothing can be read before: the scope is in what `reading` gives."""

    def __init__(self, connection: HTTPConnection, right: Right) -> None:
        self.context: ApiContext = connection.app.state.context
        self._connection = connection
        self._right = right

    @contextmanager
    def reading(self) -> Iterator[tuple[Principal, Connection]]:
        """The principal acting under the right, and the rows of the store *core*; raises as the dependencies do."""
        context, program = self.context, None
        if bearer_of(self._connection.headers) is not None:
            program = recognise(self._connection, context)
        token = "" if program else _session_token(self._connection)
        with reading_rows(context.stores.core) as rows:
            principal = program or recognition.recognise(
                rows, token_hash(token), context.clock.now_us(), context.entrance.rules
            )
            yield principal.acting_under(self._right), rows

    async def answer(
        self, read: Callable[[Principal, Connection], Mapping[str, object]], media_type: str = "application/json"
    ) -> Response:
        """What `read` finds, as JSON, from one of few threads.

        SQLite's driver lets go of the interpreter at each row: more threads than processors only wake each other.
        """

        def within() -> Response:
            with self.reading() as (principal, rows):
                return answer(read(principal, rows), media_type)

        return await to_thread.run_sync(within, limiter=self.context.readers)


def _asking(right: Right) -> Callable[..., Awaitable[Asking]]:
    async def asking(connection: HTTPConnection) -> Asking:
        return Asking(connection, right)

    return asking


AskingEnterer = Annotated[Asking, Depends(_asking(Right.ENTER))]
AskingCameraSeer = Annotated[Asking, Depends(_asking(Right.SEE_CAMERAS))]
AskingReader = Annotated[Asking, Depends(_asking(Right.READ))]


RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


def end_media(
    context: ApiContext,
    *,
    session_ids: Sequence[str] = (),
    account_ids: Sequence[str] = (),
    locked_session_ids: Sequence[str] = (),
) -> None:
    """Let the media server know, after the commit, whose pictures end: it has no database to look at.

    A locked session loses recorded footage alone.
    """
    ended.note_ended(
        context.settings.run_dir,
        context.clock,
        session_ids=session_ids,
        account_ids=account_ids,
        locked_session_ids=locked_session_ids,
    )


def authority_of(principal: Principal, context: ApiContext) -> Authority:
    """What an administrator or a lender may change; `principal` is acting under that right."""
    return Authority.of(principal, context.origin)

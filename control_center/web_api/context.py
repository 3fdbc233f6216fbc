"""What every route is given: the center's parts, and who asks with which right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from control_center.identity.authority import Authority
from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.identity.sessions import Entrance, Visit, authenticate
from control_center.web_api.live_events import EventFeed
from foundation.clock import Clock
from foundation.database import Stores, reading
from foundation.errors import Forbidden, NotAuthenticated
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
from ingest.live import ended
from matching.catalogue import Catalogue

SESSION_COOKIE = "vedette_session"


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


def _context(request: Request) -> ApiContext:
    context: ApiContext = request.app.state.context
    return context


Context = Annotated[ApiContext, Depends(_context)]


def visit_of(request: Request) -> Visit:
    """Where a request comes from; a web server before us is believed what it forwards (see serving)."""
    return Visit(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def signed_in(request: Request, context: Context) -> Principal:
    """Whoever holds the session, also before they have set their own password."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise NotAuthenticated("nobody is signed in.", mend="Sign in.")
    with reading(context.stores.core) as session:
        return authenticate(session, token, context.clock, context.entrance.rules)


SignedIn = Annotated[Principal, Depends(signed_in)]


def _session_holder(principal: SignedIn) -> Principal:
    if principal.method == "token":
        raise Forbidden("a token cannot do this.", where=principal.username, mend="Sign in at the console.")
    return principal


# A person at a console, which may be locked.
SessionHolder = Annotated[Principal, Depends(_session_holder)]


def _person(principal: SessionHolder) -> Principal:
    principal.require_unlocked()
    return principal


# A person at a console that is not locked; they may still have to set a password or a second factor.
Person = Annotated[Principal, Depends(_person)]


def _under(right: Right) -> Callable[[Principal], Principal]:
    def acting(principal: SignedIn) -> Principal:
        return principal.acting_under(right)

    return acting


Enterer = Annotated[Principal, Depends(_under(Right.ENTER))]
CameraSeer = Annotated[Principal, Depends(_under(Right.SEE_CAMERAS))]
Watcher = Annotated[Principal, Depends(_under(Right.WATCH))]
Player = Annotated[Principal, Depends(_under(Right.PLAYBACK))]
Reader = Annotated[Principal, Depends(_under(Right.READ))]
Decider = Annotated[Principal, Depends(_under(Right.DECIDE))]
Lender = Annotated[Principal, Depends(_under(Right.LEND))]
Auditor = Annotated[Principal, Depends(_under(Right.AUDIT))]
Administrator = Annotated[Principal, Depends(_under(Right.ADMINISTER))]


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

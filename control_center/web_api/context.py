"""What every route is given: the center's parts, and who asks with which right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from control_center.identity.roles import Right
from control_center.identity.sessions import Principal, authenticate
from control_center.web_api.live_events import EventFeed
from foundation.clock import Clock
from foundation.database import Stores, reading
from foundation.errors import NotAuthenticated
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
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


def _context(request: Request) -> ApiContext:
    context: ApiContext = request.app.state.context
    return context


Context = Annotated[ApiContext, Depends(_context)]


def signed_in(request: Request, context: Context) -> Principal:
    """Whoever holds the session, also before they have set their own password."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise NotAuthenticated("nobody is signed in.", mend="Sign in.")
    with reading(context.stores.core) as session:
        return authenticate(session, token, context.clock)


SignedIn = Annotated[Principal, Depends(signed_in)]


def _with(right: Right) -> Callable[[Principal], Principal]:
    def checked(principal: SignedIn) -> Principal:
        principal.require(right)
        return principal

    return checked


Reader = Annotated[Principal, Depends(_with(Right.READ))]
Watcher = Annotated[Principal, Depends(_with(Right.WATCH))]
Decider = Annotated[Principal, Depends(_with(Right.DECIDE))]

"""`/session/oidc`: signing in through an OpenID provider, and `/session/methods`: how one may sign in here.

Two GET routes change something, for a browser comes to them by links and redirects. Against foreign pages that
send it here, the guard's header is no help; what is, is the flow's cookie: beginning gives the browser nothing but that
cookie, and the callback counts only with the very cookie whose state the provider's answer repeats, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from control_center.identity import accounts
from control_center.identity.oidc import flow, links
from control_center.identity.oidc.outbound import is_loopback
from control_center.identity.oidc.provider import Provider
from control_center.identity.oidc.refusal import SignInRefused, unreachable
from control_center.identity.sessions import SignedIn, Visit
from control_center.identity.throttle import ADDRESS, STRANGERS, Debts, source_of
from control_center.web_api.context import ApiContext, Context, end_media, recognise, visit_of
from control_center.web_api.sessions import give_cookie
from foundation.clock import US_PER_S, Clock
from foundation.database import reading
from foundation.errors import NotAuthenticated, NotFound

router = APIRouter(prefix="/session", tags=["session"])
FLOW_COOKIE = "vedette_sign_in"
CALLBACK = "/api/v1/session/oidc/callback"
_LONGEST = 4096
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to sign in through the provider, for as long as the process lives."""

    provider: Provider
    flows: flow.Flows
    clock: Clock
    # Sign-ins that came to nothing, at the pace of wrong passwords: each is kept in the audit trail.
    by_address: Debts = field(default_factory=lambda: Debts(ADDRESS))
    by_all: Debts = field(default_factory=lambda: Debts(STRANGERS))

    @classmethod
    def of(cls, context: ApiContext) -> Desk | None:
        """None where no provider is set."""
        settings = context.settings.identity.oidc
        if settings.issuer is None:
            return None
        return cls(Provider(settings, context.clock), flow.Flows(context.keyring, context.clock), context.clock)

    def require_place(self, visit: Visit) -> None:
        now_us = self.clock.monotonic_us()
        if self.by_address.wait_us(source_of(visit.address), now_us) or self.by_all.wait_us("", now_us):
            raise unreachable("too_many")

    def count_refusal(self, visit: Visit) -> None:
        now_us = self.clock.monotonic_us()
        self.by_address.charge(source_of(visit.address), now_us)
        self.by_all.charge("", now_us)


class ProviderMethod(BaseModel):
    title: str


class SignInMethods(BaseModel):
    """`first_run`: nobody could have signed in yet, for no account is in use."""

    oidc: ProviderMethod | None
    first_run: bool


async def _desk(request: Request) -> Desk:
    desk: Desk | None = request.app.state.sign_in_desk
    if desk is None:
        raise NotFound("no sign-in provider is set here.", mend="Sign in with your password.")
    return desk


SignInDesk = Annotated[Desk, Depends(_desk)]
FromProvider = Annotated[str | None, Query(max_length=_LONGEST)]


@router.get("/methods")
def methods(context: Context) -> SignInMethods:
    settings = context.settings.identity.oidc
    with reading(context.stores.core) as session:
        first_run = not accounts.any_in_use(session)
    return SignInMethods(oidc=ProviderMethod(title=settings.title) if settings.issuer else None, first_run=first_run)


@router.get("/oidc", status_code=303, response_class=RedirectResponse)
async def go_to_provider(request: Request, context: Context, desk: SignInDesk) -> RedirectResponse:
    """To the provider, or back to the console with `/#/?sign-in=KIND`."""
    try:
        redirect_uri = _redirect_uri(request, context)
        replaces = await run_in_threadpool(_session_of, request, context)
        url, begun = await flow.begin(desk.provider, context.clock, redirect_uri, replaces)
    except SignInRefused as refusal:
        return _turned_away(refusal)
    response = RedirectResponse(url, 303)
    response.set_cookie(
        FLOW_COOKIE,
        desk.flows.seal(begun),
        max_age=flow.FLOW_US // US_PER_S,
        path=CALLBACK,
        secure=redirect_uri.startswith("https:"),
        httponly=True,
        samesite="lax",  # the provider sends the browser back, which makes it a request from another site
    )
    return response


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse)
async def come_back(
    request: Request,
    context: Context,
    desk: SignInDesk,
    state: FromProvider = None,
    code: FromProvider = None,
    error: FromProvider = None,
    iss: FromProvider = None,
) -> RedirectResponse:
    """To the console, signed in, or with `/#/?sign-in=KIND`."""
    answer = flow.Answer(state, code, error, iss)
    try:
        opened = await _opened(request, context, desk, answer)
    except SignInRefused as refusal:
        response = _turned_away(refusal)
    else:
        response = RedirectResponse("/", 303)
        give_cookie(request, response, opened)
    response.delete_cookie(FLOW_COOKIE, path=CALLBACK, httponly=True, samesite="lax")
    return response


async def _opened(request: Request, context: ApiContext, desk: Desk, answer: flow.Answer) -> SignedIn:
    begun = desk.flows.resume(request.cookies.get(FLOW_COOKIE))
    visit = visit_of(request)
    desk.require_place(visit)
    try:
        person = await flow.prove(desk.provider, context.clock, begun, answer)
        opened = await run_in_threadpool(links.admit, context.entrance, person, visit, replaces=begun.replaces)
    except SignInRefused as refusal:
        desk.count_refusal(visit)
        # Only of flows that began here: who makes up a callback does not write into the audit trail.
        await run_in_threadpool(links.note_refused, context.entrance, refusal, visit)
        raise
    if begun.replaces is not None:
        await run_in_threadpool(end_media, context, session_ids=[begun.replaces])
    return opened


def _turned_away(refusal: SignInRefused) -> RedirectResponse:
    _log.warning("provider_sign_in_refused", kind=refusal.refusal, cause=refusal.cause)
    return RedirectResponse(f"/#/?sign-in={refusal.refusal}", 303)


def _redirect_uri(request: Request, context: ApiContext) -> str:
    """Where the provider sends the browser back to. The request says so itself on the loopback alone: elsewhere, who
    forges its Host would choose where codes go."""
    if public := context.settings.api.public_url:
        return public + CALLBACK
    named = re.fullmatch(r"(\[[0-9a-f:]+\]|[a-z0-9.]+)(:\d{1,5})?", request.headers.get("host", ""), re.ASCII)
    if named is None or not is_loopback(named[1].strip("[]")):
        raise unreachable("no_public_url")
    return f"{request.url.scheme}://{named[0]}{CALLBACK}"


def _session_of(request: Request, context: ApiContext) -> str | None:
    """The session that this browser has: it ends when the next one opens. A foreign page's link does not bring it."""
    try:
        principal = recognise(request, context)
    except NotAuthenticated:
        return None
    return principal.session_id if principal.method != "token" else None

"""`/session`: signing in and out, locking, setting one's own password, and one's other sessions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from control_center.identity import session_rows, sessions
from control_center.identity.devices import Device, to_cookie
from control_center.identity.models import AccountSession
from control_center.identity.sessions import SignedIn as Opened
from control_center.web_api.context import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    ApiContext,
    Context,
    Person,
    RowId,
    SessionHolder,
    SignedIn,
    device_of,
    end_media,
    visit_of,
)
from control_center.web_api.identity_views import AccountAnswer, SessionPage, account_view, session_row
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S
from foundation.database import reading, transaction

router = APIRouter(prefix="/session", tags=["session"])
_DEVICE_S = 400 * 24 * 3600  # as long as browsers keep a cookie; each sign-in with a password begins it anew


class Credentials(BaseModel):
    username: str = Field(max_length=200)
    password: str = Field(max_length=1024)
    code: str | None = Field(None, max_length=64)


class Proof(BaseModel):
    password: str = Field(max_length=1024)
    code: str | None = Field(None, max_length=64)


class NewPassword(BaseModel):
    new_password: str = Field(max_length=1024)
    current_password: str | None = Field(None, max_length=1024)


@router.post("")
def sign_in(credentials: Credentials, request: Request, response: Response, context: Context) -> AccountAnswer:
    opened = sessions.sign_in(
        context.entrance,
        credentials.username,
        credentials.password,
        code=credentials.code,
        visit=visit_of(request),
    )
    give_cookie(request, response, opened)
    _know_again(request, response, context, opened.principal.account_id)
    return _answer(context, opened.principal)


@router.get("")
def who(principal: SignedIn, context: Context) -> AccountAnswer:
    return _answer(context, principal)


@router.delete("", status_code=204)
def sign_out(principal: SessionHolder, response: Response, context: Context) -> None:
    with transaction(context.stores.core) as session:
        sessions.sign_out(session, principal, context.clock)
    end_media(context, session_ids=[principal.session_id])
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


@router.post("/password", status_code=204)
def set_password(body: NewPassword, principal: Person, context: Context) -> None:
    sessions.set_password(context.entrance, principal, body.new_password, current_password=body.current_password)
    end_media(context, account_ids=[principal.account_id])


@router.post("/activity", status_code=204)
def note_activity(principal: SessionHolder, context: Context) -> None:
    """There was input at the console: it stays unlocked for the time that the settings give."""
    with transaction(context.stores.core) as session:
        sessions.note_activity(session, principal, context.clock)


@router.post("/lock", status_code=204)
def lock(principal: SessionHolder, context: Context) -> None:
    with transaction(context.stores.core) as session:
        sessions.lock(session, principal, context.clock)
    end_media(context, locked_session_ids=[principal.session_id])


@router.post("/unlock", status_code=204)
def unlock(body: Proof, principal: SessionHolder, context: Context) -> None:
    sessions.unlock(context.entrance, principal, body.password, code=body.code)


@router.get("/others")
def list_own(principal: Person, context: Context) -> SessionPage:
    """All sessions of the caller's account, this one marked."""
    now_us = context.clock.now_us()
    with reading(context.stores.core) as session:
        rows = session_rows.open_sessions(session, now_us, AccountSession.account_id == principal.account_id)
    rules = context.entrance.rules
    return SessionPage(items=[session_row(*row, principal.session_id, now_us, rules) for row in rows])


@router.delete("/others/{session_id}", status_code=204)
def end_own(session_id: RowId, principal: Person, context: Context) -> None:
    own = AccountSession.account_id == principal.account_id
    with transaction(context.stores.core) as session:
        session_rows.end_session(session, context.clock, session_id, own, by=principal.username)
        audit.record(
            session,
            AuditAction.API_SESSION_REVOKE,
            origin=principal.origin,
            actor=principal.username,
            subject=principal.account_id,
            detail={"session": session_id},
            clock=context.clock,
        )
    end_media(context, session_ids=[session_id])


def give_cookie(request: Request, response: Response, opened: Opened) -> None:
    """A new token at each sign-in: one that was there before is never taken over (session fixation)."""
    response.set_cookie(
        SESSION_COOKIE,
        opened.token,
        max_age=sessions.SESSION_US // US_PER_S,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _know_again(request: Request, response: Response, context: ApiContext, account_id: str) -> None:
    """The browser is known from now on: strangers' wrong passwords no longer stand in its way."""
    device = (device_of(request) or Device.new()).with_account(account_id)
    response.set_cookie(
        DEVICE_COOKIE,
        to_cookie(context.keyring, device),
        max_age=_DEVICE_S,
        path="/api/v1/session",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _answer(context: ApiContext, principal: SignedIn) -> AccountAnswer:
    with reading(context.stores.core) as session:
        return AccountAnswer(account=account_view(session, principal, context.entrance.rules))

"""`/session`: signing in and out, and setting one's own password."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from control_center.identity import sessions
from control_center.identity.sessions import Principal
from control_center.web_api.context import SESSION_COOKIE, Context, SignedIn
from foundation.clock import US_PER_S
from foundation.database import transaction

router = APIRouter(prefix="/session", tags=["session"])


class Credentials(BaseModel):
    username: str = Field(max_length=200)
    password: str = Field(max_length=1024)


class NewPassword(BaseModel):
    new_password: str = Field(max_length=1024)
    current_password: str | None = Field(None, max_length=1024)


@router.post("")
def sign_in(credentials: Credentials, request: Request, response: Response, context: Context) -> dict[str, Any]:
    opened = sessions.sign_in(
        context.stores.core, context.origin, credentials.username, credentials.password, context.clock
    )
    response.set_cookie(
        SESSION_COOKIE,
        opened.token,
        max_age=sessions.SESSION_US // US_PER_S,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return {"account": _account(opened.principal)}


@router.get("")
def who(principal: SignedIn) -> dict[str, Any]:
    return {"account": _account(principal)}


@router.delete("", status_code=204)
def sign_out(principal: SignedIn, response: Response, context: Context) -> None:
    with transaction(context.stores.core) as session:
        sessions.sign_out(session, principal, context.clock)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


@router.post("/password", status_code=204)
def set_password(body: NewPassword, principal: SignedIn, context: Context) -> None:
    sessions.set_password(
        context.stores.core, principal, body.new_password, context.clock, current_password=body.current_password
    )


def _account(principal: Principal) -> dict[str, Any]:
    return {
        "id": principal.account_id,
        "username": principal.username,
        "display_name": principal.display_name,
        "role": principal.role,
        "must_change_password": principal.must_change_password,
    }

"""`/accounts` and `/sessions`: people, what they may do, and where they are signed in. For administrators, each within
their scope; nobody changes their own rights, and this center keeps an administrator."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.identity import account_directory, accounts, grants, session_rows
from control_center.identity.models import Account, AccountSession, ApiToken
from control_center.identity.roles import Role
from control_center.web_api.conditional import etag, require_match
from control_center.web_api.context import Administrator, ApiContext, Context, RowId, authority_of, end_media
from control_center.web_api.identity_views import (
    AccountDetail,
    AccountRow,
    SessionPage,
    account_rows,
    past_roles,
    session_row,
    token_row,
)
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import reading, transaction
from foundation.identifiers import Origin

router = APIRouter(tags=["accounts"])
Limit = Annotated[int, Query(ge=1, le=200)]


class RoleAt(BaseModel):
    role: Role
    center_id: str = Field(max_length=36)


class NewAccount(BaseModel):
    username: str = Field(max_length=64)
    display_name: str = Field("", max_length=128)
    center_id: str = Field(max_length=36)
    roles: list[RoleAt] = Field(default_factory=list, max_length=50)


class Change(BaseModel):
    display_name: str | None = Field(None, max_length=128)
    center_id: str | None = Field(None, max_length=36)


class AccountPage(BaseModel):
    items: list[AccountRow]
    next_cursor: str | None


class NewAccountAnswer(BaseModel):
    account: AccountRow
    one_time_password: str


class OneTimePassword(BaseModel):
    one_time_password: str


@router.get("/accounts")
def list_accounts(
    principal: Administrator,
    context: Context,
    q: Annotated[str, Query(max_length=64)] = "",
    center_id: Annotated[str | None, Query(max_length=36)] = None,
    state: Literal["active", "disabled"] | None = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> AccountPage:
    with reading(context.stores.core) as session:
        found, next_cursor = account_directory.page(
            session, principal.scope, text=q.strip(), center_id=center_id, state=state, limit=limit, cursor=cursor
        )
        items = account_rows(session, found, context.clock.now_us())
    return AccountPage(items=items, next_cursor=next_cursor)


@router.post("/accounts", status_code=201)
def create_account(body: NewAccount, principal: Administrator, context: Context) -> NewAccountAnswer:
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        account = accounts.create_account(
            session,
            authority,
            context.clock,
            username=body.username,
            display_name=body.display_name,
            center_id=body.center_id,
            roles=[(each.role, each.center_id) for each in body.roles],
        )
        password = accounts.issue_one_time_password(session, authority, context.clock, account)
        row = _row(session, context, account)
    return NewAccountAnswer(account=row, one_time_password=password)


@router.get("/accounts/{account_id}")
def read_account(account_id: RowId, principal: Administrator, context: Context, response: Response) -> AccountDetail:
    now_us = context.clock.now_us()
    with reading(context.stores.core) as session:
        account = authority_of(principal, context).find(session, account_id, hold=False)
        row = _row(session, context, account)
        open_rows = session_rows.open_sessions(session, now_us, AccountSession.account_id == account.id)
        tokens = session.scalars(select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.id.desc()))
        response.headers["ETag"] = etag(account.version)
        return AccountDetail(
            **row.model_dump(),
            sessions=[session_row(*each, principal.session_id, now_us, context.entrance.rules) for each in open_rows],
            tokens=[token_row(token) for token in tokens],
            past_roles=past_roles(session, account.id, now_us),
        )


@router.patch("/accounts/{account_id}")
def change_account(
    account_id: RowId, body: Change, request: Request, principal: Administrator, context: Context, response: Response
) -> AccountRow:
    """With `If-Match`, so that nobody overwrites what a colleague has just changed."""
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        account = authority.find(session, account_id)
        require_match(request, account.version)
        accounts.change(
            session,
            authority,
            context.clock,
            account,
            display_name=body.display_name,
            center_id=body.center_id,
        )
        response.headers["ETag"] = etag(account.version)
        return _row(session, context, account)


@router.post("/accounts/{account_id}/roles")
def grant_role(account_id: RowId, body: RoleAt, principal: Administrator, context: Context) -> AccountRow:
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        account = authority.find(session, account_id)
        grants.grant(session, authority, context.clock, account, body.role, body.center_id)
        row = _row(session, context, account)
    end_media(context, account_ids=[account_id])
    return row


@router.delete("/accounts/{account_id}/roles/{grant_id}")
def revoke_role(account_id: RowId, grant_id: RowId, principal: Administrator, context: Context) -> AccountRow:
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        account = authority.find(session, account_id)
        grants.revoke(session, authority, context.clock, account, grant_id)
        row = _row(session, context, account)
    end_media(context, account_ids=[account_id])
    return row


@router.post("/accounts/{account_id}/password")
def issue_password(account_id: RowId, principal: Administrator, context: Context) -> OneTimePassword:
    """A one-time password; the account's sessions end."""
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        account = authority.find(session, account_id)
        password = accounts.issue_one_time_password(session, authority, context.clock, account)
    end_media(context, account_ids=[account_id])
    return OneTimePassword(one_time_password=password)


@router.post("/accounts/{account_id}/disable", status_code=204)
def disable_account(account_id: RowId, principal: Administrator, context: Context) -> None:
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        accounts.disable(session, authority, context.clock, authority.find(session, account_id))
    end_media(context, account_ids=[account_id])


@router.post("/accounts/{account_id}/enable", status_code=204)
def enable_account(account_id: RowId, principal: Administrator, context: Context) -> None:
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        accounts.enable(session, authority, context.clock, authority.find(session, account_id))


@router.get("/sessions")
def list_sessions(
    principal: Administrator,
    context: Context,
    account_id: Annotated[str | None, Query(max_length=36)] = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=36)] = None,
) -> SessionPage:
    now_us = context.clock.now_us()
    conditions = [principal.scope.covers(Account.center_id)]
    if account_id is not None:
        conditions.append(Account.id == account_id)
    with reading(context.stores.core) as session:
        found = session_rows.open_sessions(session, now_us, *conditions, limit=limit + 1, cursor=cursor)
    rules = context.entrance.rules
    items = [session_row(*each, principal.session_id, now_us, rules) for each in found[:limit]]
    return SessionPage(items=items, next_cursor=items[-1].id if len(found) > limit else None)


@router.delete("/sessions/{session_id}", status_code=204)
def revoke_session(session_id: RowId, principal: Administrator, context: Context) -> None:
    """Sign somebody out, at once."""
    with transaction(context.stores.core) as session:
        account_id = session_rows.end_session(
            session,
            context.clock,
            session_id,
            principal.scope.covers(Account.center_id),
            by=principal.username,
        )
        account = session.get_one(Account, account_id)
        audit.record(
            session,
            AuditAction.API_SESSION_REVOKE,
            origin=Origin(account.center_id, account.node),
            actor=principal.username,
            subject=account_id,
            detail={"session": session_id, "username": account.username},
            clock=context.clock,
        )
    end_media(context, session_ids=[session_id])


def _row(session: Session, context: ApiContext, account: Account) -> AccountRow:
    return account_rows(session, [account], context.clock.now_us())[0]

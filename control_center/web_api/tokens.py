"""`/tokens`: what programs sign in with, made and revoked by the person whose rights they draw on."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_center.identity import tokens
from control_center.identity.models import Account
from control_center.identity.roles import Right
from control_center.web_api.context import Administrator, Context, Person, RowId, authority_of, end_media
from control_center.web_api.identity_views import TokenRow, token_row
from foundation.database import reading, transaction

router = APIRouter(tags=["tokens"])


class WantedToken(BaseModel):
    name: str = Field(max_length=tokens.NAME_LIMIT, description="What it is for.")
    rights: list[Right] = Field(min_length=1, max_length=len(Right))
    days: int = Field(ge=1, le=tokens.LONGEST_DAYS)
    password: str = Field(max_length=1024)
    code: str | None = Field(None, max_length=64, description="Of the second factor, by who has one.")


class NewToken(TokenRow):
    token: str = Field(description="Shown once.")


class TokenList(BaseModel):
    items: list[TokenRow]


@router.get("/tokens")
def list_tokens(principal: Person, context: Context) -> TokenList:
    """The caller's own, newest first, those that ended as well."""
    with reading(context.stores.core) as session:
        return TokenList(items=[token_row(row) for row in tokens.listed(session, principal.account_id)])


@router.post("/tokens", status_code=201)
def create_token(body: WantedToken, principal: Person, context: Context) -> NewToken:
    row, token = tokens.create(
        context.entrance,
        principal,
        name=body.name,
        rights=body.rights,
        days=body.days,
        password=body.password,
        code=body.code,
    )
    return NewToken(**token_row(row).model_dump(), token=token)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_own_token(token_id: RowId, principal: Person, context: Context) -> None:
    """At once, and with it the pictures that were opened under it."""
    with transaction(context.stores.core) as session:
        account = session.get_one(Account, principal.account_id)
        tokens.revoke(session, context.clock, account, token_id, by=principal.username)
    end_media(context, session_ids=[token_id])


@router.delete("/accounts/{account_id}/tokens/{token_id}", status_code=204)
def revoke_token(account_id: RowId, token_id: RowId, principal: Administrator, context: Context) -> None:
    """At once. It takes rights away and gives none, so that the account's home center in scope is enough."""
    with transaction(context.stores.core) as session:
        account = authority_of(principal, context).find(session, account_id)
        tokens.revoke(session, context.clock, account, token_id, by=principal.username)
    end_media(context, session_ids=[token_id])

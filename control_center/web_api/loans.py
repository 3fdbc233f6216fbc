"""`/loans` and `/roles`: somebody from elsewhere works here for a time, with a reason."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_center.identity import account_directory, accounts, grants
from control_center.identity.models import Account, AccountGrant
from control_center.identity.roles import LENDABLE, RIGHTS, Right, Role
from control_center.web_api.context import Context, Enterer, Lender, RowId, authority_of, end_media
from control_center.web_api.identity_views import center_names
from foundation.database import reading, transaction
from foundation.errors import NotFound

router = APIRouter(tags=["accounts"])


class RoleInfo(BaseModel):
    role: Role
    rights: list[Right]
    lendable: bool


class RoleList(BaseModel):
    items: list[RoleInfo]


class Loan(BaseModel):
    id: str
    account_id: str
    username: str
    display_name: str
    role: Role
    center_id: str
    center_name: str
    granted_us: int
    granted_by: str
    until_us: int
    reason: str
    state: Literal["in_force", "over", "revoked"]


class LoanPage(BaseModel):
    items: list[Loan]
    next_cursor: str | None


class NewLoan(BaseModel):
    username: str = Field(max_length=64)
    role: Role
    center_id: str = Field(max_length=36)
    until_us: int = Field(ge=0, lt=1 << 62)
    reason: str = Field(max_length=grants.REASON_LIMIT)


@router.get("/roles")
def list_roles(_principal: Enterer) -> RoleList:
    """What each role carries."""
    return RoleList(
        items=[RoleInfo(role=role, rights=sorted(RIGHTS[role]), lendable=role in LENDABLE) for role in Role]
    )


@router.get("/loans")
def list_loans(
    principal: Lender,
    context: Context,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=36)] = None,
) -> LoanPage:
    with reading(context.stores.core) as session:
        found, next_cursor = account_directory.loans(session, principal.scope, limit=limit, cursor=cursor)
        names = center_names(session, {grant.center_id for grant, _ in found})
    now_us = context.clock.now_us()
    return LoanPage(items=[_loan(*each, names, now_us) for each in found], next_cursor=next_cursor)


@router.post("/loans", status_code=201)
def lend(body: NewLoan, principal: Lender, context: Context) -> Loan:
    """The person is named exactly: who lends need not see the accounts of other centers."""
    with transaction(context.stores.core) as session:
        account = accounts.find(session, body.username)
        if account is None or account.disabled_us is not None:
            raise NotFound("there is no such account.", where="username", mend="Type the user name in full.")
        grant = grants.lend(
            session,
            authority_of(principal, context),
            context.clock,
            account,
            body.role,
            body.center_id,
            until_us=body.until_us,
            reason=body.reason,
        )
        loan = _loan(grant, account, center_names(session, [grant.center_id]), context.clock.now_us())
    end_media(context, account_ids=[loan.account_id])
    return loan


@router.delete("/loans/{loan_id}", status_code=204)
def end_loan(loan_id: RowId, principal: Lender, context: Context) -> None:
    with transaction(context.stores.core) as session:
        account = grants.end_loan(session, authority_of(principal, context), context.clock, loan_id)
    end_media(context, account_ids=[account.id])


def _loan(grant: AccountGrant, account: Account, names: dict[str, str], now_us: int) -> Loan:
    until_us = grant.until_us or 0
    state: Literal["in_force", "over", "revoked"] = "in_force" if until_us > now_us else "over"
    return Loan(
        id=grant.id,
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        role=Role(grant.role),
        center_id=grant.center_id,
        center_name=names.get(grant.center_id, ""),
        granted_us=grant.granted_us,
        granted_by=grant.granted_by,
        until_us=until_us,
        reason=grant.reason,
        state="revoked" if grant.revoked_us is not None else state,
    )

"""People, their roles and their sessions as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountGrant, AccountSession, ApiToken
from control_center.identity.principal import Method, Principal, Rules, in_force
from control_center.identity.roles import Right, Role
from device_registry.models import Center


class HeldRole(BaseModel):
    role: Role
    center_id: str
    center_name: str
    until_us: int | None


class AccountView(BaseModel):
    """Who is signed in."""

    id: str
    username: str
    display_name: str
    roles: list[HeldRole]
    rights: list[Right]
    must_change_password: bool
    must_enrol_second_factor: bool
    has_second_factor: bool
    locked: bool
    lock_after_s: int
    method: Method
    session_id: str
    expires_us: int


class AccountAnswer(BaseModel):
    account: AccountView


class SessionRow(BaseModel):
    id: str
    account_id: str
    username: str
    method: str
    address: str
    agent: str
    created_us: int
    active_us: int
    expires_us: int
    locked: bool
    current: bool


class SessionPage(BaseModel):
    items: list[SessionRow]
    next_cursor: str | None = None


class RoleRow(BaseModel):
    """A role that an account has at a center; a loan has an end and a reason."""

    id: str
    role: Role
    center_id: str
    center_name: str
    granted_us: int
    granted_by: str
    until_us: int | None
    reason: str


class PastRole(RoleRow):
    revoked_us: int | None
    revoked_by: str | None


class TokenRow(BaseModel):
    id: str
    name: str
    rights: list[Right]
    created_us: int
    expires_us: int
    used_us: int | None
    revoked_us: int | None


class AccountRow(BaseModel):
    id: str
    username: str
    display_name: str
    center_id: str
    center_name: str
    roles: list[RoleRow]
    state: Literal["active", "disabled", "locked_out"]
    password_state: Literal["none", "one_time", "consumed", "own"]
    has_second_factor: bool
    created_us: int
    version: int


class AccountDetail(AccountRow):
    sessions: list[SessionRow]
    tokens: list[TokenRow]
    past_roles: list[PastRole]


def account_view(session: Session, principal: Principal, rules: Rules) -> AccountView:
    names = center_names(session, {grant.center_id for grant in principal.grants})
    return AccountView(
        id=principal.account_id,
        username=principal.username,
        display_name=principal.display_name,
        roles=[
            HeldRole(
                role=grant.role,
                center_id=grant.center_id,
                center_name=names.get(grant.center_id, ""),
                until_us=grant.until_us,
            )
            for grant in principal.grants
        ],
        rights=sorted(principal.scopes),
        must_change_password=principal.must_change_password,
        must_enrol_second_factor=principal.must_enrol,
        has_second_factor=principal.has_second_factor,
        locked=principal.locked,
        lock_after_s=rules.lock_after_us // 1_000_000,
        method=principal.method,
        session_id=principal.session_id,
        expires_us=principal.expires_us,
    )


def session_row(row: AccountSession, account: Account, current: str, now_us: int, rules: Rules) -> SessionRow:
    return SessionRow(
        id=row.id,
        account_id=account.id,
        username=account.username,
        method=row.method,
        address=row.address,
        agent=row.agent,
        created_us=row.created_us,
        active_us=row.active_us,
        expires_us=row.expires_us,
        locked=row.locked_us is not None or now_us - row.active_us > rules.lock_after_us,
        current=row.id == current,
    )


def token_row(token: ApiToken) -> TokenRow:
    return TokenRow.model_validate(token, from_attributes=True)


def account_rows(session: Session, accounts: Sequence[Account], now_us: int) -> list[AccountRow]:
    """Names and roles are fetched for all of them at once."""
    grants = _grants(session, [account.id for account in accounts], in_force(now_us))
    names = center_names(
        session, {account.center_id for account in accounts} | {g.center_id for g in _flat(grants.values())}
    )
    return [
        AccountRow(
            id=account.id,
            username=account.username,
            display_name=account.display_name,
            center_id=account.center_id,
            center_name=names.get(account.center_id, ""),
            roles=[role_row(grant, names) for grant in grants.get(account.id, [])],
            state=_state(account, now_us),
            password_state=account.password_state,
            has_second_factor=account.totp_confirmed_us is not None,
            created_us=account.created_us,
            version=account.version,
        )
        for account in accounts
    ]


def past_roles(session: Session, account_id: str, now_us: int) -> list[PastRole]:
    """Roles taken back and loans that are over, newest first."""
    grants = _grants(session, [account_id], ~in_force(now_us)).get(account_id, [])
    names = center_names(session, {grant.center_id for grant in grants})
    return [
        PastRole(**role_row(grant, names).model_dump(), revoked_us=grant.revoked_us, revoked_by=grant.revoked_by)
        for grant in reversed(grants)
    ]


def role_row(grant: AccountGrant, names: dict[str, str]) -> RoleRow:
    return RoleRow(
        id=grant.id,
        role=Role(grant.role),
        center_id=grant.center_id,
        center_name=names.get(grant.center_id, ""),
        granted_us=grant.granted_us,
        granted_by=grant.granted_by,
        until_us=grant.until_us,
        reason=grant.reason,
    )


def center_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    rows = session.execute(select(Center.id, Center.name).where(Center.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def _state(account: Account, now_us: int) -> Literal["active", "disabled", "locked_out"]:
    if account.disabled_us is not None:
        return "disabled"
    return "locked_out" if account.locked_until_us > now_us else "active"


def _grants(
    session: Session, account_ids: Sequence[str], condition: ColumnElement[bool]
) -> dict[str, list[AccountGrant]]:
    query = select(AccountGrant).where(AccountGrant.account_id.in_(account_ids), condition).order_by(AccountGrant.id)
    found: dict[str, list[AccountGrant]] = {}
    for grant in session.scalars(query):
        found.setdefault(grant.account_id, []).append(grant)
    return found


def _flat(lists: Iterable[list[AccountGrant]]) -> list[AccountGrant]:
    return [grant for each in lists for grant in each]

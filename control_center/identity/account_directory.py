"""Accounts as administrators look for them: within their scope, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountGrant
from foundation.scope import Scope


def page(
    session: Session,
    scope: Scope,
    *,
    text: str = "",
    center_id: str | None = None,
    state: Literal["active", "disabled"] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[Sequence[Account], str | None]:
    """By user name, and the user name that the next page follows."""
    query = select(Account).where(scope.covers(Account.center_id))
    if text:
        names = (Account.username, Account.display_name)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    if center_id is not None:
        query = query.where(Account.center_id == center_id)
    if state is not None:
        query = query.where(Account.disabled_us.is_(None) if state == "active" else Account.disabled_us.is_not(None))
    if cursor is not None:
        query = query.where(Account.username > cursor)
    found = session.scalars(query.order_by(Account.username).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].username if len(found) > limit else None


def loans(
    session: Session, scope: Scope, *, limit: int = 50, cursor: str | None = None
) -> tuple[Sequence[tuple[AccountGrant, Account]], str | None]:
    """Loans at centers of the scope, newest first, those that are over as well."""
    query = select(AccountGrant, Account).join(Account, Account.id == AccountGrant.account_id)
    query = query.where(AccountGrant.until_us.is_not(None), scope.covers(AccountGrant.center_id))
    if cursor is not None:
        query = query.where(AccountGrant.id < cursor)
    found = [(row[0], row[1]) for row in session.execute(query.order_by(AccountGrant.id.desc()).limit(limit + 1))]
    return found[:limit], found[limit - 1][0].id if len(found) > limit else None

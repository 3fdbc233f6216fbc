"""API tokens: what a program signs in with. A token carries some of its owner's rights, never more than the owner has
at the moment, and only such as read: it decides nothing, administers nothing, and makes no other token.

The token is random; the database has its hash. It is dead with its owner's account, and rests while the owner has a
password or a second factor to set.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import structlog
from sqlalchemy import ColumnElement, Engine, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from control_center.identity import sessions
from control_center.identity.models import Account, ApiToken
from control_center.identity.principal import Principal
from control_center.identity.roles import TOKEN_RIGHTS, Right
from control_center.identity.sessions import Entrance, token_hash
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock
from foundation.database import transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id

PREFIX = "vdt_"
LONGEST_DAYS = 366
MOST_IN_FORCE = 20
NAME_LIMIT = 100
_DAY_US = 24 * 3600 * US_PER_S
_MINUTE_US = 60 * US_PER_S
_SHOWN = 200  # newest first; the trail has them all
_being_noted: set[str] = set()  # tokens whose use a request of this process writes down at the moment
_log = structlog.get_logger()


def create(
    entrance: Entrance,
    principal: Principal,
    *,
    name: str,
    rights: Collection[Right],
    days: int,
    password: str,
    code: str | None = None,
) -> tuple[ApiToken, str]:
    """A token and its row; the token is not to be had again. The owner shows who they are once more."""
    name = _checked_name(name)
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput("a token lives 1 to 366 days.", where="days", mend="Choose another length.")
    _check_rights(principal, rights)
    sessions.prove(entrance, principal, password, code=code or "")
    token, now_us = PREFIX + secrets.token_urlsafe(32), entrance.clock.now_us()
    with transaction(entrance.core) as session:
        account = session.get_one(Account, principal.account_id, with_for_update=True)  # two at once count one by one
        if _count_in_force(session, principal.account_id, now_us) >= MOST_IN_FORCE:
            raise Conflict(f"you have {MOST_IN_FORCE} tokens in force.", where="token", mend="Revoke one of them.")
        row = ApiToken(
            id=new_id(entrance.clock),
            token_hash=token_hash(token),
            account_id=principal.account_id,
            name=name,
            rights=sorted(set(rights)),
            created_us=now_us,
            expires_us=now_us + days * _DAY_US,
        )
        session.add(row)
        session.flush()
        detail = {"token": row.id, "name": name, "rights": row.rights, "expires_us": row.expires_us}
        _audit(session, AuditAction.API_TOKEN_CREATE, account, principal.username, detail, entrance.clock)
    return row, token


def listed(session: Session, account_id: str) -> Sequence[ApiToken]:
    """Those of the account, newest first, dead ones as well."""
    query = select(ApiToken).where(ApiToken.account_id == account_id)
    return session.scalars(query.order_by(ApiToken.id.desc()).limit(_SHOWN)).all()


def revoke(
    session: Session, clock: Clock, account: Account, token_id: str, *, by: str, source: Literal["api", "cli"] = "api"
) -> None:
    """End the account's token at once; `by` is its owner, or an administrator who may look after the account."""
    statement = update(ApiToken).where(
        ApiToken.id == token_id, ApiToken.account_id == account.id, ApiToken.revoked_us.is_(None)
    )
    row = session.scalar(statement.values(revoked_us=clock.now_us()).returning(ApiToken))
    if row is None:
        raise NotFound("there is no such token in force.", where=f"token {token_id}")
    detail = {"token": row.id, "name": row.name, "username": account.username}
    _audit(session, AuditAction(f"{source}:token:revoke"), account, by, detail, clock)


def note_use(core: Engine, principal: Principal, noted_us: int | None, clock: Clock) -> None:
    """The minute of the last use. A write a minute, not one a request; that it fails stops nobody."""
    token_id, minute_us = principal.session_id, clock.now_us() // _MINUTE_US * _MINUTE_US
    if (noted_us is not None and noted_us >= minute_us) or token_id in _being_noted:
        return
    _being_noted.add(token_id)
    newer = or_(ApiToken.used_us.is_(None), ApiToken.used_us < minute_us)
    try:
        with transaction(core) as session:
            session.execute(update(ApiToken).where(ApiToken.id == token_id, newer).values(used_us=minute_us))
    except SQLAlchemyError as error:
        _log.warning("token_use_not_noted", token=token_id, error=type(error).__name__)
    finally:
        _being_noted.discard(token_id)


def _in_force(now_us: int) -> ColumnElement[bool]:
    return ApiToken.revoked_us.is_(None) & (ApiToken.expires_us > now_us)


def _count_in_force(session: Session, account_id: str, now_us: int) -> int:
    query = select(func.count()).select_from(ApiToken).where(ApiToken.account_id == account_id, _in_force(now_us))
    return session.scalars(query).one()


def _check_rights(principal: Principal, rights: Collection[Right]) -> None:
    if not rights:
        raise InvalidInput("a token without a right is of no use.", where="rights", mend="Choose at least one.")
    for right in sorted(rights):
        if right not in TOKEN_RIGHTS:
            raise Forbidden(f"no token carries the right to {right}.", where="rights", mend="Only a person does that.")
        principal.require(right)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise InvalidInput(
            "the name is empty, too long or not printable.",
            where="name",
            mend="Say in 1-100 characters what for.",
        )
    return name


def _audit(
    session: Session, action: AuditAction, account: Account, actor: str, detail: Mapping[str, Any], clock: Clock
) -> None:
    audit.record(
        session,
        action,
        origin=Origin(account.center_id, account.node),
        actor=actor,
        subject=account.id,
        detail=detail,
        clock=clock,
    )

"""Who holds a session or a token: asked with every request, so it is one statement, and nothing is remembered between
requests.

What was taken away a moment ago is gone with the next request, whichever process took it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Connection, Row, Select, String, bindparam, func, select

from control_center.identity.models import Account, AccountGrant, AccountSession, ApiToken
from control_center.identity.principal import Grant, Method, Principal, Rules, in_force
from control_center.identity.roles import RIGHTS, TOKEN_RIGHTS, Right, Role
from device_registry.models import Center
from foundation.errors import NotAuthenticated
from foundation.identifiers import Origin
from foundation.scope import NOTHING, Scope

_Holder = type[AccountSession] | type[ApiToken]
_HASH: Any = bindparam("token_hash", type_=String())
_NOW: Any = bindparam("now_us", type_=BigInteger())


def recognise(connection: Connection, token_hash: str, now_us: int, rules: Rules) -> Principal:
    """Who holds the session whose token has this hash; raises `NotAuthenticated`."""
    rows = connection.execute(_BY_SESSION, {"token_hash": token_hash, "now_us": now_us}).all()
    if not rows:
        raise NotAuthenticated("nobody is signed in, or the session has ended.", mend="Sign in.")
    held, grants, scopes = rows[0], *_held(rows)
    method: Method = "oidc" if held.method == "oidc" else "password"
    return Principal(
        account_id=held.account_id,
        username=held.username,
        display_name=held.display_name,
        origin=Origin(held.home_id, held.node),
        grants=grants,
        scopes=scopes,
        must_change_password=method == "password" and held.password_state != "own",  # noqa: S105 - a state
        must_enrol=_must_enrol(held, grants, method, rules),
        has_second_factor=held.totp_confirmed_us is not None,
        locked=held.locked_us is not None or now_us - held.active_us > rules.lock_after_us,
        method=method,
        session_id=held.session_id,
        token_hash=token_hash,
        expires_us=held.expires_us,
    )


def recognise_program(
    connection: Connection, token_hash: str, now_us: int, rules: Rules
) -> tuple[Principal, int | None]:
    """Who a program speaks for, with no more than the owner's present rights, and the last use that is noted; raises
    `NotAuthenticated`."""
    rows = connection.execute(_BY_TOKEN, {"token_hash": token_hash, "now_us": now_us}).all()
    if not rows:
        raise NotAuthenticated("the token is not in force.", mend="Its owner makes another one in the console.")
    held, grants, scopes = rows[0], *_held(rows)
    given = TOKEN_RIGHTS.intersection(held.rights)
    principal = Principal(
        account_id=held.account_id,
        username=held.username,
        display_name=held.display_name,
        origin=Origin(held.home_id, held.node),
        grants=grants,
        scopes={right: scope for right, scope in scopes.items() if right in given},
        # What its owner has to do first at the sign-in with a password, the token waits for.
        must_change_password=held.password_state != "own",  # noqa: S105 - a state
        must_enrol=_must_enrol(held, grants, "password", rules),
        has_second_factor=held.totp_confirmed_us is not None,
        locked=False,
        method="token",
        session_id=held.session_id,
        token_hash=token_hash,
        expires_us=held.expires_us,
    )
    return principal, held.used_us


def _below_grants(holder: _Holder) -> CTE:
    """(top, center_id) for every center that a grant stands at, and each center at or below it."""
    tops = select(AccountGrant.center_id.label("top"), AccountGrant.center_id.label("center_id"))
    tops = tops.join(holder, holder.account_id == AccountGrant.account_id)
    found = tops.where(holder.token_hash == _HASH, in_force(_NOW)).cte("below", recursive=True)
    # UNION drops doubles, so even a ring of parents comes to an end.
    return found.union(select(found.c.top, Center.id).join(found, Center.parent_id == found.c.center_id))


def _statement(holder: _Holder, *own: Any, stands: ColumnElement[bool]) -> Select[Any]:
    """A row for each grant of whoever holds this token; `own` are further columns of the holder's table."""
    below = _below_grants(holder)
    reach = select(func.aggregate_strings(below.c.center_id, ",")).where(below.c.top == AccountGrant.center_id)
    columns: list[Any] = [
        holder.id.label("session_id"),
        holder.expires_us,
        *own,
        Account.id.label("account_id"),
        Account.username,
        Account.display_name,
        Account.center_id.label("home_id"),
        Account.node,
        Account.password_state,
        Account.totp_confirmed_us,
        AccountGrant.id.label("grant_id"),
        AccountGrant.role,
        AccountGrant.center_id.label("top"),
        AccountGrant.until_us,
        reach.scalar_subquery().label("reach"),
    ]
    query: Select[Any] = select(*columns).select_from(holder).join(Account, Account.id == holder.account_id)
    query = query.outerjoin(AccountGrant, (AccountGrant.account_id == Account.id) & in_force(_NOW))
    return query.where(
        holder.token_hash == _HASH, stands, holder.expires_us > _NOW, Account.disabled_us.is_(None)
    ).order_by(AccountGrant.id)


_BY_SESSION = _statement(
    AccountSession,
    AccountSession.method,
    AccountSession.active_us,
    AccountSession.locked_us,
    stands=AccountSession.ended_us.is_(None),
)
_BY_TOKEN = _statement(ApiToken, ApiToken.rights, ApiToken.used_us, stands=ApiToken.revoked_us.is_(None))


def _held(rows: Sequence[Row[Any]]) -> tuple[tuple[Grant, ...], Mapping[Right, Scope]]:
    grants: list[Grant] = []
    scopes: dict[Right, Scope] = {}
    for row in rows:
        if row.grant_id is None:
            continue
        grant = Grant(row.grant_id, Role(row.role), row.top, row.until_us)
        reach = _scope(row.reach)
        grants.append(grant)
        for right in RIGHTS[grant.role]:
            scopes[right] = scopes[right] | reach if right in scopes else reach
    return tuple(grants), scopes


@lru_cache(maxsize=256)
def _scope(center_ids: str | None) -> Scope:
    """The same text is always the same set; a city's is long, and most requests name one of a few."""
    return Scope(center_ids.split(",")) if center_ids else NOTHING


def _must_enrol(held: Row[Any], grants: Sequence[Grant], method: Method, rules: Rules) -> bool:
    """A provider that signs people in asks for its own second factor."""
    if method != "password" or held.totp_confirmed_us is not None:
        return False
    return any(grant.role in rules.second_factor_roles for grant in grants)

"""Who asks, with which rights, and for which centers. A right reaches as far as the grants that carry it, and no
further: who watches cameras of a city and reads alerts of one station does just that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from control_center.identity.models import AccountGrant
from control_center.identity.roles import KEPT_WHILE_LOCKED, Right, Role
from foundation.clock import US_PER_S
from foundation.errors import Forbidden, SessionLocked
from foundation.identifiers import Origin
from foundation.scope import NOTHING, Scope
from foundation.settings import IdentitySettings

Method = Literal["password", "oidc", "token"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings ask of everybody who signs in."""

    lock_after_us: int = 30 * 60 * US_PER_S
    second_factor_roles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: IdentitySettings) -> Rules:
        return cls(int(settings.lock_after_min * 60 * US_PER_S), frozenset(settings.second_factor_roles))


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force at a center and all below it; a loan has an end."""

    id: str
    role: Role
    center_id: str
    until_us: int | None


@dataclass(frozen=True, slots=True)
class Principal:
    account_id: str
    username: str
    display_name: str
    origin: Origin  # the home center
    grants: tuple[Grant, ...]
    scopes: Mapping[Right, Scope]
    must_change_password: bool
    must_enrol: bool  # a second factor, which one of the roles asks for
    has_second_factor: bool
    locked: bool
    method: Method
    session_id: str
    token_hash: str
    expires_us: int  # end of the session or of the token
    # That of the right acted under; before one is asked for, nothing is in sight.
    scope: Scope = NOTHING

    @property
    def center_id(self) -> str:
        return self.origin.center_id

    @property
    def rights_until_us(self) -> int:
        """When the first of the session and the loans ends: what rests on the rights must be asked for again."""
        return min([self.expires_us, *(grant.until_us for grant in self.grants if grant.until_us is not None)])

    def scope_of(self, right: Right) -> Scope:
        """The centers that the right reaches; none without it."""
        return self.scopes.get(right, NOTHING)

    def require(self, right: Right) -> None:
        """Raise `Forbidden` or `SessionLocked` unless the right may be used now."""
        if self.must_change_password:
            raise Forbidden("set your own password first.", where=self.username, mend="Choose one of 12 characters.")
        if self.must_enrol:
            raise Forbidden(
                "your role needs a second factor.", where=self.username, mend="Set one up with an authenticator."
            )
        if right not in self.scopes:
            raise Forbidden(
                f"none of your roles carries the right to {right.replace('_', ' ')}.",
                where=self.username,
                mend="Ask an administrator for another role.",
            )
        if right not in KEPT_WHILE_LOCKED:
            self.require_unlocked()

    def require_unlocked(self) -> None:
        if self.locked:
            raise SessionLocked("the console is locked.", where=self.username, mend="Unlock it with your password.")

    def acting_under(self, right: Right) -> Principal:
        """The same person, seeing what this right reaches."""
        self.require(right)
        return replace(self, scope=self.scopes[right])


def in_force(now_us: int) -> ColumnElement[bool]:
    """The condition of a grant that counts now."""
    return AccountGrant.revoked_us.is_(None) & or_(AccountGrant.until_us.is_(None), AccountGrant.until_us > now_us)


def grants_of(session: Session, account_id: str, now_us: int) -> tuple[Grant, ...]:
    query = select(AccountGrant.id, AccountGrant.role, AccountGrant.center_id, AccountGrant.until_us)
    query = query.where(AccountGrant.account_id == account_id, in_force(now_us)).order_by(AccountGrant.id)
    return tuple(Grant(row.id, Role(row.role), row.center_id, row.until_us) for row in session.execute(query))

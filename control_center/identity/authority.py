"""On whose authority accounts are changed: an administrator's, as far as their scope reaches, or the command line's.

Nobody raises their own rights: no change is made to one's own account. And nobody takes over an account that reaches
further than they do themselves: its password and second factor are for those whose scope covers all that it may do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.identity.models import Account
from control_center.identity.principal import Principal, grants_of
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import Forbidden, NotFound
from foundation.identifiers import Origin
from foundation.scope import Scope


@dataclass(frozen=True, slots=True)
class Authority:
    source: Literal["api", "cli"]
    actor: str
    account_id: str | None  # None at the command line
    local: Origin  # this center, which must keep an administrator
    scope: Scope | None  # None: every center

    @classmethod
    def of(cls, principal: Principal, local: Origin) -> Authority:
        """An administrator's or a lender's: `principal` is acting under that right."""
        return cls("api", principal.username, principal.account_id, local, principal.scope)

    @classmethod
    def command_line(cls, actor: str, local: Origin) -> Authority:
        return cls("cli", actor, None, local, None)

    def action(self, subject: str, deed: str) -> AuditAction:
        return AuditAction(f"{self.source}:{subject}:{deed}")

    def reaches(self, center_id: str) -> bool:
        return self.scope is None or center_id in self.scope

    def find(self, session: Session, account_id: str, *, hold: bool = True) -> Account:
        """The account, held until the transaction ends unless it is only read; `NotFound` beyond the scope."""
        query = select(Account).where(Account.id == account_id)
        if self.scope is not None:
            query = query.where(self.scope.covers(Account.center_id))
        if hold:
            query = query.with_for_update()
        account = session.scalar(query.execution_options(populate_existing=True))
        if account is None:
            raise NotFound("there is no such account here.", where=f"account {account_id}")
        return account

    def require_other(self, account: Account) -> None:
        """Raise `Forbidden` for one's own account."""
        if account.id == self.account_id:
            raise Forbidden(
                "nobody changes their own rights.", where=account.username, mend="Ask another administrator."
            )

    def require_whole(self, session: Session, account: Account, clock: Clock) -> None:
        """Raise `Forbidden` unless all that the account may do lies within this scope, and it is another's."""
        self.require_other(account)
        beyond = [g for g in grants_of(session, account.id, clock.now_us()) if not self.reaches(g.center_id)]
        if beyond:
            raise Forbidden(
                "this account also works for centers beyond yours.",
                where=account.username,
                mend="Ask an administrator of the center above.",
            )

    def require_center(self, center_id: str) -> None:
        if not self.reaches(center_id):
            raise NotFound("there is no such center here.", where=f"center {center_id}")

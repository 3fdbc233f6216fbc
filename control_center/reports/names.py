"""What identifiers in the audit trail stand for, looked up for a page of entries at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.alerts.models import Alert
from control_center.identity.models import Account, AccountGrant
from device_registry.models import Camera, Center
from foundation.audit.search import FoundEntry
from foundation.scope import Scope


@dataclass(frozen=True, slots=True)
class _Person:
    display_name: str
    grants: list[AccountGrant]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of persons, centers, cameras and alerts; what lies outside the scope, or is no more, has none.

    An alert is named by its list and database, not by the person it is about: whoever audits has no right to records.
    """

    _people: Mapping[str, _Person]
    _centers: Mapping[str, str]
    _parents: Mapping[str, str | None]
    _subjects: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, scope: Scope | None, entries: Sequence[FoundEntry]) -> Names:
        centers = session.execute(select(Center.id, Center.parent_id, Center.name)).all()
        seen = {row.id: row.name for row in centers if scope is None or row.id in scope}
        subjects = {entry.subject for entry in entries}
        return cls(
            _people(session, {entry.actor for entry in entries}),
            seen,
            {row.id: row.parent_id for row in centers},
            _cameras(session, scope, subjects) | _alerts(session, scope, subjects) | seen,
        )

    def person(self, username: str) -> str:
        person = self._people.get(username)
        return person.display_name if person else ""

    def roles(self, username: str, center_id: str, at_us: int) -> list[str]:
        """The roles that the person had at that time and that reach the center."""
        person = self._people.get(username)
        if person is None:
            return []
        path = set(self._path(center_id))
        return sorted({grant.role for grant in person.grants if grant.center_id in path and _stood(grant, at_us)})

    def center(self, center_id: str) -> str:
        return self._centers.get(center_id, "")

    def subject(self, subject: str) -> str:
        return self._subjects.get(subject, "")

    def _path(self, center_id: str) -> Iterable[str]:
        """The center and those above it."""
        at: str | None = center_id
        seen: set[str] = set()
        while at is not None and at not in seen:
            seen.add(at)
            at = self._parents.get(at)
        return seen


def _stood(grant: AccountGrant, at_us: int) -> bool:
    ends = [end_us for end_us in (grant.until_us, grant.revoked_us) if end_us is not None]
    return grant.granted_us <= at_us < min(ends, default=at_us + 1)


def _people(session: Session, usernames: set[str]) -> dict[str, _Person]:
    accounts = session.execute(
        select(Account.id, Account.username, Account.display_name).where(Account.username.in_(usernames))
    ).all()
    people = {account.id: _Person(account.display_name, []) for account in accounts}
    for grant in session.scalars(select(AccountGrant).where(AccountGrant.account_id.in_(people))):
        people[grant.account_id].grants.append(grant)
    return {account.username: people[account.id] for account in accounts}


def _cameras(session: Session, scope: Scope | None, ids: set[str]) -> dict[str, str]:
    query = select(Camera.id, Camera.name).where(Camera.id.in_(ids))
    if scope is not None:
        query = query.where(scope.covers(Camera.center_id))
    return {row.id: row.name for row in session.execute(query)}


def _alerts(session: Session, scope: Scope | None, ids: set[str]) -> dict[str, str]:
    query = select(Alert.id, Alert.list_name, Alert.database).where(Alert.id.in_(ids))
    if scope is not None:
        query = query.where(scope.covers(Alert.center_id))
    return {row.id: " × ".join(filter(None, (row.list_name, row.database))) for row in session.execute(query)}

"""Which account here is the person whom the provider knows.

Nobody gets an account this way. At the first sign-in the account of the same name is pinned to the identifier
that the provider has for the person (iss and sub, never given to another), and from then on the name there counts for
nothing: names change hands.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from control_center.identity import accounts, session_rows
from control_center.identity.authority import Authority
from control_center.identity.models import Account, AccountSession, ExternalIdentity
from control_center.identity.oidc.refusal import Refusal, SignInRefused, Who
from control_center.identity.sessions import Entrance, SignedIn, Visit, open_session
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import transaction
from foundation.errors import NotFound
from foundation.identifiers import Origin


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider knows them. `username` is what they are called here, where the provider says it."""

    issuer: str
    subject: str
    username: str | None


def admit(entrance: Entrance, person: Person, visit: Visit, *, replaces: str | None = None) -> SignedIn:
    """Open a session for somebody whom the provider has vouched for; the one that the browser had ends.

    The lock-out after wrong passwords does not count here: no password was guessed at.
    """
    with transaction(entrance.core) as session:
        account = _account(session, person)
        if account.disabled_us is not None:
            raise SignInRefused(Refusal.DISABLED, "disabled", who=Who.of(account))
        _pin(session, entrance, account, person)
        if replaces is not None:
            _end(session, entrance.clock, replaces, by=account.username)
        return open_session(session, entrance, account, "oidc", visit)


def note_refused(entrance: Entrance, refusal: SignInRefused, visit: Visit) -> None:
    who = refusal.who
    with transaction(entrance.core) as session:
        audit.record(
            session,
            AuditAction.API_SESSION_REFUSED,
            origin=who.origin if who else entrance.origin,
            actor=who.username if who else "unknown",
            subject=who.id if who else "",
            detail={"method": "oidc", "cause": refusal.cause, "address": visit.address[:64]},
            clock=entrance.clock,
        )


def unlink(session: Session, authority: Authority, clock: Clock, account: Account) -> None:
    """Forget who the account is at the provider; the next sign-in pins it anew. Its sessions end."""
    authority.require_whole(session, account, clock)
    known = session.scalars(select(ExternalIdentity.issuer).where(ExternalIdentity.account_id == account.id)).all()
    if not known:
        raise NotFound("the account is not tied to anybody at a provider.", where=account.username)
    session.execute(delete(ExternalIdentity).where(ExternalIdentity.account_id == account.id))
    session_rows.end_sessions(session, clock, account.id, by=authority.actor)
    audit.record(
        session,
        authority.action("identity", "unlink"),
        origin=Origin(account.center_id, account.node),
        actor=authority.actor,
        subject=account.id,
        detail={"username": account.username, "issuer": ", ".join(known)},
        clock=clock,
    )


def _account(session: Session, person: Person) -> Account:
    """The account, held until the transaction ends: of two who come at once, the second sees what the first pinned."""
    known = session.get(ExternalIdentity, (person.issuer, person.subject))
    if known is not None:
        return _held(session, known.account_id)
    found = accounts.find(session, person.username) if person.username else None
    if found is None:
        raise SignInRefused(Refusal.UNKNOWN_ACCOUNT, "unknown_account")
    return _held(session, found.id)


def _pin(session: Session, entrance: Entrance, account: Account, person: Person) -> None:
    """Tie the account to the person, unless it is; raise when it is tied to somebody else."""
    query = select(ExternalIdentity).where(ExternalIdentity.account_id == account.id)
    known = {(each.issuer, each.subject) for each in session.scalars(query)}
    if (person.issuer, person.subject) in known:
        return
    if known:
        raise SignInRefused(Refusal.REFUSED, "pinned_to_another", who=Who.of(account))
    now_us = entrance.clock.now_us()
    session.add(ExternalIdentity(issuer=person.issuer, subject=person.subject, account_id=account.id, linked_us=now_us))
    session.flush()
    audit.record(
        session,
        AuditAction.API_IDENTITY_LINK,
        origin=Origin(account.center_id, account.node),
        actor=account.username,
        subject=account.id,
        detail={"issuer": person.issuer, "subject": person.subject},
        clock=entrance.clock,
    )


def _held(session: Session, account_id: str) -> Account:
    return session.get_one(Account, account_id, populate_existing=True, with_for_update=True)


def _end(session: Session, clock: Clock, session_id: str, *, by: str) -> None:
    try:
        session_rows.end_session(session, clock, session_id, AccountSession.ended_us.is_(None), by=by)
    except NotFound:
        return  # it ended meanwhile

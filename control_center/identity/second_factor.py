"""A second factor set up, confirmed, removed, and reset by an administrator.

It is in force from its first right code on. Whoever sets one up or removes it shows their password again: an
unattended console must not be enough.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from control_center.identity import recovery, sessions, totp
from control_center.identity.authority import Authority
from control_center.identity.models import Account
from control_center.identity.principal import Principal
from control_center.identity.session_rows import end_sessions
from control_center.identity.sessions import Entrance
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import transaction
from foundation.errors import Conflict, Forbidden, InvalidInput
from foundation.identifiers import Origin


def begin(entrance: Entrance, principal: Principal, password: str) -> bytes:
    """A new secret, not in force before `confirm`; one that was begun earlier is forgotten."""
    if principal.must_change_password:
        raise Forbidden("set your own password first.", where=principal.username, mend="Choose one of 12 characters.")
    sessions.prove(entrance, principal, password)
    secret = totp.new_secret()
    with transaction(entrance.core) as session:
        account = _held(session, principal)
        if account.totp_confirmed_us is not None:
            raise Conflict("you have a second factor.", where=account.username, mend="Remove it first.")
        account.totp_secret = totp.sealed(entrance.keyring, account.id, secret)
        account.totp_step = 0  # the steps of another secret say nothing of this one
    return secret


def confirm(entrance: Entrance, principal: Principal, code: str) -> list[str]:
    """Put the secret in force with its first code; returns the recovery codes, which nobody can show again.

    Other sessions of the account end: they were opened without it.
    """
    clock = entrance.clock
    with (
        entrance.throttle.attempt(clock, "", principal.session_id) as attempt,
        transaction(entrance.core) as session,
    ):
        account = _held(session, principal)
        if account.totp_secret is None or account.totp_confirmed_us is not None:
            raise Conflict("no second factor is being set up.", where=account.username, mend="Begin anew.")
        if not totp.take(session, entrance.keyring, account, recovery.canonical(code), clock):
            attempt.failed = True
            raise InvalidInput(
                "the code is wrong.", where="code", mend="Wait for the next one, and look at the authenticator's clock."
            )
        account.totp_confirmed_us = clock.now_us()
        codes = recovery.issue(session, account)
        end_sessions(session, clock, account.id, by=principal.username, but=principal.session_id)
        _audit(session, AuditAction.API_SECOND_FACTOR_ENROL, account, principal.username, clock)
    return codes


def remove(entrance: Entrance, principal: Principal, password: str, code: str) -> None:
    """Do without, or move to another authenticator; a recovery code will do for `code`."""
    if not principal.has_second_factor:
        raise Conflict("you have no second factor.", where=principal.username)
    sessions.prove(entrance, principal, password, code=code)
    with transaction(entrance.core) as session:
        account = _held(session, principal)
        _forget(session, account)
        _audit(session, AuditAction.API_SECOND_FACTOR_REMOVE, account, principal.username, entrance.clock)


def reset(session: Session, authority: Authority, clock: Clock, account: Account) -> None:
    """For somebody who lost their authenticator and the recovery codes: an administrator knows who asks.

    Its sessions end; where a role asks for a second factor, the person sets up another one at the next sign-in.
    """
    authority.require_whole(session, account, clock)
    if account.totp_secret is None:
        raise Conflict("the account has no second factor.", where=account.username)
    _forget(session, account)
    account.version += 1
    end_sessions(session, clock, account.id, by=authority.actor)
    _audit(session, authority.action("second_factor", "reset"), account, authority.actor, clock)


def _held(session: Session, principal: Principal) -> Account:
    return session.get_one(Account, principal.account_id, populate_existing=True, with_for_update=True)


def _forget(session: Session, account: Account) -> None:
    account.totp_secret, account.totp_confirmed_us, account.totp_step = None, None, 0
    recovery.drop(session, account)


def _audit(session: Session, action: AuditAction, account: Account, actor: str, clock: Clock) -> None:
    audit.record(
        session,
        action,
        origin=Origin(account.center_id, account.node),
        actor=actor,
        subject=account.id,
        detail={"username": account.username},
        clock=clock,
    )

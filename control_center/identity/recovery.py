"""Recovery codes: in place of the second factor, for who has lost their authenticator. Each works once."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from control_center.identity.models import Account, RecoveryCode
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.identifiers import Origin

COUNT = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what people mistake for one another
_GROUPS, _GROUP = 4, 4  # 79 bits: a plain hash of it cannot be searched


def issue(session: Session, account: Account) -> list[str]:
    """Ten new codes, to be shown once; the old ones are gone."""
    drop(session, account)
    codes = ["-".join(_random(_GROUP) for _ in range(_GROUPS)) for _ in range(COUNT)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(canonical(code))) for code in codes)
    session.flush()
    return codes


def take(session: Session, account: Account, code: str, clock: Clock) -> bool:
    """Whether this is one of the account's codes that nobody used; the statement that marks it decides."""
    statement = update(RecoveryCode).where(
        RecoveryCode.account_id == account.id,
        RecoveryCode.code_hash == _hash(canonical(code)),
        RecoveryCode.used_us.is_(None),
    )
    taken = session.execute(statement.values(used_us=clock.now_us()).returning(RecoveryCode.account_id)).one_or_none()
    if taken is None:
        return False
    audit.record(
        session,
        AuditAction.API_RECOVERY_CODE_USE,
        origin=Origin(account.center_id, account.node),
        actor=account.username,
        subject=account.id,
        clock=clock,
    )
    return True


def drop(session: Session, account: Account) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def canonical(code: str) -> str:
    """Without what people type for reading's sake: spaces, hyphens, capitals."""
    return "".join(letter for letter in code if not letter.isspace() and letter != "-").lower()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()

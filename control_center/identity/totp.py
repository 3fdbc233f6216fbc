"""The second factor: time-based one-time passwords (RFC 6238)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from control_center.identity.models import Account
from foundation.clock import Clock
from foundation.keyring import Keyring


def check(_session: Session, _keyring: Keyring, _account: Account, _code: str, _clock: Clock) -> bool:
    """Whether the code is right and was not used before."""
    return False

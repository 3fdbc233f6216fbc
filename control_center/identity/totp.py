"""The second factor: time-based one-time passwords (RFC 6238: SHA-1, 30 s, six digits, one step either way), or one of
the recovery codes in their place.

No code works twice: an account's newest step only rises, whatever the clock does. A clock that is set back cannot make
old codes good again. Nor does a clock that was wrong for a while lock anybody out: the step moves only with a code
that was right, and an authenticator of another time shows none that is.
"""

from __future__ import annotations

import base64
import secrets

import structlog
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import update
from sqlalchemy.orm import Session

from control_center.identity import recovery
from control_center.identity.models import Account
from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput
from foundation.keyring import Keyring

PURPOSE = "totp"
STEP_S = 30
DIGITS = 6
WINDOW = 1  # steps either way (RFC 6238, section 5.2)
SECRET_BYTES = 20  # the length of the hash, as RFC 4226, section 4, recommends
_ISSUER = "Vedette"
_log = structlog.get_logger()


def check(session: Session, keyring: Keyring, account: Account, code: str, clock: Clock) -> bool:
    """Whether this is a right code, of the authenticator or for recovery; from now on it is used. `account` is held."""
    code = recovery.canonical(code)
    if account.totp_secret is None or not code:
        return False
    if _looks_like_totp(code):
        return take(session, keyring, account, code, clock)
    return recovery.take(session, account, code, clock)


def take(session: Session, keyring: Keyring, account: Account, code: str, clock: Clock) -> bool:
    """Whether the authenticator shows this code now. The statement that notes its step also compares it, so that of
    two who show one code one gets in."""
    secret = _opened(keyring, account)
    if secret is None or not _looks_like_totp(code):
        return False
    for step in _matching_steps(secret, code, clock):
        statement = update(Account).where(
            Account.id == account.id, Account.totp_secret == account.totp_secret, Account.totp_step < step
        )
        if session.execute(statement.values(totp_step=step).returning(Account.id)).one_or_none() is not None:
            return True
    return False


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def sealed(keyring: Keyring, account_id: str, secret: bytes) -> str:
    """The secret at rest. It names its account: copied to another one's row, it opens nothing."""
    return keyring.seal(account_id.encode() + b":" + secret, PURPOSE)


def as_base32(secret: bytes) -> str:
    """As people type it into an authenticator."""
    return base64.b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, username: str) -> str:
    """`otpauth://`, as authenticators read it from a QR code."""
    return _totp(secret).get_provisioning_uri(username, _ISSUER)


def _matching_steps(secret: bytes, code: str, clock: Clock) -> list[int]:
    present = clock.now_us() // US_PER_S // STEP_S
    near = range(max(present - WINDOW, 0), present + WINDOW + 1)
    return [step for step in near if _is_right(secret, code, step)]  # all of them, whichever is right


def _is_right(secret: bytes, code: str, step: int) -> bool:
    try:
        _totp(secret).verify(code.encode(), step * STEP_S)
    except InvalidToken:
        return False
    return True


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303 - what authenticators compute; HMAC does not collide


def _looks_like_totp(code: str) -> bool:
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def _opened(keyring: Keyring, account: Account) -> bytes | None:
    """The account's secret; None without one, and when no key opens it: recovery codes work then as well."""
    if account.totp_secret is None:
        return None
    try:
        owner, _, secret = keyring.unseal(account.totp_secret, PURPOSE).partition(b":")
    except InvalidInput as error:
        _log.error("totp_secret_unreadable", account=account.id, error=str(error))
        return None
    return secret if owner == account.id.encode() else None

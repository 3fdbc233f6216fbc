"""Why a sign-in through the provider came to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from control_center.identity.models import Account
from foundation.errors import NotAuthenticated
from foundation.identifiers import Origin


class Refusal(StrEnum):
    """What the person is told; the console has a sentence for each."""

    UNKNOWN_ACCOUNT = "unknown_account"
    DISABLED = "disabled"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Who:
    """An account as the audit trail names it."""

    id: str
    username: str
    origin: Origin

    @classmethod
    def of(cls, account: Account) -> Who:
        return cls(account.id, account.username, Origin(account.center_id, account.node))


class SignInRefused(NotAuthenticated):
    """`cause` is a word of ours for the log and the audit trail, and holds nothing that came from outside."""

    def __init__(self, refusal: Refusal, cause: str, *, who: Who | None = None) -> None:
        super().__init__("the sign-in through the provider was refused.", where=cause)
        self.refusal = refusal
        self.cause = cause
        self.who = who


def unreachable(cause: str) -> SignInRefused:
    return SignInRefused(Refusal.PROVIDER_UNREACHABLE, cause)


def refused(cause: str) -> SignInRefused:
    return SignInRefused(Refusal.REFUSED, cause)


def expired(cause: str) -> SignInRefused:
    return SignInRefused(Refusal.EXPIRED, cause)

"""Answers kept under an idempotency key (draft-ietf-httpapi-idempotency-key-header): a request that is sent twice,
because the first answer got lost, does its deed once.

A key is taken before the deed and gets its answer after it. Whoever finds a key taken and without an answer is told so,
and never does the deed a second time: either it is under way, or the server stopped in the middle and nobody knows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ForeignKey, String, Text, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.chain import insert_for
from foundation.clock import US_PER_S, Clock
from foundation.database import CoreBase
from foundation.errors import Conflict, InvalidInput
from foundation.keyring import Keyring
from foundation.sealed import sealed_for

KEPT_US = 24 * 3600 * US_PER_S
# No request takes longer; who started before that is not at it any more.
UNDER_WAY_US = 120 * US_PER_S
_PURPOSE = "kept_answer"


class KeyReused(InvalidInput):
    kind = "idempotency_key_reused"


class UnderWay(Conflict):
    kind = "request_under_way"


class OutcomeUnknown(Conflict):
    kind = "outcome_unknown"


class KeptAnswer(CoreBase):
    """What was answered to a request that carried an idempotency key, for a day."""

    __tablename__ = "kept_answer"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, comment="who asked")
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the idempotency key, hex")
    request_hash: Mapped[str] = mapped_column(
        String(64), comment="SHA-256 of method, path, query, precondition and body, hex"
    )
    started_us: Mapped[int] = mapped_column(index=True, comment="when the deed was begun, UTC microseconds")
    answer: Mapped[str | None] = mapped_column(
        Text,
        comment="status, headers and body, sealed by foundation.keyring for purpose kept_answer; null: none was noted",
        info=sealed_for(_PURPOSE),
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A key that this request has taken."""

    account_id: str
    key_hash: str


def take(session: Session, clock: Clock, account_id: str, key: str, request_hash: str) -> Taken | str:
    """Take the key, or give the sealed answer that lies under it.

    Raises `KeyReused` when another request had the key, `UnderWay` when the same one is being worked on,
    `OutcomeUnknown` when that one never came to an answer.
    """
    now_us, key_hash = clock.now_us(), hashlib.sha256(key.encode()).hexdigest()
    session.execute(delete(KeptAnswer).where(KeptAnswer.started_us < now_us - KEPT_US))
    row = {"account_id": account_id, "key_hash": key_hash, "request_hash": request_hash, "started_us": now_us}
    statement = insert_for(session)(KeptAnswer).values(row).on_conflict_do_nothing().returning(KeptAnswer.started_us)
    if session.execute(statement).one_or_none() is not None:
        return Taken(account_id, key_hash)
    found = session.execute(
        select(KeptAnswer.request_hash, KeptAnswer.started_us, KeptAnswer.answer).where(
            KeptAnswer.account_id == account_id, KeptAnswer.key_hash == key_hash
        )
    ).one()
    if found.request_hash != request_hash:
        raise KeyReused("another request was sent under this key.", mend="Use a new Idempotency-Key for each change.")
    if found.answer is not None:
        return str(found.answer)
    if now_us - found.started_us < UNDER_WAY_US:
        raise UnderWay("the same request is under way.", mend="Ask again in a moment.")
    raise OutcomeUnknown(
        "this request was begun and its outcome was not noted.",
        mend="Look whether it was done; if not, send it under a new key.",
    )


def keep(session: Session, keyring: Keyring, taken: Taken, answer: bytes) -> None:
    """Note the answer for whoever sends the request again."""
    session.execute(update(KeptAnswer).where(*_is(taken)).values(answer=keyring.seal(answer, _PURPOSE)))


def opened(keyring: Keyring, answer: str) -> bytes:
    try:
        return keyring.unseal(answer, _PURPOSE)
    except InvalidInput as error:
        raise OutcomeUnknown(
            "this request was done, and its answer cannot be read any more.", mend="Look at what it has changed."
        ) from error


def give_up(session: Session, taken: Taken) -> None:
    """Nothing was done: the key is free again."""
    session.execute(delete(KeptAnswer).where(*_is(taken)))


def doubt(session: Session, taken: Taken) -> None:
    """Nobody knows what was done, nor will: do not let anybody wait for it."""
    session.execute(update(KeptAnswer).where(*_is(taken)).values(started_us=KeptAnswer.started_us - UNDER_WAY_US))


def _is(taken: Taken) -> tuple[ColumnElement[bool], ...]:
    return KeptAnswer.account_id == taken.account_id, KeptAnswer.key_hash == taken.key_hash

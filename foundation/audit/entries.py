"""Entries of the audit trail, each tied to the one before by a hash, and the head that counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, Index, String, Table, Text, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.audit.actions import AuditAction
from foundation.chain import START_HASH, CanonicalJson, chain_hash, insert_for, one_writer
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import CoreBase, OriginColumns
from foundation.identifiers import Origin, new_id

CHAIN = "main"


class AuditHead(CoreBase):
    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(String(16), primary_key=True, comment="name of the chain")
    last_seq: Mapped[int] = mapped_column(comment="number of the newest entry, 0 before the first")
    last_hash: Mapped[str] = mapped_column(String(64), comment="hash of the newest entry, empty before the first")
    purged_seq: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="number of the newest entry that retention let go, 0 before any"
    )
    purged_hash: Mapped[str] = mapped_column(
        String(64), default="", server_default="", comment="hash of that entry, empty before any"
    )


class AuditEntry(OriginColumns, CoreBase):
    __tablename__ = "audit_entry"
    # A search goes from the newest entry back: each index gives its entries in the order of the chain.
    __table_args__ = (
        Index("ix_audit_entry_center_id_seq", "center_id", "seq"),
        Index("ix_audit_entry_at_us_seq", "at_us", "seq"),
        Index("ix_audit_entry_actor_seq", "actor", "seq"),
        Index("ix_audit_entry_action_seq", "action", "seq"),
        Index("ix_audit_entry_subject_seq", "subject", "seq"),
        Index("ix_audit_entry_case_number_seq", "case_number", "seq"),
    )

    center_id: Mapped[str] = mapped_column(String(36), comment="center where the row was born")
    seq: Mapped[int] = mapped_column(unique=True, comment="place in the chain, from 1, without holes")
    at_us: Mapped[int] = mapped_column(comment="when, UTC")
    actor: Mapped[str] = mapped_column(String(128), comment="account, or cli:USER, or process name")
    action: Mapped[str] = mapped_column(String(64), comment="source:subject:action")
    subject: Mapped[str] = mapped_column(String(128), comment="identifier of what it was done to")
    detail: Mapped[dict[str, Any]] = mapped_column(CanonicalJson, comment="further facts; no secrets")
    reason: Mapped[str | None] = mapped_column(Text, comment="why, in the person's words, where the policy asks")
    case_number: Mapped[str | None] = mapped_column(String(64), comment="case it was done for, if one")
    prev_hash: Mapped[str] = mapped_column(String(64), comment="hash of the entry before, empty for the first")
    hash: Mapped[str] = mapped_column(String(64), comment="SHA-256 over prev_hash and the canonical content")

    def content(self) -> dict[str, Any]:
        """What the hash covers besides the hash before."""
        names = ("seq", "id", "center_id", "node", "at_us", "actor", "action", "subject", "detail")
        content = {name: getattr(self, name) for name in names}
        why = {"reason": self.reason, "case_number": self.case_number}
        return content | {name: value for name, value in why.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an entry tells.

    `entry_id` and `at_us` are for a deed that was noted elsewhere first, under an identifier and a time of its own.
    """

    action: AuditAction
    origin: Origin
    actor: str
    subject: str
    detail: Mapping[str, Any] | None = None
    reason: str | None = None
    case_number: str | None = None
    entry_id: str | None = None
    at_us: int | None = None


def record(
    session: Session,
    action: AuditAction,
    *,
    origin: Origin,
    actor: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    reason: str | None = None,
    case_number: str | None = None,
    clock: Clock = SYSTEM_CLOCK,
    entry_id: str | None = None,
    at_us: int | None = None,
) -> AuditEntry:
    """Add an entry to the caller's transaction; call it after the business rows."""
    deed = Deed(
        action=action,
        origin=origin,
        actor=actor,
        subject=subject,
        detail=detail,
        reason=reason,
        case_number=case_number,
        entry_id=entry_id,
        at_us=at_us,
    )
    return record_all(session, [deed], clock=clock)[0]


def record_all(session: Session, deeds: Sequence[Deed], *, clock: Clock = SYSTEM_CLOCK) -> list[AuditEntry]:
    """The same for many, in their order, at the price of few statements."""
    if not deeds:
        return []
    one_writer(session)
    last, previous = _take_numbers(session, len(deeds))
    entries = []
    for seq, deed in enumerate(deeds, last - len(deeds) + 1):
        entries.append(_entry(seq, previous, deed, clock))
        previous = entries[-1].hash
    session.add_all(entries)
    session.flush()
    session.execute(_MARK, {"previous": previous})
    return entries


def _entry(seq: int, previous: str, deed: Deed, clock: Clock) -> AuditEntry:
    entry = AuditEntry(
        id=deed.entry_id or new_id(clock),
        center_id=deed.origin.center_id,
        node=deed.origin.node,
        seq=seq,
        at_us=clock.now_us() if deed.at_us is None else deed.at_us,
        actor=deed.actor,
        action=str(deed.action),
        subject=deed.subject,
        detail=dict(deed.detail or {}),
        reason=deed.reason,
        case_number=deed.case_number,
        prev_hash=previous,
    )
    entry.hash = chain_hash(previous, entry.content())
    return entry


def _take_numbers(session: Session, count: int) -> tuple[int, str]:
    """The last of so many numbers, and the hash before the first."""
    row = session.execute(_taking(insert_for(session)), {"count": count}).one()
    return row.last_seq, row.last_hash


# Of the table and built once: an entry is written with nearly every request, and the ORM makes each statement anew.
_HEAD = cast("Table", AuditHead.__table__)
_MARK = update(_HEAD).where(_HEAD.c.chain == CHAIN).values(last_hash=bindparam("previous"))


@cache
def _taking(insert: Any) -> Any:
    count = bindparam("count", type_=BigInteger)
    statement = insert(_HEAD).values(chain=CHAIN, last_seq=count, last_hash=START_HASH)
    return statement.on_conflict_do_update(
        index_elements=["chain"], set_={"last_seq": _HEAD.c.last_seq + count}
    ).returning(_HEAD.c.last_seq, _HEAD.c.last_hash)

"""Hits as rows: found once however often a comparison is repeated, recalled when their ground is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from foundation import audit
from foundation.audit import AuditAction
from foundation.chain import insert_for, one_writer
from foundation.clock import Clock
from foundation.identifiers import Origin, new_id
from matching.models import Hit, KeyPerson, ReferenceRecord

RecallCause = Literal["expired", "withdrawn", "review_overdue", "changed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comparison found, before it is a row."""

    list_name: str | None
    database: str | None
    key_person_id: str | None
    reference_id: str | None
    weight_mbits: int
    probability: float
    explanation: dict[str, Any]


def store(
    session: Session, finding: Finding, origin: Origin, clock: Clock, observation_id: str | None = None
) -> str | None:
    """The id of the new hit, or None when the same pair has one: replay is harmless.

    A plate hit names the plate read that it was found in.
    """
    statement = insert_for(session)(Hit).values(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        list_name=finding.list_name,
        database=finding.database,
        key_person_id=finding.key_person_id,
        reference_id=finding.reference_id,
        observation_id=observation_id,
        weight_mbits=finding.weight_mbits,
        probability=finding.probability,
        explanation=finding.explanation,
        created_us=clock.now_us(),
    )
    stored: str | None = session.scalar(statement.on_conflict_do_nothing().returning(Hit.id))
    return stored


def reinstate(session: Session, hit_id: str, finding: Finding) -> None:
    """A recalled hit stands again: its record was renewed."""
    session.execute(
        update(Hit)
        .where(Hit.id == hit_id)
        .values(
            recalled_us=None,
            recall_cause=None,
            weight_mbits=finding.weight_mbits,
            probability=finding.probability,
            explanation=finding.explanation,
        )
    )


def recall(session: Session, hit_ids: Collection[str], cause: RecallCause, origin: Origin, clock: Clock) -> int:
    """Mark standing hits as recalled, each with its audit entry; how many there were."""
    if hit_ids:
        one_writer(session)  # before any hit is locked: two recalls would otherwise wait for each other in a ring
    recalled = 0
    for hit_id in sorted(hit_ids):
        marked = session.execute(
            update(Hit)
            .where(Hit.id == hit_id, Hit.recalled_us.is_(None))
            .values(recalled_us=clock.now_us(), recall_cause=cause)
            .returning(Hit.id)
        ).first()
        if marked is None:
            continue
        recalled += 1
        audit.record(
            session,
            AuditAction.MATCHING_HIT_RECALL,
            origin=origin,
            actor="matching",
            subject=hit_id,
            detail={"cause": cause},
            clock=clock,
        )
    return recalled


def recall_lapsed(session: Session, day: str, origin: Origin, clock: Clock, *within: ColumnElement[bool]) -> int:
    """Recall the standing hits, plate hits too, whose list or reference record may no longer be compared."""
    conditions: Sequence[tuple[RecallCause, ColumnElement[bool]]] = (
        ("withdrawn", (KeyPerson.withdrawn_on <= day) | (ReferenceRecord.withdrawn_on <= day)),
        ("expired", KeyPerson.expires_on < day),
        ("review_overdue", KeyPerson.review_on < day),
    )
    recalled = 0
    for cause, condition in conditions:
        lapsed = session.scalars(
            select(Hit.id)
            .outerjoin(KeyPerson, KeyPerson.id == Hit.key_person_id)
            .outerjoin(ReferenceRecord, ReferenceRecord.id == Hit.reference_id)
            .where(Hit.recalled_us.is_(None), condition, *within)
        ).all()
        recalled += recall(session, lapsed, cause, origin, clock)
    return recalled

"""Hits as rows: found once however often a comparison is repeated, recalled when their ground is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from foundation import audit
from foundation.audit import AuditAction
from foundation.chain import insert_for
from foundation.clock import Clock
from foundation.errors import NotFound
from foundation.identifiers import Origin, new_id
from matching.models import Hit, KeyPerson, RecordColumns, ReferenceRecord

RecallCause = Literal["expired", "withdrawn", "review_overdue", "changed"]
RECORD_FIELDS = tuple(name for name in RecordColumns.__annotations__ if name not in ("source_record", "imported_us"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comparison found, before it is a row."""

    list_name: str | None
    database: str | None
    key_person_id: str | None
    reference_id: str | None
    weight_mbits: int
    probability: float
    explanation: Mapping[str, Any]


def store(
    session: Session, finding: Finding, origin: Origin, clock: Clock, *, observation_id: str | None = None
) -> str | None:
    """The id of the new hit, or None when the same hit stands already: replay is harmless."""
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
        explanation=dict(finding.explanation),
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
            explanation=dict(finding.explanation),
        )
    )


def recall(session: Session, hit_ids: Collection[str], cause: RecallCause, origin: Origin, clock: Clock) -> int:
    """Mark standing hits as recalled, each with its audit entry; how many there were."""
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


def recall_of_records(
    session: Session, record_ids: Collection[str], cause: RecallCause, origin: Origin, clock: Clock
) -> int:
    """Recall whatever stands on these list or reference records."""
    ids = list(record_ids)
    recalled = 0
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        standing = session.scalars(
            select(Hit.id).where(Hit.recalled_us.is_(None), Hit.key_person_id.in_(some) | Hit.reference_id.in_(some))
        ).all()
        recalled += recall(session, standing, cause, origin, clock)
    return recalled


def view(session: Session, hit_id: str, center_ids: Collection[str]) -> dict[str, Any]:
    """A hit with both records and its legal basis, as the API answers it; `NotFound` outside the scope."""
    hit = session.scalar(select(Hit).where(Hit.id == hit_id, Hit.center_id.in_(center_ids)))
    if hit is None:
        raise NotFound("there is no such hit.", where=f"hit {hit_id}")
    person = session.get(KeyPerson, hit.key_person_id) if hit.key_person_id else None
    reference = session.get(ReferenceRecord, hit.reference_id) if hit.reference_id else None
    return {
        "id": hit.id,
        "list": hit.list_name,
        "database": hit.database,
        "probability": hit.probability,
        "weight_mbits": hit.weight_mbits,
        "explanation": hit.explanation,
        "record": shown(person) if person else {},
        "reference": shown(reference) if reference else {},
        "ground": person.ground if person else None,
        "issuer": person.issuer if person else None,
        "instrument": person.instrument if person else None,
        "action": person.action if person else None,
        "expires_on": person.expires_on if person else None,
        "recalled_us": hit.recalled_us,
        "recall_cause": hit.recall_cause,
    }


def shown(record: RecordColumns) -> dict[str, Any]:
    """The fields of a record that hold something, for a person to read."""
    values = {"source_record": record.source_record, **{name: getattr(record, name) for name in RECORD_FIELDS}}
    return {name: value for name, value in values.items() if value is not None}

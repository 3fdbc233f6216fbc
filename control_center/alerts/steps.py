"""A step as a whole: found within the scope, taken, audited, told; and the recall of an alert whose hit fell away."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.alerts.directory import find
from control_center.alerts.flow import Actor, AlertState, take_step
from control_center.alerts.models import Alert, AlertStep
from control_center.alerts.opening import tell
from foundation import audit
from foundation.clock import Clock
from foundation.identifiers import Origin, new_id
from matching.catalogue import Catalogue
from matching.models import Hit


def transition(
    session: Session,
    catalogue: Catalogue,
    clock: Clock,
    center_ids: Collection[str],
    actor: Actor,
    alert_id: str,
    *,
    to: AlertState,
    note: str,
    version: int,
) -> Alert:
    alert = find(session, center_ids, alert_id)
    before = alert.state
    take_step(session, alert, actor, to, note, version, clock)
    audit.record(
        session,
        audit.AuditAction.API_ALERT_TRANSITION,
        origin=Origin(alert.center_id, alert.node),
        actor=actor.username,
        subject=alert.id,
        detail={"from": before, "asked": to, "reached": alert.state},
        clock=clock,
    )
    tell(session, catalogue, clock, alert, "alert.changed")
    return alert


_RECALLED = (Hit.recalled_us.is_not(None), Alert.state != AlertState.CLOSED)


def recalled(session: Session) -> int:
    """How many alerts `recall` would close."""
    query = select(func.count()).select_from(Alert).join(Hit, Hit.id == Alert.hit_id)
    return session.scalars(query.where(*_RECALLED)).one()


def recall(session: Session, catalogue: Catalogue, clock: Clock) -> None:
    """Close the alerts whose hit was recalled because its record expired, was withdrawn or fell due for review."""
    query = select(Alert, Hit).join(Hit, Hit.id == Alert.hit_id)
    for alert, hit in session.execute(query.where(*_RECALLED)).all():
        _close(session, clock, alert, hit.recall_cause or "changed")
        tell(session, catalogue, clock, alert, "alert.changed")


def _close(session: Session, clock: Clock, alert: Alert, cause: str) -> None:
    before = alert.state
    alert.state, alert.version = AlertState.CLOSED, alert.version + 1
    session.add(
        AlertStep(
            id=new_id(clock),
            center_id=alert.center_id,
            node=alert.node,
            alert_id=alert.id,
            at_us=clock.now_us(),
            account_id="",
            account_name="matching",
            from_state=before,
            to_state=AlertState.CLOSED,
            note=f"recalled: {cause}",
        )
    )
    session.flush()
    audit.record(
        session,
        audit.AuditAction.PIPELINE_ALERT_RECALL,
        origin=Origin(alert.center_id, alert.node),
        actor="matching",
        subject=alert.id,
        detail={"cause": cause},
        clock=clock,
    )

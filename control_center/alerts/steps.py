"""A step as a whole: found within the scope, taken, audited, told; and the recall of an alert whose hit fell away."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.alerts.directory import find
from control_center.alerts.flow import MATCHING, Actor, AlertState, take_step
from control_center.alerts.models import Alert, AlertStep
from control_center.alerts.opening import tell
from foundation import audit
from foundation.clock import Clock
from foundation.identifiers import Origin, new_id
from foundation.scope import Scope
from matching.catalogue import Catalogue
from matching.models import Hit


def transition(
    session: Session,
    catalogue: Catalogue,
    clock: Clock,
    scope: Scope,
    actor: Actor,
    alert_id: str,
    *,
    to: AlertState,
    note: str,
    version: int,
) -> Alert:
    alert = find(session, scope, alert_id)
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
_LAST_STEP = select(func.max(AlertStep.id)).where(AlertStep.alert_id == Alert.id).correlate(Alert).scalar_subquery()
# What people closed stays closed; what the recall closed stands again with its hit.
_REINSTATED = (
    Hit.recalled_us.is_(None),
    Alert.state == AlertState.CLOSED,
    select(AlertStep.id).where(AlertStep.id == _LAST_STEP, AlertStep.account_id == MATCHING).exists(),
)


def overtaken(session: Session) -> int:
    """How many alerts `follow_hits` would change."""
    query = select(func.count()).select_from(Alert).join(Hit, Hit.id == Alert.hit_id)
    return sum(session.scalars(query.where(*condition)).one() for condition in (_RECALLED, _REINSTATED))


def follow_hits(session: Session, catalogue: Catalogue, clock: Clock) -> None:
    """Close the alerts whose hit was recalled because its record expired, was withdrawn or fell due for review; raise
    those anew whose record was renewed meanwhile."""
    query = select(Alert, Hit).join(Hit, Hit.id == Alert.hit_id)
    for alert, hit in session.execute(query.where(*_RECALLED)).all():
        cause = hit.recall_cause or "changed"
        _move_by_matching(session, clock, alert, AlertState.CLOSED, f"recalled: {cause}")
        tell(session, catalogue, clock, alert, "alert.changed")
    for alert, _hit in session.execute(query.where(*_REINSTATED)).all():
        _move_by_matching(session, clock, alert, AlertState.NEW, "reinstated: the record was renewed")
        tell(session, catalogue, clock, alert, "alert.changed")


def _move_by_matching(session: Session, clock: Clock, alert: Alert, to: AlertState, note: str) -> None:
    before = alert.state
    alert.state, alert.version = to, alert.version + 1
    session.add(
        AlertStep(
            id=new_id(clock),
            center_id=alert.center_id,
            node=alert.node,
            alert_id=alert.id,
            at_us=clock.now_us(),
            account_id=MATCHING,
            account_name="matching",
            from_state=before,
            to_state=to,
            note=note,
        )
    )
    session.flush()
    closed = to is AlertState.CLOSED
    audit.record(
        session,
        audit.AuditAction.PIPELINE_ALERT_RECALL if closed else audit.AuditAction.PIPELINE_ALERT_REINSTATE,
        origin=Origin(alert.center_id, alert.node),
        actor="matching",
        subject=alert.id,
        detail={"note": note},
        clock=clock,
    )

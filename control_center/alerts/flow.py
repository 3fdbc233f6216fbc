"""The life of an alert: which step is allowed when, and by whom.

new → acknowledged → verified | dismissed → closed. A dismissal can be taken back until the alert is closed, by whoever
made it or by who may overrule. A hit on a list that may lead to arrest needs two different people to verify it, neither
of whom imported the listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from control_center.alerts.models import Alert, AlertStep
from foundation.clock import Clock
from foundation.errors import Conflict, Forbidden, InvalidInput
from foundation.identifiers import new_id
from foundation.scope import NOTHING, Scope
from matching.models import Hit, KeyPerson

NOTE_LIMIT = 2000
MATCHING = ""  # in place of an account: the step was not a person's


class AlertState(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    CLOSED = "closed"


ALLOWED: dict[AlertState, frozenset[AlertState]] = {
    AlertState.NEW: frozenset({AlertState.ACKNOWLEDGED, AlertState.VERIFIED, AlertState.DISMISSED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.VERIFIED, AlertState.DISMISSED}),
    AlertState.VERIFIED: frozenset({AlertState.CLOSED}),
    AlertState.DISMISSED: frozenset({AlertState.ACKNOWLEDGED, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who takes a step."""

    account_id: str
    username: str
    overrules: Scope = NOTHING  # where they may take back a colleague's dismissal


def verifiers(session: Session, alert_id: str) -> set[str]:
    """The accounts that verified the alert since it was last dismissed or recalled."""
    annulled = or_(AlertStep.to_state == AlertState.DISMISSED, AlertStep.account_id == MATCHING)
    query = select(func.max(AlertStep.at_us)).where(AlertStep.alert_id == alert_id, annulled)
    annulled_us = session.scalar(query)
    return set(
        session.scalars(
            select(AlertStep.account_id).where(
                AlertStep.alert_id == alert_id,
                AlertStep.to_state == AlertState.VERIFIED,
                AlertStep.at_us > (annulled_us or 0),
            )
        )
    )


def take_step(
    session: Session, alert: Alert, actor: Actor, to: AlertState, note: str, version: int, clock: Clock
) -> None:
    """Move the alert; `Conflict` when somebody was faster or the step is not allowed, `InvalidInput` for a bad note."""
    where = f"alert {alert.id}"
    current = AlertState(alert.state)
    note = _checked_note(note, to, where)
    if to not in ALLOWED[current]:
        steps = ", ".join(sorted(ALLOWED[current])) or "none"
        raise Conflict(
            f"an alert that is {current} cannot become {to}.", where=where, mend=f"Allowed from here: {steps}."
        )
    if current is AlertState.DISMISSED and to is AlertState.ACKNOWLEDGED:
        _require_own_dismissal(session, alert, actor, where)
    reached = to
    if to is AlertState.VERIFIED:
        reached = _state_after_verification(session, alert, actor, where)
    _move(session, alert, reached, version, where)
    session.add(
        AlertStep(
            id=new_id(clock),
            center_id=alert.center_id,
            node=alert.node,
            alert_id=alert.id,
            at_us=clock.now_us(),
            account_id=actor.account_id,
            account_name=actor.username,
            from_state=current,
            to_state=to,
            note=note,
        )
    )
    session.flush()


def _require_own_dismissal(session: Session, alert: Alert, actor: Actor, where: str) -> None:
    """Whoever dismissed an alert may think better of it; a colleague needs the right to overrule there."""
    query = select(AlertStep.account_id).where(
        AlertStep.alert_id == alert.id, AlertStep.to_state == AlertState.DISMISSED
    )
    dismissed_by = session.scalars(query.order_by(AlertStep.id.desc()).limit(1)).first()
    if dismissed_by != actor.account_id and alert.center_id not in actor.overrules:
        raise Forbidden(
            "a colleague dismissed this alert.", where=where, mend="Ask them, or a senior operator, to take it back."
        )


def _checked_note(note: str, to: AlertState, where: str) -> str:
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise InvalidInput(f"the note is longer than {NOTE_LIMIT} characters.", where=where, mend="Shorten it.")
    if to is AlertState.DISMISSED and not note:
        raise InvalidInput("a dismissal needs a reason.", where=where, mend="Write the reason into the note.")
    return note


def _state_after_verification(session: Session, alert: Alert, actor: Actor, where: str) -> AlertState:
    if _is_importer(session, alert, actor):
        raise Conflict("who imported the listing may not verify its hits.", where=where, mend="Ask a colleague.")
    done = verifiers(session, alert.id)
    if actor.account_id in done:
        raise Conflict("you have verified it already.", where=where, mend="A second person must verify it.")
    return AlertState.VERIFIED if len(done) + 1 >= alert.verifications_needed else AlertState.ACKNOWLEDGED


def _is_importer(session: Session, alert: Alert, actor: Actor) -> bool:
    """Under the account's name, or as the user of this machine who bears it."""
    query = select(KeyPerson.imported_by).join(Hit, Hit.key_person_id == KeyPerson.id).where(Hit.id == alert.hit_id)
    return any(importer.removeprefix("cli:").lower() == actor.username for importer in session.scalars(query))


def _move(session: Session, alert: Alert, to: AlertState, version: int, where: str) -> None:
    # The version is compared by the statement that writes: two people at once cannot both be first.
    moved = session.execute(
        update(Alert)
        .where(Alert.id == alert.id, Alert.version == version)
        .values(state=to, version=Alert.version + 1)
        .returning(Alert.version)
    ).scalar_one_or_none()
    if moved is None:
        raise Conflict("somebody else changed it meanwhile.", where=where, mend="Look at its present state first.")
    session.refresh(alert)

"""From a hit to an alert: alert row, audit row and the consoles' event, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.alerts.directory import view
from control_center.alerts.flow import AlertState
from control_center.alerts.models import Alert, AlertSighting
from foundation import audit, outbox
from foundation.clock import US_PER_S, Clock
from foundation.identifiers import Origin, new_id
from matching.catalogue import Catalogue
from matching.models import Hit, KeyPerson, ReferenceRecord

# What a person needs to judge a passage: a little before it, and where the vehicle went.
CLIP_BEFORE_US = 5 * US_PER_S
CLIP_AFTER_US = 5 * US_PER_S
# A child at risk and a person to arrest come first on every screen; a found document can wait.
_SEVERITY = {
    "wanted": "high",
    "absconded": "high",
    "endangered": "high",
    "missing": "medium",
    "protection_order": "medium",
}


# The same record before the same camera within this time is the same matter, not another alert.
SAME_MATTER_US = 15 * 60 * US_PER_S
# Nobody reads the same plate twice within this time: then two read it, a device and the reader here.
SAME_PASSAGE_US = 8 * US_PER_S


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a camera saw of a plate hit."""

    observation_id: str
    camera_id: str
    plate: str
    start_us: int
    end_us: int


def open_alert(
    session: Session, catalogue: Catalogue, clock: Clock, origin: Origin, hit: Hit, sighting: Sighting | None = None
) -> Alert | None:
    """Raise the alert of a hit; None when it has one already. `origin` is the center that must act on it."""
    if session.scalar(select(Alert.id).where(Alert.hit_id == hit.id)) is not None:
        return None
    alert = Alert(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        hit_id=hit.id,
        kind="plate_hit" if sighting else "record_hit",
        state=AlertState.NEW,
        version=1,
        severity=severity(hit),
        list_name=hit.list_name,
        database=hit.database,
        subject=sighting.plate if sighting else _subject(session, hit),
        plate=sighting.plate if sighting else None,
        camera_id=sighting.camera_id if sighting else None,
        observed_us=sighting.start_us if sighting else None,
        clip_start_us=sighting.start_us - CLIP_BEFORE_US if sighting else None,
        clip_end_us=sighting.end_us + CLIP_AFTER_US if sighting else None,
        verifications_needed=catalogue.verifiers(hit.list_name),
        created_us=clock.now_us(),
    )
    session.add(alert)
    session.flush()
    if sighting:
        add_sighting(session, clock, alert, sighting)
    audit.record(
        session,
        audit.AuditAction.PIPELINE_ALERT_CREATE,
        origin=origin,
        actor="matching",
        subject=alert.id,
        detail={"hit": hit.id, "kind": alert.kind},
        clock=clock,
    )
    tell(session, catalogue, clock, alert, "alert.created")
    return alert


def alert_of_same_matter(
    session: Session, sighting: Sighting, key_person_id: str | None, reference_id: str | None
) -> Alert | None:
    """The alert, not closed yet, that the sighting belongs to: same record, same camera, a short while ago."""
    recent = AlertSighting.end_us >= sighting.start_us - SAME_MATTER_US
    return session.scalars(
        select(Alert)
        .join(Hit, Hit.id == Alert.hit_id)
        .join(AlertSighting, AlertSighting.alert_id == Alert.id)
        .where(Alert.camera_id == sighting.camera_id, Alert.state != AlertState.CLOSED, recent)
        .where(Hit.key_person_id == key_person_id, Hit.reference_id == reference_id)
        .order_by(Alert.id.desc())
    ).first()


def is_same_passage(session: Session, alert: Alert, sighting: Sighting) -> bool:
    """Whether the alert has the passage already: a device and the reader here both tell of it."""
    known = select(AlertSighting.id).where(
        AlertSighting.alert_id == alert.id,
        AlertSighting.camera_id == sighting.camera_id,
        AlertSighting.start_us <= sighting.end_us + SAME_PASSAGE_US,
        AlertSighting.end_us >= sighting.start_us - SAME_PASSAGE_US,
    )
    return session.scalar(known.limit(1)) is not None


def add_sighting(session: Session, clock: Clock, alert: Alert, sighting: Sighting) -> None:
    session.add(
        AlertSighting(
            id=new_id(clock),
            center_id=alert.center_id,
            node=alert.node,
            alert_id=alert.id,
            observation_id=sighting.observation_id,
            camera_id=sighting.camera_id,
            start_us=sighting.start_us,
            end_us=sighting.end_us,
        )
    )
    session.flush()


def tell(session: Session, catalogue: Catalogue, clock: Clock, alert: Alert, kind: str) -> None:
    """Let the consoles know: `alert.created` or `alert.changed`, with the alert as the API shows it."""
    body = view(session, catalogue, alert)
    outbox.append(session, alert.center_id, outbox.CONSOLE, outbox.Lane.URGENT, kind, body, clock)


def severity(hit: Hit) -> str:
    if hit.list_name is None:
        return "medium"  # a stolen vehicle, with nobody listed behind it
    return _SEVERITY.get(hit.list_name, "low")


def _subject(session: Session, hit: Hit) -> str:
    record: KeyPerson | ReferenceRecord | None = None
    if hit.key_person_id is not None:
        record = session.get(KeyPerson, hit.key_person_id)
    elif hit.reference_id is not None:
        record = session.get(ReferenceRecord, hit.reference_id)
    if record is None:
        return ""
    written = " ".join(part for part in (record.given_name, record.surname) if part)
    return record.name or written or record.plate or record.document_number or record.vin or record.source_record

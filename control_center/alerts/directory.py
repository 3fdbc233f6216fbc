"""Alerts as the API shows them: lists by scope, one in full. Every query names the centers it may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.alerts.flow import AlertState, verifiers
from control_center.alerts.models import Alert, AlertSighting, AlertStep
from device_registry.models import Camera, Center
from foundation.errors import NotFound
from foundation.scope import Scope
from matching.catalogue import Catalogue
from matching.models import Hit, KeyPerson, RecordColumns, ReferenceRecord

_HIDDEN = {"imported_us"}
_SHOWN = [name for name in RecordColumns.__annotations__ if name not in _HIDDEN]


def find(session: Session, scope: Scope, alert_id: str) -> Alert:
    alert = session.scalar(select(Alert).where(Alert.id == alert_id, scope.covers(Alert.center_id)))
    if alert is None:
        raise NotFound("there is no such alert here.", where=f"alert {alert_id}")
    return alert


def page(
    session: Session,
    catalogue: Catalogue,
    scope: Scope,
    *,
    state: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Newest first, and the cursor of the next page; identifiers sort by time, so the last one is the cursor."""
    query = select(Alert).where(scope.covers(Alert.center_id))
    if state is not None:
        query = query.where(Alert.state == state)
    if kind is not None:
        query = query.where(Alert.kind == kind)
    if cursor is not None:
        query = query.where(Alert.id < cursor)
    alerts = session.scalars(query.order_by(Alert.id.desc()).limit(limit + 1)).all()
    shown = alerts[:limit]
    return views(session, catalogue, shown), shown[-1].id if len(alerts) > limit else None


def count_new(session: Session, scope: Scope) -> int:
    query = select(func.count()).select_from(Alert).where(scope.covers(Alert.center_id))
    return session.scalar(query.where(Alert.state == AlertState.NEW)) or 0


def view(session: Session, catalogue: Catalogue, alert: Alert) -> dict[str, Any]:
    return views(session, catalogue, [alert])[0]


def views(session: Session, catalogue: Catalogue, alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """The alerts as lists show them; names are fetched for all of them at once."""
    centers = _names(session, Center, {alert.center_id for alert in alerts})
    cameras = _names(session, Camera, {alert.camera_id for alert in alerts if alert.camera_id})
    sightings = _sightings(session, [alert.id for alert in alerts if alert.camera_id])
    verified = _verified(
        session, [alert.id for alert in alerts if alert.state in ("acknowledged", "verified", "closed")]
    )
    return [
        {
            "id": alert.id,
            "kind": alert.kind,
            "state": alert.state,
            "version": alert.version,
            "severity": alert.severity,
            "created_us": alert.created_us,
            "center_id": alert.center_id,
            "center_name": centers.get(alert.center_id, ""),
            "title": _title(catalogue, alert),
            "list": alert.list_name,
            "database": alert.database,
            "camera": {"id": alert.camera_id, "name": cameras.get(alert.camera_id, "")} if alert.camera_id else None,
            "observed_us": alert.observed_us,
            "plate": alert.plate,
            "sightings": sightings.get(alert.id, (0, None))[0],
            "last_observed_us": sightings.get(alert.id, (0, None))[1],
            "verifications": verified.get(alert.id, 0),
            "verifications_needed": alert.verifications_needed,
        }
        for alert in alerts
    ]


def detail(session: Session, catalogue: Catalogue, alert: Alert) -> dict[str, Any]:
    """One alert with its hit, its clip and its history."""
    steps = session.scalars(select(AlertStep).where(AlertStep.alert_id == alert.id).order_by(AlertStep.id))
    clip = None
    if alert.camera_id is not None:
        start_us, end_us = alert.clip_start_us, alert.clip_end_us
        clip = {"camera_id": alert.camera_id, "stream": "main", "start_us": start_us, "end_us": end_us}
    return view(session, catalogue, alert) | {
        "hit": _hit(session, session.get_one(Hit, alert.hit_id)),
        "clip": clip,
        "history": [
            {
                "at_us": step.at_us,
                "account": step.account_name,
                "from": step.from_state,
                "to": step.to_state,
                "note": step.note,
            }
            for step in steps
        ],
    }


def _hit(session: Session, hit: Hit) -> dict[str, Any]:
    person = session.get(KeyPerson, hit.key_person_id) if hit.key_person_id else None
    reference = session.get(ReferenceRecord, hit.reference_id) if hit.reference_id else None
    listing = ("ground", "issuer", "instrument", "action", "expires_on")
    return {
        "id": hit.id,
        "list": hit.list_name,
        "database": hit.database,
        "probability": hit.probability,
        "weight_mbits": hit.weight_mbits,
        "explanation": hit.explanation,
        "record": _fields(person),
        "reference": _fields(reference),
    } | {name: getattr(person, name, None) for name in listing}


def _fields(record: KeyPerson | ReferenceRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {name: value for name in _SHOWN if (value := getattr(record, name)) is not None}


def _sightings(session: Session, alert_ids: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """How often, and when last."""
    query = select(AlertSighting.alert_id, func.count(), func.max(AlertSighting.start_us))
    rows = session.execute(query.where(AlertSighting.alert_id.in_(alert_ids)).group_by(AlertSighting.alert_id))
    return {alert_id: (count, last_us) for alert_id, count, last_us in rows}


def _verified(session: Session, alert_ids: Sequence[str]) -> dict[str, int]:
    return {alert_id: len(verifiers(session, alert_id)) for alert_id in alert_ids}


def _names(session: Session, table: type[Center] | type[Camera], ids: Collection[str]) -> dict[str, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(table.id, table.name).where(table.id.in_(ids)))}


def _title(catalogue: Catalogue, alert: Alert) -> dict[str, str]:
    """`PLATE or NAME · list × database`, in both languages."""
    sides = []
    for name, entry in catalogue.lists.items():
        if name == alert.list_name:
            sides.append(entry.title)
    for database, reference in catalogue.databases.items():
        if database == alert.database:
            sides.append(reference.title)
    return {
        "zh": " · ".join([alert.subject, " × ".join(side.zh for side in sides)]),
        "en": " · ".join([alert.subject, " × ".join(side.en for side in sides)]),
    }

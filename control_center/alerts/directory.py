"""Alerts as the API shows them: lists by scope, one in full. Every query names the centers it may see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from control_center.alerts.flow import MATCHING, AlertState
from control_center.alerts.models import Alert, AlertSighting, AlertStep
from device_registry.models import Camera, Center
from foundation.errors import NotFound
from foundation.scope import Scope, covered
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
    connection: Connection,
    catalogue: Catalogue,
    scope: Scope,
    *,
    state: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Newest first, and the cursor of the next page; identifiers sort by time, so the last one is the cursor."""
    asked = {"state": state, "kind": kind, "cursor": cursor}
    given = {name: value for name, value in asked.items() if value is not None}
    found = _views(connection, catalogue, _page(*given), given | {"fetched": limit + 1} | scope.bound)
    shown = found[:limit]
    return shown, shown[-1]["id"] if len(found) > limit else None


@lru_cache
def _page(*given: str) -> Select[*tuple[Any, ...]]:
    """Built once for each set of filters, because building it costs as much as executing it."""
    conditions = {
        "state": Alert.state == bindparam("state"),
        "kind": Alert.kind == bindparam("kind"),
        "cursor": Alert.id < bindparam("cursor"),
    }
    # Joined to an empty text, the column has no index: SQLite then goes down the primary key until the page is full.
    # By the index on centers it would read and sort all alerts of a city for each page.
    query = _LISTED.where(covered(Alert.center_id.concat("")), *(conditions[name] for name in given))
    return query.order_by(Alert.id.desc()).limit(bindparam("fetched", type_=Integer))


def count_new(session: Session, scope: Scope) -> int:
    query = select(func.count()).select_from(Alert).where(scope.covers(Alert.center_id))
    return session.scalar(query.where(Alert.state == AlertState.NEW)) or 0


def view(session: Session, catalogue: Catalogue, alert: Alert) -> dict[str, Any]:
    """One alert as lists show it."""
    session.flush()
    return _views(session.connection(), catalogue, _ONE, {"alert_id": alert.id})[0]


def _views(
    connection: Connection, catalogue: Catalogue, query: Select[*tuple[Any, ...]], given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    titles = _Titles(catalogue)
    # Unpacked by position, in the order of `_listed`: by name, each of a thousand values costs a look-up.
    return [
        {
            "id": alert_id,
            "kind": kind,
            "state": state,
            "version": version,
            "severity": severity,
            "created_us": created_us,
            "center_id": center_id,
            "center_name": center_name or "",
            "title": titles.of(subject, list_name, database),
            "list": list_name,
            "database": database,
            "camera": {"id": camera_id, "name": camera_name or ""} if camera_id else None,
            "observed_us": observed_us,
            "plate": plate,
            "sightings": sightings,
            "last_observed_us": last_observed_us,
            "verifications": verifications,
            "verifications_needed": verifications_needed,
        }
        for (
            alert_id,
            kind,
            state,
            version,
            severity,
            created_us,
            center_id,
            center_name,
            subject,
            list_name,
            database,
            camera_id,
            camera_name,
            observed_us,
            plate,
            verifications_needed,
            sightings,
            last_observed_us,
            verifications,
        ) in connection.execute(query, given).all()
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


class _Titles:
    """`PLATE or NAME · list × database`, in both languages."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sides: dict[tuple[str | None, str | None], tuple[str, str]] = {}

    def of(self, subject: str, list_name: str | None, database: str | None) -> dict[str, str]:
        key = list_name, database
        if key not in self._sides:
            self._sides[key] = self._named(list_name, database)
        zh, en = self._sides[key]
        return {"zh": f"{subject} · {zh}", "en": f"{subject} · {en}"}

    def _named(self, list_name: str | None, database: str | None) -> tuple[str, str]:
        sides = [entry.title for name, entry in self._catalogue.lists.items() if name == list_name]
        sides += [entry.title for name, entry in self._catalogue.databases.items() if name == database]
        return " × ".join(side.zh for side in sides), " × ".join(side.en for side in sides)


def _verifications() -> ColumnElement[int]:
    """How many people verified the alert since it was last dismissed or recalled; `flow.verifiers` names them."""
    step, annulling = aliased(AlertStep), aliased(AlertStep)
    annulled_us = select(func.max(annulling.at_us)).where(
        annulling.alert_id == Alert.id,
        or_(annulling.to_state == AlertState.DISMISSED, annulling.account_id == MATCHING),
    )
    counted = select(func.count(step.account_id.distinct())).where(
        step.alert_id == Alert.id,
        step.to_state == AlertState.VERIFIED,
        step.at_us > func.coalesce(annulled_us.correlate(Alert).scalar_subquery(), 0),
    )
    counts = Alert.state.in_([AlertState.ACKNOWLEDGED, AlertState.VERIFIED, AlertState.CLOSED])
    return case((counts, counted.correlate(Alert).scalar_subquery()), else_=0)


def _listed() -> Select[*tuple[Any, ...]]:
    """An alert as lists show it, with the names it speaks of, in one statement."""
    seen = select(AlertSighting.id).where(AlertSighting.alert_id == Alert.id).correlate(Alert)
    return (
        select(
            Alert.id,
            Alert.kind,
            Alert.state,
            Alert.version,
            Alert.severity,
            Alert.created_us,
            Alert.center_id,
            Center.name.label("center_name"),
            Alert.subject,
            Alert.list_name,
            Alert.database,
            Alert.camera_id,
            Camera.name.label("camera_name"),
            Alert.observed_us,
            Alert.plate,
            Alert.verifications_needed,
            seen.with_only_columns(func.count()).scalar_subquery().label("sightings"),
            seen.with_only_columns(func.max(AlertSighting.start_us)).scalar_subquery().label("last_observed_us"),
            _verifications().label("verifications"),
        )
        .outerjoin(Center, Center.id == Alert.center_id)
        .outerjoin(Camera, Camera.id == Alert.camera_id)
    )


_LISTED = _listed()
_ONE = _LISTED.where(Alert.id == bindparam("alert_id"))

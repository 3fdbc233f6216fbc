"""What no purge may free, asked of the store *core*: the locks in force, and what open alerts saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.alerts.flow import AlertState
from control_center.alerts.models import Alert, AlertSighting
from control_center.evidence.models import EvidenceLock
from device_registry.models import Camera
from foundation.clock import US_PER_S

AROUND_US: Final = 60 * US_PER_S
# An alert that nobody closes is no reason to keep everybody's picture for good.
ALERT_HOLDS_US: Final = 30 * 86_400 * US_PER_S


class Hold(NamedTuple):
    """A span of a camera's footage, every stream of it."""

    camera_id: str
    kind: Literal["lock", "alert"]
    start_us: int
    end_us: int


class LockInForce(NamedTuple):
    id: str
    version: int
    camera_id: str
    start_us: int
    end_us: int
    held_us: int | None


def locks_in_force(session: Session, node: str) -> list[LockInForce]:
    """Those of this node's cameras."""
    table = EvidenceLock
    query = select(table.id, table.version, table.camera_id, table.start_us, table.end_us, table.held_us)
    rows = session.execute(query.where(table.released_us.is_(None), table.node == node).order_by(table.id))
    return [LockInForce(*row) for row in rows]


def alert_holds(session: Session, node: str, now_us: int) -> list[Hold]:
    """What this node's cameras recorded around each observation of an alert that is not closed."""
    query = (
        select(AlertSighting.camera_id, AlertSighting.start_us, AlertSighting.end_us)
        .join(Alert, Alert.id == AlertSighting.alert_id)
        .join(Camera, Camera.id == AlertSighting.camera_id)
        .where(Alert.state.in_(_OPEN), Alert.created_us > now_us - ALERT_HOLDS_US, Camera.node == node)
    )
    return [
        Hold(camera_id, "alert", max(start_us - AROUND_US, 0), end_us + AROUND_US)
        for camera_id, start_us, end_us in session.execute(query)
    ]


_OPEN = [state for state in AlertState if state is not AlertState.CLOSED]


def merged(holds: Iterable[Hold]) -> list[Hold]:
    """In order, those of one camera and kind apart from each other."""
    return [hold for _, group in groupby(sorted(holds), key=lambda hold: hold[:2]) for hold in _joined(group)]


def _joined(holds: Iterator[Hold]) -> Iterator[Hold]:
    last = next(holds)
    for hold in holds:
        if hold.start_us <= last.end_us:
            last = last._replace(end_us=max(last.end_us, hold.end_us))
        else:
            yield last
            last = hold
    yield last

"""For what share of some days each camera was of use, by its changes of health, and how whole its footage is.

Of use is a camera that is online, also with a skewed clock or degraded. What a person chose, disabled or maintenance,
does not count at all; neither does the time before the first change that is on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, case, cast, func, select
from sqlalchemy.orm import aliased

from device_registry.health.models import HealthChange, RecordedDay
from device_registry.models import Camera, Center
from foundation.clock import US_PER_S
from foundation.scope import Scope, covered

MAX_DAYS: Final = 366
DAY_US: Final = 86_400 * US_PER_S
_OF_USE: Final = ("online", "clock_skew", "degraded")
_CHOSEN: Final = ("disabled", "maintenance")


@dataclass(frozen=True, slots=True)
class CameraAvailability:
    """Shares from 0 to 1; None where nothing is known."""

    id: str
    code: str
    name: str
    center_id: str
    center_name: str
    available: float | None
    recorded: float | None  # of whole days (UTC)
    counted_us: int  # the time that `available` is a share of


def availability(connection: Connection, scope: Scope, from_us: int, to_us: int) -> list[CameraAvailability]:
    """Of each camera of these centers, by code."""
    days = {"first_day": -(-from_us // DAY_US), "last_day": to_us // DAY_US - 1}
    given = {"from_us": from_us, "to_us": to_us, **days, **scope.bound}
    return [
        CameraAvailability(
            camera_id, code, name, center_id, center, _share(of_use, counted), _share(recorded, span), int(counted or 0)
        )
        for camera_id, code, name, center_id, center, of_use, counted, recorded, span in connection.execute(
            _query(), given
        ).all()
    ]


@dataclass(frozen=True, slots=True)
class CenterAvailability:
    id: str
    name: str
    cameras: int
    available: float | None  # the mean of those cameras of which something is known
    recorded: float | None


def by_center(rows: Iterable[CameraAvailability]) -> list[CenterAvailability]:
    """Of each center's own cameras, in the order in which the centers come up."""
    centers: dict[str, list[CameraAvailability]] = {}
    for row in rows:
        centers.setdefault(row.center_id, []).append(row)
    return [
        CenterAvailability(
            center_id,
            found[0].center_name,
            len(found),
            _mean([row.available for row in found]),
            _mean([row.recorded for row in found]),
        )
        for center_id, found in centers.items()
    ]


def _mean(shares: Iterable[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def _share(part: int | None, whole: int | None) -> float | None:
    return min(1.0, int(part or 0) / int(whole)) if whole else None


@cache
def _query() -> Select[*tuple[Any, ...]]:
    spans, days = _spans().subquery(), _days().subquery()
    return (
        select(
            Camera.id,
            Camera.code,
            Camera.name,
            Camera.center_id,
            Center.name,
            spans.c.of_use_us,
            spans.c.counted_us,
            days.c.recorded_us,
            days.c.span_us,
        )
        .join(Center, Center.id == Camera.center_id)
        .outerjoin(spans, spans.c.camera_id == Camera.id)
        .outerjoin(days, days.c.camera_id == Camera.id)
        .where(covered(Camera.center_id))
        .order_by(Camera.code, Camera.id)
    )


def _spans() -> Select[*tuple[Any, ...]]:
    """For each camera how long it was of use, and how long that is counted of."""
    from_us, to_us = bindparam("from_us", type_=BigInteger), bindparam("to_us", type_=BigInteger)
    earlier = aliased(HealthChange)
    first_us = select(func.max(earlier.at_us)).where(earlier.camera_id == HealthChange.camera_id)
    first_us = first_us.where(earlier.at_us <= from_us)
    until_us = func.lead(HealthChange.at_us).over(partition_by=HealthChange.camera_id, order_by=HealthChange.at_us)
    change = (
        select(HealthChange.camera_id, HealthChange.state, HealthChange.at_us, until_us.label("until_us"))
        .join(Camera, Camera.id == HealthChange.camera_id)
        .where(covered(Camera.center_id), HealthChange.at_us < to_us)
        .where(HealthChange.at_us >= func.coalesce(first_us.scalar_subquery(), from_us))
        .subquery()
    )
    begins_us = case((change.c.at_us < from_us, from_us), else_=change.c.at_us)
    lasted_us = func.coalesce(change.c.until_us, to_us) - begins_us
    return select(
        change.c.camera_id,
        _sum(case((change.c.state.in_(_OF_USE), lasted_us), else_=0)).label("of_use_us"),
        _sum(case((change.c.state.in_(_CHOSEN), 0), else_=lasted_us)).label("counted_us"),
    ).group_by(change.c.camera_id)


def _days() -> Select[*tuple[Any, ...]]:
    return (
        select(
            RecordedDay.camera_id,
            _sum(RecordedDay.recorded_us).label("recorded_us"),
            _sum(RecordedDay.span_us).label("span_us"),
        )
        .where(RecordedDay.day.between(bindparam("first_day"), bindparam("last_day")))
        .group_by(RecordedDay.camera_id)
    )


def _sum(value: ColumnElement[Any] | Any) -> ColumnElement[int]:
    return cast(func.sum(value), HealthChange.at_us.type)

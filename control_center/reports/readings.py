"""The data-protection report: who looked at what, when and why, from the audit trail.

A viewing of live pictures is two entries, its beginning and its end, and is told once, with both. A leave for a clip
gives the reason of what was played under it; it is told itself only when no viewing was noted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from control_center.alerts.models import Alert
from control_center.reports.names import Names
from foundation.audit import AuditAction, AuditEntry
from foundation.audit import search as audit_search
from foundation.audit.search import FoundEntry
from foundation.clock import US_PER_S
from foundation.scope import Scope

What = Literal["live", "footage", "alert", "look_up", "export", "report", "search"]
WHATS: Final[tuple[What, ...]] = get_args(What)
KINDS: Final[dict[str, What]] = {
    AuditAction.MEDIA_LIVE_WATCH: "live",
    AuditAction.MEDIA_FOOTAGE_PLAY: "footage",
    AuditAction.API_CLIP_LEAVE: "footage",
    AuditAction.API_FOOTAGE_READ: "footage",  # version 0.1: leave for all cameras, live and recorded
    AuditAction.API_ALERT_READ: "alert",
    AuditAction.API_LOOK_UP_READ: "look_up",
    AuditAction.CLI_PLATE_SEARCH: "look_up",
    AuditAction.API_AUDIT_EXPORT: "export",
    AuditAction.CLI_AUDIT_EXPORT: "export",
    AuditAction.API_AUDIT_REPORT: "report",
    AuditAction.CLI_AUDIT_REPORT: "report",
    AuditAction.API_AUDIT_SEARCH: "search",
    AuditAction.CLI_AUDIT_SEARCH: "search",
}
# Longer than any session: what belongs together is never further apart.
_TOGETHER_US: Final = 24 * 3600 * US_PER_S

_action = AuditEntry.action
_BEGAN: Final = AuditEntry.detail["began"].as_string()
_TICKET: Final = AuditEntry.detail["ticket"].as_string()
_IS_LIVE: Final = _action == AuditAction.MEDIA_LIVE_WATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """From `from_us` to before `to_us`; a subject is a camera, an alert or a center.

    `camera_id` also finds the alerts that the camera's plate reads became.
    """

    from_us: int
    to_us: int
    actor: str | None = None
    subject: str | None = None
    camera_id: str | None = None

    def facts(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in ("actor", "subject", "camera_id")}
        times = {"from_us": self.from_us, "to_us": self.to_us}
        return times | {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Somebody looked at something. `from_us` and `to_us` are when live pictures were watched, or which footage."""

    at_us: int
    actor: str
    display_name: str
    roles: list[str]  # that the person had then, and that reach the center
    action: str
    what: What
    subject: str
    subject_name: str
    from_us: int | None
    to_us: int | None
    reason: str | None
    case_number: str | None
    center_id: str
    center_name: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How often, by kind and by person; `lost` viewings are known to be missing from the trail."""

    by_actor: dict[str, dict[What, int]] = field(default_factory=dict)
    lost: int = 0

    @property
    def by_kind(self) -> dict[What, int]:
        return {what: sum(counts.get(what, 0) for counts in self.by_actor.values()) for what in WHATS}


def page(
    session: Session, scope: Scope | None, wanted: ReportFilter, *, limit: int, before_seq: int | None = None
) -> tuple[list[Reading], int | None]:
    """Newest first, and the number to go on from; at most `limit`, and fewer where a leave was told by its viewing."""
    conditions = list(_conditions(session, scope, wanted))
    entries = audit_search.newest(session, conditions, limit=limit + 1, before_seq=before_seq)
    shown = entries[:limit]
    return _readings(session, scope, shown), shown[-1].seq if len(entries) > limit else None


def totals(session: Session, scope: Scope | None, wanted: ReportFilter) -> Totals:
    """Of the whole period; a leave under which nothing was played is no look."""
    query = select(AuditEntry.actor, _action, func.count()).where(*_conditions(session, scope, wanted))
    query = query.where(_action != AuditAction.API_CLIP_LEAVE).group_by(AuditEntry.actor, _action)
    found = Totals(lost=_lost(session, scope, wanted))
    for actor, action, count in session.execute(query):
        counts = found.by_actor.setdefault(actor, {})
        counts[KINDS[action]] = counts.get(KINDS[action], 0) + count
    return found


def _conditions(session: Session, scope: Scope | None, wanted: ReportFilter) -> Iterator[ColumnElement[bool]]:
    # In a form that keeps the planner in the order of the chain, or with the person or subject asked for.
    yield _action.concat("").in_(list(KINDS))
    yield from _when(session, wanted.from_us, wanted.to_us)
    if scope is not None:
        yield audit_search.within(scope)
    if wanted.actor is not None:
        yield AuditEntry.actor == wanted.actor
    if wanted.subject is not None:
        yield AuditEntry.subject == wanted.subject
    if wanted.camera_id is not None:
        alerts = select(Alert.id).where(Alert.camera_id == wanted.camera_id)
        yield or_(AuditEntry.subject == wanted.camera_id, AuditEntry.subject.in_(alerts))


def _when(session: Session, from_us: int, to_us: int) -> Iterator[ColumnElement[bool]]:
    """What began or happened in the period; and what was watched into it, by its end or, without one, its beginning."""
    at_us = AuditEntry.at_us + 0
    is_end = and_(_IS_LIVE, _BEGAN.is_not(None))
    began_before = cast(AuditEntry.detail["from_us"].as_string(), BigInteger) < from_us
    yield AuditEntry.seq.between(*audit_search.span(session, from_us - _TOGETHER_US, to_us + _TOGETHER_US))
    yield or_(
        and_(at_us >= from_us, at_us < to_us, ~is_end),
        and_(at_us >= from_us, is_end, began_before),
        and_(at_us < from_us, _IS_LIVE, _BEGAN.is_(None), AuditEntry.id.not_in(_ended(session, from_us))),
    )


def _ended(session: Session, at_us: int) -> Select[str]:
    """The viewings that ended within the day before or after, by the identifiers of their beginnings."""
    end = aliased(AuditEntry)
    began = end.detail["began"].as_string()
    seqs = audit_search.span(session, at_us - _TOGETHER_US, at_us + _TOGETHER_US)
    return select(began).where(
        end.seq.between(*seqs), end.action.concat("") == AuditAction.MEDIA_LIVE_WATCH, began.is_not(None)
    )


def _lost(session: Session, scope: Scope | None, wanted: ReportFilter) -> int:
    query = select(AuditEntry.detail).where(_action == AuditAction.MEDIA_READ_LOST)
    query = query.where(AuditEntry.at_us >= wanted.from_us, AuditEntry.at_us < wanted.to_us)
    if scope is not None:
        query = query.where(audit_search.within(scope))
    return sum(detail.get("count", 0) for detail in session.scalars(query))


def _readings(session: Session, scope: Scope | None, entries: Sequence[FoundEntry]) -> list[Reading]:
    names = Names.of(session, scope, entries)
    ends = _ends(session, entries)
    reasons = _reasons(session, entries)
    played = _played(session, entries)
    return [
        _reading(entry, names, ends, reasons)
        for entry in entries
        if entry.action != AuditAction.API_CLIP_LEAVE or entry.detail.get("ticket") not in played
    ]


def _reading(
    entry: FoundEntry, names: Names, ends: Mapping[str, int], reasons: Mapping[str, tuple[str | None, str | None]]
) -> Reading:
    detail = entry.detail
    is_live = entry.action == AuditAction.MEDIA_LIVE_WATCH
    from_us, to_us = _time(detail, "from_us"), _time(detail, "to_us")
    reason, case_number = entry.reason, entry.case_number
    if entry.action == AuditAction.MEDIA_FOOTAGE_PLAY:
        reason, case_number = reasons.get(str(detail.get("ticket")), (reason, case_number))
    return Reading(
        at_us=from_us if is_live and from_us is not None else entry.at_us,
        actor=entry.actor,
        display_name=names.person(entry.actor),
        roles=names.roles(entry.actor, entry.center_id, entry.at_us),
        action=entry.action,
        what=KINDS[entry.action],
        subject=entry.subject,
        subject_name=names.subject(entry.subject),
        from_us=from_us,
        to_us=ends.get(entry.id, to_us) if is_live else to_us,
        reason=reason,
        case_number=case_number,
        center_id=entry.center_id,
        center_name=names.center(entry.center_id),
    )


def _time(detail: Mapping[str, Any], name: str) -> int | None:
    value = detail.get(name)
    return value if isinstance(value, int) else None


def _ends(session: Session, entries: Sequence[FoundEntry]) -> dict[str, int]:
    """When the viewings ended whose beginnings are among these, by the beginning's identifier."""
    begun = [entry for entry in entries if entry.action == AuditAction.MEDIA_LIVE_WATCH]
    ids = {entry.id for entry in begun}
    return {
        str(detail["began"]): to_us
        for detail in _details(session, begun, AuditAction.MEDIA_LIVE_WATCH, _BEGAN, ids, after_us=_TOGETHER_US)
        if (to_us := _time(detail, "to_us")) is not None
    }


def _played(session: Session, entries: Sequence[FoundEntry]) -> set[str]:
    """The tickets of these leaves under which something was played."""
    leaves = [entry for entry in entries if entry.action == AuditAction.API_CLIP_LEAVE]
    tickets = _tickets(leaves)
    found = _details(session, leaves, AuditAction.MEDIA_FOOTAGE_PLAY, _TICKET, tickets, after_us=_TOGETHER_US)
    return {str(detail["ticket"]) for detail in found}


def _reasons(session: Session, entries: Sequence[FoundEntry]) -> dict[str, tuple[str | None, str | None]]:
    """Reason and case number that were given for what was played, by ticket."""
    plays = [entry for entry in entries if entry.action == AuditAction.MEDIA_FOOTAGE_PLAY]
    if not plays:
        return {}
    leave = AuditAction.API_CLIP_LEAVE
    conditions = _near(session, plays, leave, _TICKET, _tickets(plays), before_us=_TOGETHER_US)
    query = select(_TICKET, AuditEntry.reason, AuditEntry.case_number).where(*conditions)
    return {ticket: (reason, case) for ticket, reason, case in session.execute(query)}


def _tickets(entries: Sequence[FoundEntry]) -> set[str]:
    return {str(entry.detail.get("ticket")) for entry in entries}


def _details(
    session: Session,
    entries: Sequence[FoundEntry],
    action: AuditAction,
    key: ColumnElement[str],
    keys: Collection[str],
    *,
    after_us: int,
) -> list[dict[str, Any]]:
    if not entries:
        return []
    conditions = _near(session, entries, action, key, keys, after_us=after_us)
    return list(session.scalars(select(AuditEntry.detail).where(*conditions)))


def _near(
    session: Session,
    entries: Sequence[FoundEntry],
    action: AuditAction,
    key: ColumnElement[str],
    keys: Collection[str],
    *,
    before_us: int = 0,
    after_us: int = 0,
) -> list[ColumnElement[bool]]:
    """Entries of an action about the same subjects, around the time of these, that name one of the keys."""
    times = [entry.at_us for entry in entries]
    seqs = audit_search.span(session, min(times) - before_us, max(times) + after_us + 1)
    return [
        AuditEntry.seq.between(*seqs),
        AuditEntry.subject.in_({entry.subject for entry in entries}),
        _action.concat("") == action,
        key.in_(keys),
    ]

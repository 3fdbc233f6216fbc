"""Searching the audit trail within a scope, in the order of the chain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from foundation.audit import AuditEntry
from foundation.scope import Scope

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is asked for; nothing given asks for all.

    `from_us` is included and `to_us` is not. An action that ends with a colon stands for all that begin so. `text` is
    looked for within actor, subject, reason, case number and detail.
    """

    from_us: int | None = None
    to_us: int | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    case_number: str | None = None
    center_id: str | None = None
    text: str | None = None

    def facts(self) -> dict[str, Any]:
        """What was asked for, as the audit trail tells of the search."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class FoundEntry(NamedTuple):
    """A row as it is stored, whatever became of it: a trail that does not hold must be readable all the same."""

    seq: int
    id: str
    center_id: str
    node: str
    at_us: int
    actor: str
    action: str
    subject: str
    detail_text: str
    reason: str | None
    case_number: str | None
    prev_hash: str
    hash: str

    @property
    def detail(self) -> dict[str, Any]:
        try:
            detail = json.loads(self.detail_text)
        except (RecursionError, TypeError, ValueError):
            detail = None
        return detail if isinstance(detail, dict) else {"unreadable": str(self.detail_text)}


_COLUMNS: Final = (
    AuditEntry.seq,
    AuditEntry.id,
    AuditEntry.center_id,
    AuditEntry.node,
    AuditEntry.at_us,
    AuditEntry.actor,
    AuditEntry.action,
    AuditEntry.subject,
    cast(AuditEntry.detail, Text),
    AuditEntry.reason,
    AuditEntry.case_number,
    AuditEntry.prev_hash,
    AuditEntry.hash,
)


def newest(session: Session, conditions: Conditions, *, limit: int, before_seq: int | None = None) -> list[FoundEntry]:
    """At most `limit` entries from before a number, newest first."""
    query = _select(conditions)
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    return _found(session, query.order_by(AuditEntry.seq.desc()).limit(limit))


def after(session: Session, conditions: Conditions, seq: int, *, up_to_seq: int, limit: int) -> list[FoundEntry]:
    """At most `limit` entries from after a number, oldest first."""
    query = _select(conditions).where(AuditEntry.seq > seq, AuditEntry.seq <= up_to_seq)
    return _found(session, query.order_by(AuditEntry.seq).limit(limit))


def conditions(session: Session, scope: Scope | None, wanted: AuditFilter) -> Conditions:
    """What an entry must meet; no scope is the command line's, which sees all."""
    if wanted.center_id is not None:
        is_in_sight = scope is None or wanted.center_id in scope
        scope = Scope([wanted.center_id] if is_in_sight else [])
    found = [*_times(session, wanted.from_us, wanted.to_us)]
    equal = (
        (AuditEntry.actor, wanted.actor),
        (AuditEntry.subject, wanted.subject),
        (AuditEntry.case_number, wanted.case_number),
    )
    found += [column == value for column, value in equal if value is not None]
    if wanted.action is not None:
        found.append(_action(wanted.action))
    if scope is not None:
        found.append(within(scope, is_alone=not found))
    if wanted.text is not None:
        found.append(_holds(wanted.text))
    return found


def within(scope: Scope, *, is_alone: bool = False) -> ColumnElement[bool]:
    """The scope, in a form that does not lure the planner away from the order of the chain or a narrower condition.

    With an index for many centers it would sort all their entries to show the newest fifty.
    """
    if is_alone and len(scope) == 1:
        return scope.covers(AuditEntry.center_id)
    return scope.covers(AuditEntry.center_id.concat(""))


def _select(conditions: Conditions) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(*conditions)


def _found(session: Session, query: Select[*tuple[Any, ...]]) -> list[FoundEntry]:
    return [FoundEntry._make(row) for row in session.execute(query)]


def span(session: Session, from_us: int | None, to_us: int | None) -> tuple[int, int]:
    """The first and the last number among the entries of a time: the order of the chain is that of time, but for clock
    steps."""
    times = []
    if from_us is not None:
        times.append(AuditEntry.at_us >= from_us)
    if to_us is not None:
        times.append(AuditEntry.at_us < to_us)
    # The sum keeps PostgreSQL from going through the numbers one by one, to the first with such a time.
    seq = AuditEntry.seq + 0
    first, last = session.execute(select(func.min(seq), func.max(seq)).where(*times)).one()
    return first or 0, last or 0


def _times(session: Session, from_us: int | None, to_us: int | None) -> Iterator[ColumnElement[bool]]:
    if from_us is None and to_us is None:
        return
    yield AuditEntry.seq.between(*span(session, from_us, to_us))
    # The sum keeps the planner from an index of times, whose entries it would have to sort by number.
    if from_us is not None:
        yield AuditEntry.at_us + 0 >= from_us
    if to_us is not None:
        yield AuditEntry.at_us + 0 < to_us


def _action(action: str) -> ColumnElement[bool]:
    if action.endswith(":"):
        return AuditEntry.action.startswith(action, autoescape=True)
    return AuditEntry.action == action


def _holds(text: str) -> ColumnElement[bool]:
    """The detail is stored in ASCII, with what goes beyond it escaped."""
    columns = (AuditEntry.actor, AuditEntry.subject, AuditEntry.reason, AuditEntry.case_number)
    escaped = json.dumps(text)[1:-1]
    return or_(
        *(column.icontains(text, autoescape=True) for column in columns),
        cast(AuditEntry.detail, Text).icontains(escaped, autoescape=True),
    )

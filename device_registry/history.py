"""What became of one camera, as the audit trail has it: newest first, with what each column was and is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras
from device_registry.changing import Changes, change_of
from foundation.audit import AuditAction, AuditEntry
from foundation.errors import InvalidInput
from foundation.paging import cursor_of, keys_of
from foundation.scope import Scope

PAGE: Final = 50
# What was done to it. Who looked through it is the auditor's.
_ACTIONS: Final = tuple(action for action in AuditAction if action.split(":")[1] in ("camera", "credential"))


@dataclass(frozen=True, slots=True)
class Event:
    at_us: int
    actor: str
    action: str
    reason: str | None
    changes: Changes


def page(
    session: Session, camera_id: str, scope: Scope, *, limit: int = PAGE, cursor: str | None = None
) -> tuple[list[Event], str | None]:
    """At most `limit` events, newest first, and the cursor of the next page. Raises `NotFound` outside of the scope."""
    camera = cameras.get(session, camera_id, scope)
    query = select(AuditEntry).where(AuditEntry.subject == camera.id, AuditEntry.action.in_(_ACTIONS))
    if cursor is not None:
        query = query.where(AuditEntry.seq < _seq(cursor))
    found = session.scalars(query.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
    shown = found[:limit]
    return [_event(entry) for entry in shown], cursor_of(str(shown[-1].seq)) if len(found) > limit else None


def _seq(cursor: str) -> int:
    (key,) = keys_of(cursor, 1)
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise InvalidInput("this is no cursor of this list.", where="cursor", mend="Begin with the first page.")
    return int(key)


def _event(entry: AuditEntry) -> Event:
    return Event(entry.at_us, entry.actor, entry.action, entry.reason, _changes(entry.detail.get("changed")))


def _changes(told: Any) -> Changes:
    if isinstance(told, dict):
        return told
    # Entries of before 2026-11-26 name the columns alone.
    return {str(name): change_of(None, None) for name in told or ()}

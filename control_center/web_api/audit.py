"""`/audit` and `/policy`: the audit trail within the caller's scope, its check, and the data-protection report.

Whoever looks here is looked at as well: a search, an export and a report are entries before the first row goes out.
Further pages belong to the entry of the first, which their cursor names.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.identity.principal import Principal
from control_center.reports import readings
from control_center.reports.readings import ReportFilter
from control_center.web_api.answers import Cursor
from control_center.web_api.audit_views import (
    Action,
    ActionList,
    AuditPage,
    AuditStatus,
    Checked,
    Policy,
    ReportPage,
    ReportRow,
    ReportTotals,
    Time,
    VerificationAnswer,
    WantedExport,
    WantedReport,
    Word,
    audit_rows,
    chain_head,
    fault_view,
)
from control_center.web_api.context import ApiContext, Auditor, Context, Enterer
from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.audit import check as audit_check
from foundation.audit import search as audit_search
from foundation.audit.check import Head, Verification
from foundation.audit.export import MEDIA_TYPES, Export
from foundation.audit.search import AuditFilter
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import InvalidInput, TooMany
from foundation.paging import cursor_of, keys_of
from foundation.scope import Scope
from foundation.signing import Signing

router = APIRouter(tags=["audit"])
_SAME_LOOK_US: Final = 12 * 3600 * US_PER_S  # a session's life
_verifying = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the trail: its own entry, and the number before which the next page begins."""

    entry_seq: int
    before_seq: int

    def cursor(self, seq: int) -> str:
        return cursor_of(str(seq), str(self.entry_seq))


@router.get("/policy")
def read_policy(_principal: Enterer, context: Context) -> Policy:
    """Which readings need a reason and a case number."""
    return Policy.model_validate(context.settings.audit, from_attributes=True)


@router.get("/audit")
def search(
    principal: Auditor,
    context: Context,
    from_us: Annotated[Time | None, Query(description="Included.")] = None,
    to_us: Annotated[Time | None, Query(description="Not included.")] = None,
    actor: Annotated[Word | None, Query()] = None,
    action: Annotated[Action | None, Query(description="With a colon at its end: all that begin so.")] = None,
    subject: Annotated[Word | None, Query()] = None,
    case_number: Annotated[Word | None, Query()] = None,
    center_id: Annotated[Word | None, Query()] = None,
    text: Annotated[Word | None, Query(description="Within actor, subject, reason, case number or detail.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Newest first; the search is audited."""
    wanted = AuditFilter(
        from_us=from_us,
        to_us=to_us,
        actor=actor,
        action=action,
        subject=subject,
        case_number=case_number,
        center_id=center_id,
        text=text,
    )
    look = _look(context, principal, AuditAction.API_AUDIT_SEARCH, wanted.facts(), Purpose(None, None), cursor)
    with reading(context.stores.core) as session:
        conditions = audit_search.conditions(session, principal.scope, wanted)
        found = audit_search.newest(session, conditions, limit=limit + 1, before_seq=look.before_seq)
        items = audit_rows(session, found[:limit])
    return AuditPage(items=items, next_cursor=look.cursor(items[-1].seq) if len(found) > limit else None)


@router.get("/audit/actions")
def list_actions(_principal: Auditor) -> ActionList:
    return ActionList(items=sorted(AuditAction))


@router.get("/audit/status")
def read_status(principal: Auditor, context: Context) -> AuditStatus:
    with reading(context.stores.core) as session:
        head, anchor = audit_check.heads(session.connection())
        entries, first_us = _counted(session, principal.scope)
        return AuditStatus(
            entries=entries,
            first_us=first_us,
            head=chain_head(head),
            purged_seq=anchor.seq,
            checked=_checked(session),
        )


@router.post("/audit/verifications")
def verify(principal: Auditor, context: Context) -> VerificationAnswer:
    """Check the whole chain: seconds, in which others read and write as always; 429 while another check goes on."""
    if not _verifying.acquire(blocking=False):
        raise TooMany("the trail is being checked already.", mend="Wait for its end.")
    try:
        found = audit_check.verify(context.stores.core, is_gentle=True)
    finally:
        _verifying.release()
    with transaction(context.stores.core) as session:
        entry = _record(
            session, context, principal, AuditAction.API_AUDIT_VERIFY, _facts_of(found), Purpose(None, None)
        )
    return VerificationAnswer(
        at_us=entry.at_us, entries=found.entries, fault=fault_view(found.fault), head=chain_head(found.head)
    )


@router.post(
    "/audit/exports",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()}}},
)
def export(body: WantedExport, principal: Auditor, context: Context) -> StreamingResponse:
    """The entries as a file, oldest first, with a signed trailer; the last entry that can be in it tells of this."""
    purpose = access_policy.check("export", body.reason, body.case_number, context.settings.audit)
    facts = body.filter.facts() | {"format": body.format}
    with transaction(context.stores.core) as session:
        entry = _record(session, context, principal, AuditAction.API_AUDIT_EXPORT, facts, purpose)
    made = Export(
        core=context.stores.core,
        signing=Signing.open(context.settings.key_dir, context.clock),
        scope=principal.scope,
        wanted=body.filter,
        head=Head(entry.seq, entry.hash),
        made_by=principal.username,
        made_us=entry.at_us,
        format=body.format,
    )
    headers = {"Content-Disposition": f'attachment; filename="{made.file_name}"', "Cache-Control": "no-store"}
    return StreamingResponse(made.chunks(), media_type=MEDIA_TYPES[body.format], headers=headers)


@router.post("/audit/reports")
def report(body: WantedReport, principal: Auditor, context: Context) -> ReportPage:
    """Who looked at what, when and why; newest first, and audited itself."""
    if body.to_us <= body.from_us:
        raise InvalidInput("the period ends before it begins.", where="to_us", mend="Choose a later end.")
    wanted = ReportFilter(
        from_us=body.from_us,
        to_us=body.to_us,
        actor=body.actor,
        subject=body.subject,
        camera_id=body.camera_id,
    )
    purpose = Purpose(None, None)
    if body.cursor is None:
        purpose = access_policy.check("report", body.reason, body.case_number, context.settings.audit)
    look = _look(context, principal, AuditAction.API_AUDIT_REPORT, wanted.facts(), purpose, body.cursor)
    with reading(context.stores.core) as session:
        rows, next_seq = readings.page(session, principal.scope, wanted, limit=body.limit, before_seq=look.before_seq)
        totals = readings.totals(session, principal.scope, wanted) if body.cursor is None else None
    return ReportPage(
        items=[ReportRow.model_validate(row) for row in rows],
        next_cursor=None if next_seq is None else look.cursor(next_seq),
        totals=None if totals is None else ReportTotals.of(totals),
    )


def _look(
    context: ApiContext,
    principal: Principal,
    action: AuditAction,
    facts: Mapping[str, Any],
    purpose: Purpose,
    cursor: str | None,
) -> _Look:
    """The entry of a look that begins, or that of the one which the cursor goes on with."""
    if cursor is not None:
        return _continued(context, principal, action, facts, cursor)
    with transaction(context.stores.core) as session:
        entry = _record(session, context, principal, action, facts, purpose)
    return _Look(entry.seq, entry.seq)


def _continued(
    context: ApiContext, principal: Principal, action: AuditAction, facts: Mapping[str, Any], cursor: str
) -> _Look:
    """A cursor of somebody else's, or of another search, would show what nobody noted."""
    keys = keys_of(cursor, 2)
    if all(key.isascii() and key.isdigit() and len(key) <= 18 for key in keys):
        before_seq, entry_seq = map(int, keys)
        query = select(AuditEntry).where(AuditEntry.seq == entry_seq, AuditEntry.actor == principal.username)
        query = query.where(AuditEntry.action == action, AuditEntry.at_us > context.clock.now_us() - _SAME_LOOK_US)
        with reading(context.stores.core) as session:
            entry = session.scalar(query)
        if entry is not None and entry.detail == facts:
            return _Look(entry_seq, before_seq)
    raise InvalidInput("this is no cursor of this list.", where="cursor", mend="Begin with the first page.")


def _record(
    session: Session,
    context: ApiContext,
    principal: Principal,
    action: AuditAction,
    facts: Mapping[str, Any],
    purpose: Purpose,
) -> AuditEntry:
    return audit.record(
        session,
        action,
        origin=principal.origin,
        actor=principal.username,
        subject=principal.center_id,
        detail=facts,
        reason=purpose.reason,
        case_number=purpose.case_number,
        clock=context.clock,
    )


def _facts_of(found: Verification) -> dict[str, Any]:
    fault = None if found.fault is None else {"seq": found.fault.seq, "reason": found.fault.reason}
    head = {"seq": found.head.seq, "hash": found.head.hash}
    return {"entries": found.entries, "head": head, "fault": fault}


def _checked(session: Session) -> Checked | None:
    """The newest check that somebody asked for here."""
    query = select(AuditEntry.at_us, AuditEntry.detail).where(AuditEntry.action == AuditAction.API_AUDIT_VERIFY)
    row = session.execute(query.order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return Checked(at_us=row.at_us, entries=row.detail["entries"], fault=row.detail["fault"])


def _counted(session: Session, scope: Scope) -> tuple[int, int | None]:
    entries = session.scalar(select(func.count()).select_from(AuditEntry).where(scope.covers(AuditEntry.center_id)))
    first = select(AuditEntry.at_us).where(audit_search.within(scope, is_alone=True)).order_by(AuditEntry.seq).limit(1)
    return entries or 0, session.scalar(first)

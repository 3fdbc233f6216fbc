"""The audit trail and the data-protection report as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from control_center.access_policy import CASE_LIMIT, REASON_LIMIT
from control_center.reports.readings import Totals, What
from control_center.web_api.identity_views import center_names
from foundation.audit import AuditAction
from foundation.audit.check import AuditFault, Head
from foundation.audit.search import AuditFilter, FoundEntry
from foundation.paging import LONGEST_CURSOR
from foundation.settings import AuditedRead

Time = Annotated[int, Field(ge=0, lt=1 << 60)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
Action = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_]+(:[a-z_]+)?(:[a-z_]*)?$")]
Limit = Annotated[int, Field(ge=1, le=200)]
CursorText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CURSOR)]


class AuditRow(BaseModel):
    seq: int
    id: str
    at_us: int
    center_id: str
    center_name: str
    node: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    reason: str | None
    case_number: str | None
    hash: str


class AuditPage(BaseModel):
    items: list[AuditRow]
    next_cursor: str | None


class ActionList(BaseModel):
    items: list[AuditAction]


class ChainHead(BaseModel):
    """An entry by its number and its hash; number 0 stands for the start of the chain."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    hash: str


class Fault(BaseModel):
    """The first entry that does not hold, and why."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    reason: str


class Checked(BaseModel):
    at_us: int
    entries: int
    fault: Fault | None


class AuditStatus(BaseModel):
    """`entries` and `first_us` are those in the caller's scope; the rest is of the whole chain."""

    entries: int
    first_us: int | None
    head: ChainHead
    purged_seq: int
    checked: Checked | None


class VerificationAnswer(Checked):
    head: ChainHead


class Purposeful(BaseModel):
    """Why somebody looks, where the policy asks for it."""

    reason: Annotated[str, Field(max_length=2 * REASON_LIMIT)] | None = None
    case_number: Annotated[str, Field(max_length=2 * CASE_LIMIT)] | None = None


class WantedExport(Purposeful):
    from_us: Time | None = None
    to_us: Time | None = None
    actor: Word | None = None
    action: Action | None = None
    subject: Word | None = None
    filter_case_number: Word | None = Field(
        None, description="Entries of this case; `case_number` is the export's own."
    )
    center_id: Word | None = None
    text: Word | None = None
    format: Literal["jsonl", "csv"] = "jsonl"

    @property
    def filter(self) -> AuditFilter:
        names = ("from_us", "to_us", "actor", "action", "subject", "center_id", "text")
        return AuditFilter(**{name: getattr(self, name) for name in names}, case_number=self.filter_case_number)


class WantedReport(Purposeful):
    from_us: Time
    to_us: Time
    actor: Word | None = None
    subject: Word | None = None
    camera_id: Word | None = None
    cursor: CursorText | None = None
    limit: Limit = 50


class ReportRow(BaseModel):
    """Somebody looked at something. `from_us` and `to_us` say when live pictures were watched, or which footage."""

    model_config = ConfigDict(from_attributes=True)

    at_us: int
    actor: str
    display_name: str
    roles: list[str] = Field(description="What the person was then, where this was.")
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


class ReportTotals(BaseModel):
    """Of the whole period."""

    people: int
    live: int
    footage: int
    alert: int
    export: int
    report: int
    search: int
    lost: int = Field(description="Viewings that are known to be missing from the trail.")
    by_actor: dict[str, dict[What, int]]

    @classmethod
    def of(cls, totals: Totals) -> ReportTotals:
        return cls(people=len(totals.by_actor), lost=totals.lost, by_actor=totals.by_actor, **totals.by_kind)


class ReportPage(BaseModel):
    items: list[ReportRow]
    next_cursor: str | None
    totals: ReportTotals | None = Field(description="With the first page alone.")


class Policy(BaseModel):
    """Which readings need a reason and a case number, and what a case number looks like."""

    reason_for: list[AuditedRead]
    case_for: list[AuditedRead]
    case_pattern: str
    case_example: str


def audit_rows(session: Session, entries: Sequence[FoundEntry]) -> list[AuditRow]:
    names = center_names(session, {entry.center_id for entry in entries})
    return [
        AuditRow(
            seq=entry.seq,
            id=entry.id,
            at_us=entry.at_us,
            center_id=entry.center_id,
            center_name=names.get(entry.center_id, ""),
            node=entry.node,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            reason=entry.reason,
            case_number=entry.case_number,
            hash=entry.hash,
        )
        for entry in entries
    ]


def chain_head(head: Head) -> ChainHead:
    return ChainHead.model_validate(head)


def fault_view(fault: AuditFault | None) -> Fault | None:
    return None if fault is None else Fault.model_validate(fault)

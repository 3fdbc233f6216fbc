"""The 24 comparisons as one run: what they found becomes hit rows, and hits that lost their ground are recalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import structlog
from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from foundation import audit
from foundation.audit import AuditAction
from foundation.chain import one_writer
from foundation.clock import Clock
from foundation.database import reading, transaction
from foundation.identifiers import Origin, new_id
from matching import hits, loading
from matching.catalogue import DATABASES, LISTS, Catalogue, DatabaseName, ListName
from matching.cells import CellResult, compare_cell
from matching.explanation import versions
from matching.hits import Finding
from matching.models import ComparisonRun, Hit
from matching.validity import local_day

Progress = Callable[[int, int], None]  # cells done, cells in all
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RunSummary:
    list_name: ListName
    database: DatabaseName
    started_us: int
    finished_us: int
    compared: int
    not_comparable: int
    suspended: int
    pairs: int
    linked: int
    hits: int
    new_hits: int
    recalled: int


@dataclass(frozen=True, slots=True)
class _Run:
    catalogue: Catalogue
    origin: Origin
    clock: Clock
    actor: str
    day: str


def compare_all(
    engine: Engine,
    catalogue: Catalogue,
    origin: Origin,
    clock: Clock,
    progress: Progress | None = None,
    *,
    actor: str = "matching",
) -> list[RunSummary]:
    """Run the 24 cells over what the store holds today. Repeating it doubles nothing.

    Each cell is one transaction of hits, recalls, run row and audit row; nothing is locked while it computes.
    """
    run = _Run(catalogue, origin, clock, actor, local_day(clock.now_us(), catalogue.utc_offset_minutes))
    with transaction(engine) as session:
        hits.recall_lapsed(session, run.day, origin, clock, Hit.observation_id.is_not(None))
    with reading(engine) as session:
        lists = {name: loading.key_persons(session, name, run.day) for name in LISTS}
        databases = {name: loading.references(session, name, run.day) for name in DATABASES}
    summaries = []
    for list_name, database, cell in catalogue.each_cell():
        started_us = clock.now_us()
        left, right = lists[list_name], databases[database]
        result = compare_cell(list_name, database, cell, left.records, right.records, versions(catalogue.version))
        with transaction(engine) as session:
            summaries.append(_store(session, run, list_name, database, result, len(left.lapsed), started_us))
        if progress is not None:
            progress(len(summaries), len(LISTS) * len(DATABASES))
    return summaries


def _store(
    session: Session,
    run: _Run,
    list_name: ListName,
    database: DatabaseName,
    result: CellResult,
    suspended: int,
    started_us: int,
) -> RunSummary:
    one_writer(session)
    known = _known_hits(session, run.origin, list_name, database)
    findings = {_pair(finding): finding for finding in result.findings}
    new_hits = _store_findings(session, run, known, findings)
    # Imports go on while a cell computes: what lapsed meanwhile must not stand when this commits.
    recalled = hits.recall_lapsed(session, run.day, run.origin, run.clock, *_of_cell(list_name, database))
    lost = [hit.id for pair, hit in known.items() if hit.stands and pair not in findings]
    recalled += hits.recall(session, lost, "changed", run.origin, run.clock)
    summary = RunSummary(
        list_name=list_name,
        database=database,
        started_us=started_us,
        finished_us=run.clock.now_us(),
        compared=result.compared,
        not_comparable=result.not_comparable,
        suspended=suspended,
        pairs=result.pairs,
        linked=result.linked,
        hits=len(findings),
        new_hits=new_hits,
        recalled=recalled,
    )
    _store_run(session, run, summary)
    return summary


Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _KnownHit:
    id: str
    stands: bool


def _known_hits(session: Session, origin: Origin, list_name: str, database: str) -> dict[Pair, _KnownHit]:
    rows = session.execute(
        select(Hit.id, Hit.key_person_id, Hit.reference_id, Hit.recalled_us).where(
            Hit.center_id == origin.center_id,
            *_of_cell(list_name, database),
        )
    )
    return {(row.key_person_id, row.reference_id): _KnownHit(row.id, row.recalled_us is None) for row in rows}


def _of_cell(list_name: str, database: str) -> Sequence[ColumnElement[bool]]:
    return Hit.list_name == list_name, Hit.database == database, Hit.observation_id.is_(None)


def _pair(finding: Finding) -> Pair:
    return finding.key_person_id or "", finding.reference_id or ""


def _store_findings(
    session: Session, run: _Run, known: Mapping[Pair, _KnownHit], findings: Mapping[Pair, Finding]
) -> int:
    new_hits = 0
    for pair, finding in findings.items():
        before = known.get(pair)
        if before is None:
            new_hits += hits.store(session, finding, run.origin, run.clock) is not None
        elif not before.stands:
            hits.reinstate(session, before.id, finding)
            new_hits += 1
    return new_hits


def _store_run(session: Session, run: _Run, summary: RunSummary) -> None:
    row = ComparisonRun(
        id=new_id(run.clock),
        center_id=run.origin.center_id,
        node=run.origin.node,
        versions=versions(run.catalogue.version),
        **asdict(summary),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        AuditAction.MATCHING_COMPARISON_RUN,
        origin=run.origin,
        actor=run.actor,
        subject=row.id,
        detail={"cell": f"{summary.list_name} x {summary.database}", "hits": summary.hits, "new": summary.new_hits},
        clock=run.clock,
    )
    _log.debug(
        "cell_compared", list=summary.list_name, database=summary.database, pairs=summary.pairs, hits=summary.hits
    )

"""The 24 comparisons as one run: what they found becomes hit rows, and hits that lost their ground are recalled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from matching.catalogue import DATABASES, KEYS_OF, LISTS, Catalogue, DatabaseName, ListName
from matching.cells import CellComparison, CellResult
from matching.center_index.frequencies import IndexFrequencies
from matching.center_index.keeping import IndexKeeper
from matching.center_index.sides import SIDES
from matching.explanation import versions
from matching.hits import Finding
from matching.index.store import Index
from matching.keys import KeyName, is_usable
from matching.models import ComparisonRun, Hit
from matching.pairing import paired
from matching.scoring import Record
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


@dataclass(frozen=True, slots=True)
class _Against:
    """What each list is compared with."""

    references: Index
    frequencies: IndexFrequencies
    usable: Mapping[DatabaseName, Collection[KeyName]]  # that any record in force can have


def compare_all(
    engine: Engine,
    catalogue: Catalogue,
    origin: Origin,
    clock: Clock,
    keeper: IndexKeeper,
    progress: Progress | None = None,
    *,
    actor: str = "matching",
) -> list[RunSummary]:
    """Run the 24 cells over what the store holds today. Repeating it doubles nothing.

    Each cell is one transaction of hits, recalls, run row and audit row; nothing is locked while it computes. Raises
    `Conflict` while another process writes the indexes.
    """
    keeper.refresh()
    run = _Run(catalogue, origin, clock, actor, local_day(clock.now_us(), catalogue.utc_offset_minutes))
    with transaction(engine) as session:
        hits.recall_lapsed(session, run.day, origin, clock, Hit.observation_id.is_not(None))
    against = _against(engine, run, keeper)
    summaries = []
    for list_name in LISTS:
        started_us = clock.now_us()
        with reading(engine) as session:
            persons = loading.key_persons(session, list_name, run.day)
            results = _compare_list(session, run, list_name, persons.records, against)
        for database in DATABASES:
            with transaction(engine) as session:
                result, lapsed = results[database], len(persons.lapsed)
                summaries.append(_store(session, run, list_name, database, result, lapsed, started_us))
            if progress is not None:
                progress(len(summaries), len(LISTS) * len(DATABASES))
    return summaries


def _against(engine: Engine, run: _Run, keeper: IndexKeeper) -> _Against:
    indexes = {side: Index(keeper.path(side)) for side in SIDES}
    with reading(engine) as session:
        usable = {it: loading.usable_keys(session, it, run.day, KEYS_OF[it]) for it in DATABASES}
    return _Against(indexes["references"], IndexFrequencies(list(indexes.values()), own=2), usable)


def _compare_list(
    session: Session,
    run: _Run,
    list_name: ListName,
    persons: Sequence[Record],
    against: _Against,
) -> dict[DatabaseName, CellResult]:
    """A list against the four databases: what a record has no key for in common with a database is not compared."""
    cells = run.catalogue.cells[list_name]
    told = versions(run.catalogue.version)
    comparing = {it: CellComparison(list_name, it, cells[it], against.frequencies, told) for it in DATABASES}
    keys = {key for cell in cells.values() for key in cell.keys}
    for left, candidates in paired(session, against.references, persons, keys, run.day):
        for database, cell in comparing.items():
            is_comparable = any(
                is_usable(left.normal, key) for key in cell.cell.keys if key in against.usable[database]
            )
            cell.add(left, candidates.get(database, ()), is_comparable=is_comparable)
    return {database: cell.result for database, cell in comparing.items()}


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

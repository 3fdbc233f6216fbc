"""The 6 x 4 board: what the last runs of the centers in scope compared, and the hits that stand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.scope import Scope
from matching.catalogue import DATABASES, LISTS, DatabaseName, ListName
from matching.models import ComparisonRun, Hit


@dataclass(frozen=True, slots=True)
class CellSummary:
    """A cell of the board; `finished_us` is None before its first run."""

    list_name: ListName
    database: DatabaseName
    compared: int
    not_comparable: int
    hits: int
    finished_us: int | None


def board(session: Session, scope: Scope) -> list[CellSummary]:
    """The 24 cells: the last run of each center in scope, added up, and the hits that stand."""
    runs = _last_runs(session, scope)
    standing = _standing_hits(session, scope)
    return [
        CellSummary(
            list_name=list_name,
            database=database,
            compared=sum(run.compared for run in runs.get((list_name, database), [])),
            not_comparable=sum(run.not_comparable for run in runs.get((list_name, database), [])),
            hits=standing.get((list_name, database), 0),
            finished_us=max((run.finished_us for run in runs.get((list_name, database), [])), default=None),
        )
        for list_name in LISTS
        for database in DATABASES
    ]


def _last_runs(session: Session, scope: Scope) -> dict[tuple[str, str], list[ComparisonRun]]:
    """UUIDv7 sort by creation, so the greatest id is a cell's last run."""
    last = (
        select(func.max(ComparisonRun.id))
        .where(scope.covers(ComparisonRun.center_id))
        .group_by(ComparisonRun.center_id, ComparisonRun.list_name, ComparisonRun.database)
    )
    runs: dict[tuple[str, str], list[ComparisonRun]] = {}
    for run in session.scalars(select(ComparisonRun).where(ComparisonRun.id.in_(last))):
        runs.setdefault((run.list_name, run.database), []).append(run)
    return runs


def _standing_hits(session: Session, scope: Scope) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(Hit.list_name, Hit.database, func.count())
        .where(scope.covers(Hit.center_id), Hit.recalled_us.is_(None), Hit.observation_id.is_(None))
        .group_by(Hit.list_name, Hit.database)
    )
    return {(row[0] or "", row[1] or ""): row[2] for row in rows}

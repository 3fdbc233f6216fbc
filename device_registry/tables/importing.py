"""Cameras from a file, row by row: what is wrong is told with row, column and mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from device_registry import centers
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.cameras import Batch, Saved
from device_registry.changing import Reach, Via
from device_registry.recording import RetentionLimits
from device_registry.tables import camera_row
from device_registry.tables.camera_row import COLUMNS, cell_problem
from device_registry.tables.files import Format, open_table
from device_registry.tables.rows import Row, RowProblem
from foundation.clock import Clock
from foundation.errors import FieldProblem, InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring

__all__ = ["COLUMNS", "ImportReport", "RowProblem", "import_cameras", "import_rows"]

_CHUNK: Final = 500  # rows


@dataclass(slots=True)
class ImportReport:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[RowProblem] = field(default_factory=list)  # what was not taken, and refuses nothing

    @property
    def refused(self) -> int:
        return len({problem.row for problem in self.problems})


def import_cameras(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    content: bytes,
    *,
    actor: str,
    limits: RetentionLimits,
    via: Via = "cli",
    reach: Reach | None = None,
    format: Format | None = None,  # noqa: A002 - as the command line calls it
    secrets: Mapping[str, str] = MappingProxyType({}),
    taken: Callable[[int], object] = lambda count: None,
    dry_run: bool = False,
) -> ImportReport:
    """Save every good row. An empty cell keeps what is known, `-` clears it.

    With `dry_run` nothing is written, and `session` may be one that only reads.
    `taken` is told how many rows were looked at so far.
    `format` is told from the content where it is not given; `secrets` are what placeholders of a file stand for.
    `reach`: the centers that may be named; `None`: the origin's and those below it. The caller commits or rolls back
    by the report. Raises `InvalidInput` when the file as a whole cannot be read.
    """
    table = open_table(content, format, secrets)
    report = import_rows(
        session,
        keyring,
        clock,
        origin,
        table.rows,
        actor=actor,
        limits=limits,
        via=via,
        reach=reach,
        taken=taken,
        dry_run=dry_run,
    )
    report.notes += table.notes
    return report


def import_rows(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    rows: Iterable[Row],
    *,
    actor: str,
    limits: RetentionLimits,
    via: Via = "cli",
    reach: Reach | None = None,
    taken: Callable[[int], object] = lambda count: None,
    dry_run: bool = False,
) -> ImportReport:
    """The same for rows that are taken apart already: their numbers and filled cells."""
    run = _Run(session, keyring, clock, origin, actor, limits, via, reach or _whole_reach(session, origin), dry_run)
    remaining, count = iter(rows), 0
    while chunk := list(islice(remaining, _CHUNK)):
        run.take(chunk)
        count += len(chunk)
        taken(count)
    run.report.problems.sort(key=lambda problem: problem.row)
    return run.report


def _whole_reach(session: Session, origin: Origin) -> Reach:
    return Reach(*[centers.descendants(session, origin.center_id)] * 2)


@dataclass(frozen=True, slots=True)
class _Given:
    """A row that was read without a problem."""

    line: int
    center_id: str
    fields: CameraFields
    columns: dict[str, Any]


@dataclass(slots=True)
class _Run:
    session: Session
    keyring: Keyring
    clock: Clock
    origin: Origin
    actor: str
    limits: RetentionLimits
    via: Via
    reach: Reach
    dry_run: bool
    report: ImportReport = field(default_factory=ImportReport)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _centers: dict[str, str | None] = field(default_factory=dict)

    def take(self, rows: Iterable[Row]) -> None:
        """Save the good ones; together, for the database is asked a few times a chunk, and not a few times a row."""
        given = []
        for line, cells in rows:
            if isinstance(cells, list):
                self._refuse(line, cells)
                continue
            with self._told(line):
                given.append(self._given(line, cells))
        batch = Batch(self.session, self.keyring, self.clock, actor=self.actor, via=self.via)
        keys = [(each.center_id, each.fields.code) for each in given]
        batch.look_up(keys, [each.columns.get("gb28181_id") for each in given])
        for each in given:
            with self._told(each.line):
                place = Origin(each.center_id, self.origin.node)
                may_configure = each.center_id in self.reach.configure
                self._count(batch.save(place, each.fields, each.columns, may_configure=may_configure))
        if self.dry_run:
            self.session.expunge_all()
        else:
            batch.write()

    def _given(self, line: int, cells: dict[str, str]) -> _Given:
        center_id = self._center_id(cells)
        row = camera_row.read(cells, self.limits)
        first = self._seen.setdefault((center_id, row.fields.code), line)
        if first != line:
            raise cell_problem("code", f"row {first} names this camera already.", "Keep one of the rows.")
        return _Given(line, center_id, row.fields, row.columns)

    def _center_id(self, row: Mapping[str, str]) -> str:
        code = row.get("center")
        if code is None and self.origin.center_id in self.reach.register:
            return self.origin.center_id
        code = code or ""
        if code not in self._centers:
            center = centers.find(self.session, code)
            self._centers[code] = center.id if center else None
        center_id = self._centers[code]
        if center_id is None or center_id not in self.reach.register:
            raise cell_problem("center", "there is no such center here or below.", "Add it with `vedette centers add`.")
        return center_id

    def _count(self, saved: Saved) -> None:
        self.report.created += saved.created
        self.report.changed += bool(saved.changed) and not saved.created
        self.report.unchanged += not saved.changed

    def _refuse(self, line: int, problems: Iterable[FieldProblem]) -> None:
        self.report.problems += [RowProblem(line, each.column, each.what, each.mend) for each in problems]

    @contextmanager
    def _told(self, line: int) -> Iterator[None]:
        try:
            yield
        except InvalidCamera as error:
            self._refuse(line, error.problems)
        except InvalidInput as error:
            self.report.problems.append(RowProblem(line, error.where or "", error.what, error.mend or ""))

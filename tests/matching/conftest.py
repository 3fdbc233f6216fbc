"""Small made-up records, and a center to import and compare them in. Nobody in them exists."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from stdnum.cn import ric

from foundation.clock import ManualClock
from foundation.database import reading
from foundation.identifiers import Origin
from matching.catalogue import Catalogue, load_catalogue
from matching.center_index.keeping import IndexKeeper
from matching.comparison import RunSummary, compare_all
from matching.csv_files import ImportReport
from matching.lists import import_list
from matching.model import FieldName
from matching.models import Hit
from matching.normalising import NormalRecord
from matching.online import OnlineMatcher
from matching.references import import_references

NOW_US = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z: 08:00 on the same day in Beijing
DAY_S = 86_400


def resident_number(birth: str, sequence: int, place: str = "110101") -> str:
    """A number that passes GB 11643; an even sequence is a woman's."""
    body = f"{place}{birth}{sequence:03}"
    return body + ric.calc_check_digit(body + "0")


LISTING = {
    "ground": "arrest_warrant",
    "issuer": "示范市公安局",
    "instrument": "示公刑拘字[2026]1号",
    "issued_on": "2026-01-01",
    "action": "核实后联系",
    "review_on": "2027-06-30",
    "expires_on": "2027-12-31",
}
LI = {
    "record_id": "W-1",
    "name": "李晓明",
    "date_of_birth": "1984-03-05",
    "sex": "男",
    "id_number": resident_number("19840305", 101),
    "phone": "13900001234",
}
LI_ELSEWHERE = {**LI, "record_id": "R-1", "name": "LI Xiaoming"}


class Counted:
    """How many of some records bear a name, as an index would tell it."""

    def __init__(self, records: Iterable[NormalRecord]) -> None:
        names = [it.name.ring if it.name else "" for it in records]
        self.records, self._names = len(names), Counter(names)

    def others(self, name: FieldName, value: str, /) -> int:
        """Besides the two of a pair."""
        return max(0, self._names[value] - 2) if name == "name" else 0


class Kit:
    """One center with its clock."""

    li, li_elsewhere, listing = LI, LI_ELSEWHERE, LISTING
    resident_number = staticmethod(resident_number)

    def __init__(self, core: Engine, folder: Path) -> None:
        self.core = core
        self.folder = folder
        self.clock = ManualClock(NOW_US)
        self.catalogue: Catalogue = load_catalogue()
        self.origin = Origin(center_id="center-a", node="node-1")
        self._files = 0
        self.keeper = IndexKeeper(core, folder / "indexes")

    def file(self, rows: Sequence[Mapping[str, Any]]) -> Path:
        self._files += 1
        path = self.folder / f"{self._files}.csv"
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def list(self, *rows: Mapping[str, Any], name: Any = "wanted", partial: bool = False) -> ImportReport:
        """Import rows as listings; what a row leaves out of the listing is filled in."""
        file = self.file([{**LISTING, **row} for row in rows])
        return self.list_file(file, name=name, partial=partial)

    def list_file(self, file: Path, *, name: Any = "wanted", partial: bool = False) -> ImportReport:
        return import_list(
            self.core,
            self.catalogue,
            name,
            file,
            origin=self.origin,
            clock=self.clock,
            actor="cli:test",
            partial=partial,
        )

    def refer(self, *rows: Mapping[str, Any], database: Any = "wanted_persons", partial: bool = False) -> ImportReport:
        return self.refer_file(self.file(rows), database=database, partial=partial)

    def refer_file(self, file: Path, *, database: Any, partial: bool = False) -> ImportReport:
        return import_references(
            self.core,
            self.catalogue,
            database,
            file,
            origin=self.origin,
            clock=self.clock,
            actor="cli:test",
            partial=partial,
        )

    def compare(self) -> dict[tuple[str, str], RunSummary]:
        self.clock.advance(1)
        runs = compare_all(self.core, self.catalogue, self.origin, self.clock, self.keeper)
        return {(run.list_name, run.database): run for run in runs}

    def hits(self, *, standing: bool = True) -> Sequence[Hit]:
        with reading(self.core) as session:
            query = select(Hit).order_by(Hit.id)
            return session.scalars(query.where(Hit.recalled_us.is_(None)) if standing else query).all()

    def online(self) -> OnlineMatcher:
        return OnlineMatcher(self.core, self.catalogue, self.clock)

    def pass_days(self, days: int) -> None:
        self.clock.advance(days * DAY_S)


@pytest.fixture
def kit(core: Engine, tmp_path: Path) -> Kit:
    return Kit(core, tmp_path)

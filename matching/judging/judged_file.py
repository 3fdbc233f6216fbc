"""Pairs as people judged them, out of a file that a spreadsheet may have written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import InvalidInput
from foundation.files import open_to_read
from matching.csv_files import Refusal
from matching.judging.columns import IDS, MISREAD, NUMBERS, WORDS, Judgement
from matching.judging.strata import Stratum, parse_stratum
from matching.record_files.csv_table import CsvTable

_MOST_ROWS = 1_000_000
_MOST_STRATA = 50
_MOST_PAIRS = 10**15
_MOST_MODEL = 64  # characters
_NEEDED = ("judgement", *IDS, *NUMBERS)
_BITS = re.compile(r"[+-]?\d{1,9}(\.\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Judged:
    row: int
    judgement: Judgement | None  # not yet
    stratum: Stratum
    stratum_pairs: int
    weight_mbits: int
    odds_mbits: int
    model: str


class _CellRefused(Exception):
    def __init__(self, column: str, what: str, mend: str = "Restore it from the file of the sample.") -> None:
        super().__init__(what)
        self.column, self.what, self.mend = column, what, mend


def read_judged(path: Path) -> Sequence[Judged]:
    """Raises `InvalidInput` with row and column for whatever is not what `vedette match sample` wrote."""
    with open_to_read(path) as file:
        return _rows(path, CsvTable(path, file))


def _rows(path: Path, table: CsvTable) -> Sequence[Judged]:
    for name in _NEEDED:
        if table.columns.count(name) != 1:
            what = "is named twice." if name in table.columns else "is missing."
            raise _refused(path, 1, name, what, "Keep the columns as `vedette match sample` wrote them.")
    rows: list[Judged] = []
    seen = _Seen()
    for cells in table.rows(_NEEDED):
        if isinstance(cells, Refusal):
            raise _refused(path, cells.row, cells.column, cells.reason, cells.mend)
        row, values = cells[0], [value.strip() for value in cells[1]]
        try:
            judged = _judged(row, values)
            seen.add(judged, (values[1], values[2]))
        except _CellRefused as refused:
            raise _refused(path, row, refused.column, refused.what, refused.mend) from refused
        rows.append(judged)
        if len(rows) > _MOST_ROWS:
            raise InvalidInput(f"more than {_MOST_ROWS} rows.", where=str(path), mend="Judge a smaller sample.")
    if not rows:
        raise InvalidInput("there is no pair in it.", where=str(path), mend="Give a file of `vedette match sample`.")
    return rows


class _Seen:
    """What the rows before said, so that they agree with each other."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], int] = {}
        self._sizes: dict[Stratum, int] = {}
        self._rows: dict[Stratum, int] = {}
        self._model: str | None = None

    def add(self, judged: Judged, ids: tuple[str, str]) -> None:
        before = self._pairs.setdefault(ids, judged.row)
        if before != judged.row:
            raise _CellRefused("record_id", f"the pair stands in row {before} already.", "Remove one of the two.")
        other = next((it for it in self._sizes if it != judged.stratum and it.overlaps(judged.stratum)), None)
        if other is not None:
            raise _CellRefused("stratum", f"{judged.stratum} overlaps {other}.", "Evaluate each sample by itself.")
        if len(self._sizes) == _MOST_STRATA and judged.stratum not in self._sizes:
            raise _CellRefused("stratum", f"{_MOST_STRATA} other ranges stand in the rows before.")
        size = self._sizes.setdefault(judged.stratum, judged.stratum_pairs)
        if size != judged.stratum_pairs:
            raise _CellRefused("stratum_pairs", f"{judged.stratum_pairs}, where rows before have {size}.")
        self._rows[judged.stratum] = self._rows.get(judged.stratum, 0) + 1
        if self._rows[judged.stratum] > size:
            raise _CellRefused("stratum_pairs", f"{size}, and more rows than that are of this stratum.")
        self._model = self._model or judged.model
        if judged.model != self._model:
            raise _CellRefused("model", f"{judged.model!r}, where rows before have {self._model!r}.")


def _judged(row: int, values: Sequence[str]) -> Judged:
    said, _, _, of_stratum, pairs, weight, odds, model = values
    judgement = {**WORDS, **MISREAD}.get(said.casefold()) if said else None
    if said and judgement is None:
        mend = f"Write {', '.join(WORDS)}, or nothing for a pair that is not judged yet."
        raise _CellRefused("judgement", f"{said[:40]!r} is no judgement.", mend)
    try:
        stratum = parse_stratum(of_stratum)
    except ValueError as error:
        raise _CellRefused("stratum", f"{of_stratum[:40]!r} is no range of probabilities.") from error
    if not (pairs.isascii() and pairs.isdigit() and len(pairs) < 20 and 1 <= int(pairs) <= _MOST_PAIRS):
        raise _CellRefused("stratum_pairs", f"{pairs[:40]!r} is no number of pairs.")
    if not 0 < len(model) <= _MOST_MODEL:
        raise _CellRefused("model", f"{model[:40]!r} is no model's version.")
    judged = Judged(
        row, judgement, stratum, int(pairs), _mbits("weight_bits", weight), _mbits("odds_bits", odds), model
    )
    if not stratum.holds(judged.odds_mbits):
        raise _CellRefused("odds_bits", f"{odds} is a probability outside {stratum}.")
    return judged


def _mbits(column: str, value: str) -> int:
    if not (value.isascii() and _BITS.fullmatch(value)):
        raise _CellRefused(column, f"{value[:40]!r} is no number of bits.")
    return round(float(value) * 1000)


def _refused(path: Path, row: int, column: str, what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, where=f"{path}, row {row}, column {column}", mend=mend)

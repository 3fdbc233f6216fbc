"""Fellegi-Sunter scoring of a pair: weights in integers of milli-bits, and the posterior probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from matching.levels.comparing import level_of
from matching.model import SHIPPED, FieldName, Model, adjusted_u, weight_mbits
from matching.normalising import NormalRecord

_MOST_MBITS = 1_000_000  # 2 ** 1000 is still a float


@dataclass(frozen=True, slots=True)
class Record:
    """A list or reference record with its comparable form."""

    id: str
    source_record: str
    raw: Mapping[str, Any]
    normal: NormalRecord


class Frequencies(Protocol):
    """How common a value is."""

    @property
    def records(self) -> int: ...

    def others(self, name: FieldName, value: str, /) -> int:
        """Records that bear the value besides the pair's own."""
        ...


@dataclass(frozen=True, slots=True)
class FieldScore:
    field: FieldName
    level: str
    m: float
    u: float
    weight_mbits: int
    others: int | None  # records besides the pair that bear the value, where u was adjusted by frequency


@dataclass(frozen=True, slots=True)
class Score:
    fields: tuple[FieldScore, ...]
    weight_mbits: int


def score(
    left: NormalRecord,
    right: NormalRecord,
    fields: Sequence[FieldName],
    frequencies: Frequencies | None = None,
    model: Model = SHIPPED,
) -> Score:
    """Fields that either side lacks weigh nothing."""
    scored = []
    for name in fields:
        level = level_of(name, left, right)
        if level is not None:
            borne = _borne(name, left, right)
            others = frequencies.others(name, borne) if frequencies is not None else None
            records = frequencies.records if frequencies is not None else 0
            scored.append(field_score(model, name, level, others, records))
    return Score(tuple(scored), sum(entry.weight_mbits for entry in scored))


def field_score(model: Model, name: FieldName, level: str, others: int | None, records: int) -> FieldScore:
    """`others` of `records` records bear the value that the two share; None: that is not known."""
    of_level = model.fields[name][level]
    if others is None or not of_level.by_frequency:
        return FieldScore(name, level, of_level.m, of_level.u, of_level.weight_mbits, None)
    u = adjusted_u(of_level, others, records)
    return FieldScore(name, level, of_level.m, u, weight_mbits(of_level.m, u), others)


def _borne(name: FieldName, left: NormalRecord, right: NormalRecord) -> str:
    """The value by which frequency is looked up; names that agree in reading may differ in their least rotation."""
    if name == "name":
        return min(record.name.ring for record in (left, right) if record.name)
    return (left.phone or "") if name == "phone" else ""


def posterior(prior_mbits: int, weight: int) -> float:
    """The probability of a match, from log odds in milli-bits."""
    odds_mbits = max(-_MOST_MBITS, min(_MOST_MBITS, prior_mbits + weight))
    return float(1 / (1 + 2.0 ** (-odds_mbits / 1000)))

"""Weights of many pairs at once, in whole milli-bits: sums of them are the same on one machine or many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.levels.kernel import MOST_LEVELS, NOT_COMPARABLE, Bar, Levels
from matching.model import FIELDS, FieldName, Model, adjusted_u, weight_mbits

Counts = NDArray[np.int64]
Weights = NDArray[np.int64]  # milli-bits
_COUNT_BITS = 32
BY_FREQUENCY: tuple[FieldName, ...] = ("name", "phone")


@dataclass(frozen=True, slots=True)
class Others:
    """Per pair or record, how many references besides a pair's own bear the record's name and telephone number."""

    name: Counts
    phone: Counts


class Weigher:
    """A model made ready for pairs: a table of weights for each field."""

    def __init__(self, model: Model, references: int) -> None:
        self._model, self._references = model, references
        self._tables = {name: self._table(name) for name in FIELDS}
        self._adjusted: dict[tuple[FieldName, int, int], int] = {}

    def weigh(self, levels: Levels, others: Others) -> Weights:
        total = np.zeros(len(levels), dtype=np.int64)
        for at, name in enumerate(FIELDS):
            total += self._tables[name][levels[:, at]]
        for name, counts in (("name", others.name), ("phone", others.phone)):
            self._adjust(total, name, levels[:, FIELDS.index(name)], counts)
        return total

    def bar(self, others: Others, least: int) -> Bar:
        """Of pairs of records whose values so many others bear; records of the same counts share a table."""
        counts, of_record = np.unique(others.name << _COUNT_BITS | others.phone, return_inverse=True)
        tables = np.zeros((len(counts), len(FIELDS), MOST_LEVELS + 1), dtype=np.int32)
        tables[:, :, :MOST_LEVELS] = [self._tables[name][:MOST_LEVELS] for name in FIELDS]
        borne: dict[FieldName, Counts] = {"name": counts >> _COUNT_BITS, "phone": counts & (1 << _COUNT_BITS) - 1}
        for name, of_tables in borne.items():
            for at, level in enumerate(self._model.fields[name].values()):
                if level.by_frequency:
                    tables[:, FIELDS.index(name), at] = [self._weight(name, at, int(it)) for it in of_tables]
        return Bar(tables, of_record, least)

    def _table(self, name: FieldName) -> Weights:
        table = np.zeros(NOT_COMPARABLE + 1, dtype=np.int64)
        for at, level in enumerate(self._model.fields[name].values()):
            table[at] = 0 if level.by_frequency else level.weight_mbits
        return table

    def _adjust(self, total: Weights, name: FieldName, levels: NDArray[np.uint8], counts: Counts) -> None:
        """Add the weights of levels that depend on how many others bear the value."""
        for at, level in enumerate(self._model.fields[name].values()):
            reached = np.flatnonzero(levels == at) if level.by_frequency else ()
            if len(reached):
                found, which = np.unique(counts[reached], return_inverse=True)
                total[reached] += np.array([self._weight(name, at, int(it)) for it in found], dtype=np.int64)[which]

    def _weight(self, name: FieldName, at: int, others: int) -> int:
        key = (name, at, others)
        if key not in self._adjusted:
            level = tuple(self._model.fields[name].values())[at]
            self._adjusted[key] = weight_mbits(level.m, adjusted_u(level, others, self._references))
        return self._adjusted[key]
